import { unescapeHtml } from './character-references.ts'

/** Elements whose content is raw text. */
const RAW = new Set(['script', 'style', 'textarea', 'title', 'noembed', 'xmp'])
/** An end tag without attributes, as nearly all are. */
const END_TAG = /\/[a-zA-Z][^\s/>]*>/y
const NAME = /\/?[a-zA-Z][^\s/>]*/y
const ATTRIBUTE = /[\s/]*([^\s/>][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"'][^\s>]*)?))?/y

/** Elements in which tags may be empty, as `<style/>`, because their content is XML, and the end tags of those. */
const FOREIGN = /^(?:svg|math)$/
const FOREIGN_END = /<\/(?:svg|math)[\s/>]/iy

/** How many `<` and attributes are processed per step. */
const STEP = 32
/** Longer attribute values are ignored: none is a usable URL or keyword, and decoding its references could take seconds. */
const MAX_VALUE_LENGTH = 64 * 1024
/** Further attributes of a tag are ignored. */
const MAX_ATTRIBUTES = 1000

/** A start tag, and the position where its content begins. */
interface StartTag {
  readonly tag: string
  readonly attributes: ReadonlyMap<string, string>
  readonly content: number
}

/**
 * Yields the start tags of a page with their attributes, as browsers see them: comments, scripts and quoted `>` are ignored.
 *
 * @param isWanted whether to yield the tags of a name, in lower case
 * @param isXml whether the page is XHTML, where every element may be empty
 */
export function* startTags(html: string, isWanted: (tag: string) => boolean, isXml: boolean): Generator<StartTag> {
  for (const tag of startTagsInSteps(html, isWanted, isXml)) if (tag !== undefined) yield tag
}

/** Does what `startTags` does, and also yields `undefined` after each step. */
export function* startTagsInSteps(
  html: string,
  isWanted: (tag: string) => boolean,
  isXml: boolean,
): Generator<StartTag | undefined> {
  let at = 0
  let titlesEnd = true
  /** How many elements are open whose content is XML. */
  let foreign = 0
  for (let count = 1; (at = html.indexOf('<', at)) >= 0; count += 1) {
    if (count % STEP === 0) yield undefined
    if (foreign > 0 && endsForeign(html, at)) foreign -= 1
    const other = endOfOther(html, at)
    if (other > at) {
      at = other
      continue
    }
    NAME.lastIndex = at + 1
    const name = NAME.exec(html)![0].toLowerCase()
    at = NAME.lastIndex
    // A title in an image is not the page's.
    const wanted = isWanted(name) && (name !== 'title' || foreign === 0)
    const attributes = new Map<string, string>()
    ATTRIBUTE.lastIndex = at
    for (let found = ATTRIBUTE.exec(html); found !== null; found = ATTRIBUTE.exec(html)) {
      at = ATTRIBUTE.lastIndex
      if (wanted && attributes.size < MAX_ATTRIBUTES) addAttribute(attributes, found)
      count += 1
      if (count % STEP !== 0) continue
      yield undefined
      // The regular expression is shared: another page may have been parsed meanwhile.
      ATTRIBUTE.lastIndex = at
    }
    if (FOREIGN.test(name) && !isEmptyTag(html, at)) foreign += 1
    const isEmpty = (isXml || foreign > 0) && isEmptyTag(html, at)
    if (wanted) {
      yield { tag: name, attributes, content: (isEmpty ? 0 : html.indexOf('>', at) + 1) || html.length }
    }
    // Nothing ends this element: all that follows is text.
    if (name === 'plaintext') return
    if (!RAW.has(name) || isEmpty || (name === 'title' && !titlesEnd)) continue
    const endOfContent = endOfRaw(html, at, name)
    // A title that is never closed must not swallow the page: parse what follows as markup.
    if (name === 'title' && endOfContent === html.length) titlesEnd = false
    else at = endOfContent
  }
}

/** Returns where something ends that begins with `<` and is no tag with attributes, which an end tag may be too; `at` if it is one. */
function endOfOther(html: string, at: number): number {
  if (!isMarkup(html.charCodeAt(at + 1))) return at + 1
  if (html.startsWith('<!--', at)) return endOfComment(html, at)
  END_TAG.lastIndex = at + 1
  if (END_TAG.test(html)) return END_TAG.lastIndex
  NAME.lastIndex = at + 1
  return NAME.test(html) ? at : endOfBogusComment(html, at)
}

/** Whether a `<` followed by this character begins markup: a letter, `/`, `!` or `?`. */
function isMarkup(code: number): boolean {
  const letter = code | 0x20
  return (letter >= 0x61 && letter <= 0x7a) || code === 0x2f || code === 0x21 || code === 0x3f
}

/** Adds an attribute. Of several with the same name the first counts. */
function addAttribute(attributes: Map<string, string>, found: RegExpExecArray): void {
  const name = found[1]!.toLowerCase()
  const value = found[2] ?? found[3] ?? found[4] ?? ''
  if (value.length > MAX_VALUE_LENGTH || attributes.has(name)) return
  attributes.set(name, unescapeHtml(value, 'attribute'))
}

/** Returns where a comment ends. `<!-->` and `<!--->` are whole comments, and `--!>` ends one too, but `<!---!>` begins one. */
function endOfComment(html: string, from: number): number {
  const end = /--!?>/g
  end.lastIndex = from + (/^-?>/.test(html.slice(from + 4, from + 6)) ? 2 : 4)
  return end.exec(html) === null ? html.length : end.lastIndex
}

/** Returns where a bogus comment ends. It extends to the next `>`: `<?php`, `<!x`, `</ `. */
function endOfBogusComment(html: string, from: number): number {
  const end = html.indexOf('>', from)
  return end < 0 ? html.length : end + 1
}

/** Whether an end tag of an element whose content is XML begins here. */
function endsForeign(html: string, at: number): boolean {
  FOREIGN_END.lastIndex = at
  return FOREIGN_END.test(html)
}

/** Whether a tag is written as an empty element, `<style/>`. `from` is after its attributes. */
function isEmptyTag(html: string, from: number): boolean {
  const end = html.indexOf('>', from)
  return end > from && html[end - 1] === '/'
}

/** Returns where the raw text of an element ends. */
function endOfRaw(html: string, from: number, name: string): number {
  if (name === 'script') return endOfScript(html, from)
  const end = new RegExp(`</${name}[\\s/>]`, 'gi')
  end.lastIndex = from
  return end.exec(html)?.index ?? html.length
}

/** Returns where a script ends. After `<!--` it may contain whole script elements (WHATWG HTML, script data double escaped state). */
function endOfScript(html: string, from: number): number {
  const mark = /<!--|-->|<(\/?)script[\s/>]/gi
  mark.lastIndex = from
  let isComment = false
  let isNested = false
  for (let found = mark.exec(html); found !== null; found = mark.exec(html)) {
    const [text, slash] = found
    if (text === '<!--') {
      isComment = true
      // `<!-->` is a whole comment.
      mark.lastIndex -= 2
    } else if (text === '-->') {
      isComment = false
      isNested = false
    } else if (slash === '') {
      isNested = isComment
    } else if (!isNested) {
      return found.index
    } else {
      isNested = false
    }
  }
  return html.length
}
