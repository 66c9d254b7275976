import { unescapeHtml } from './character-references.ts'

/** Elements whose content is no markup. */
const RAW = new Set(['script', 'style', 'textarea', 'title', 'noembed', 'xmp'])
/** As nearly all end tags are. */
const END_TAG = /\/[a-zA-Z][^\s/>]*>/y
const NAME = /\/?[a-zA-Z][^\s/>]*/y
const ATTRIBUTE = /[\s/]*([^\s/>][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"'][^\s>]*)?))?/y

/** After how many places where a tag may begin, or attributes, another step begins. */
const STEP = 32
/** A longer value is no URL that anyone asks for, and no word. To undo its references could take seconds. */
const LONGEST_VALUE = 64 * 1024
/** More attributes of one tag mean nothing either. */
const MOST_ATTRIBUTES = 1000

/** A start tag, and where its content begins. */
interface StartTag {
  readonly tag: string
  readonly attributes: ReadonlyMap<string, string>
  readonly content: number
}

/**
 * The start tags of a page, one by one, with their attributes, as browsers see them: comments, scripts and quoted `>` do not count.
 *
 * @param isWanted whether a tag, in lower case, is given
 */
export function* startTags(html: string, isWanted: (tag: string) => boolean): Generator<StartTag> {
  for (const tag of startTagsInSteps(html, isWanted)) if (tag !== undefined) yield tag
}

/** The same, with `undefined` where it took as long as for a tag to find none. */
export function* startTagsInSteps(html: string, isWanted: (tag: string) => boolean): Generator<StartTag | undefined> {
  let at = 0
  let titlesEnd = true
  for (let count = 1; (at = html.indexOf('<', at)) >= 0; count += 1) {
    if (count % STEP === 0) yield undefined
    if (!isMarkup(html.charCodeAt(at + 1))) {
      at += 1
      continue
    }
    if (html.startsWith('<!--', at)) {
      at = endOfComment(html, at)
      continue
    }
    END_TAG.lastIndex = at + 1
    if (END_TAG.test(html)) {
      at = END_TAG.lastIndex
      continue
    }
    NAME.lastIndex = at + 1
    const name = NAME.exec(html)?.[0].toLowerCase()
    if (name === undefined) {
      at = endOfBogusComment(html, at)
      continue
    }
    at += 1 + name.length
    // An end tag may have attributes too, with anything in them.
    const wanted = isWanted(name)
    const attributes = new Map<string, string>()
    ATTRIBUTE.lastIndex = at
    for (let found = ATTRIBUTE.exec(html); found !== null; found = ATTRIBUTE.exec(html)) {
      at = ATTRIBUTE.lastIndex
      if (wanted && attributes.size < MOST_ATTRIBUTES) note(attributes, found)
      count += 1
      if (count % STEP !== 0) continue
      yield undefined
      // Another page may be read in between.
      ATTRIBUTE.lastIndex = at
    }
    if (wanted) yield { tag: name, attributes, content: html.indexOf('>', at) + 1 || html.length }
    if (!RAW.has(name) || (name === 'title' && !titlesEnd)) continue
    const endOfContent = endOfRaw(html, at, name)
    // Half a title is no page: where none ends, what follows is taken for what it looks like.
    if (name === 'title' && endOfContent === html.length) titlesEnd = false
    else at = endOfContent
  }
}

/** Whether `<` is more than text with this behind it: a letter, `/`, `!` or `?`. */
function isMarkup(code: number): boolean {
  const letter = code | 0x20
  return (letter >= 0x61 && letter <= 0x7a) || code === 0x2f || code === 0x21 || code === 0x3f
}

/** Notes an attribute; of several with a name the first counts. */
function note(attributes: Map<string, string>, found: RegExpExecArray): void {
  const name = found[1]!.toLowerCase()
  const value = found[2] ?? found[3] ?? found[4] ?? ''
  if (value.length > LONGEST_VALUE || attributes.has(name)) return
  attributes.set(name, unescapeHtml(value, 'attribute'))
}

/** Where a comment ends; `<!-->` is one, and `--!>` ends one too. */
function endOfComment(html: string, from: number): number {
  const end = /--!?>/g
  end.lastIndex = from + 2
  return end.exec(html) === null ? html.length : end.lastIndex
}

/** Where ends what is no tag but hides all up to the next `>`, as a comment does: `<?php`, `<!x`, `</ `. */
function endOfBogusComment(html: string, from: number): number {
  const end = html.indexOf('>', from)
  return end < 0 ? html.length : end + 1
}

/** Where an element whose content is no markup ends. */
function endOfRaw(html: string, from: number, name: string): number {
  const end = new RegExp(`</${name}[\\s/>]`, 'gi')
  end.lastIndex = from
  return end.exec(html)?.index ?? html.length
}
