import { show } from '@greenlit/core/engine'
import { prepareUrl } from '../url/prepare-url.ts'
import { unescapeMarkup } from './markup.ts'

/** A link of a page. */
export interface PageLink {
  /** Where it leads, absolute, without fragment. */
  readonly url: string
  /** The element that holds it, in lower case. */
  readonly tag: string
  /** The words of its `rel`, in lower case. */
  readonly rel: readonly string[]
}

/** Elements that lead to pages, and the attribute that says where. */
const LEADING: Readonly<Record<string, string>> = { a: 'href', area: 'href', iframe: 'src', frame: 'src' }
/** Elements whose content is no markup. */
const RAW = new Set(['script', 'style', 'textarea', 'title', 'noembed', 'xmp'])
const NAME = /[a-zA-Z][^\s/>]*/y
const ATTRIBUTE = /[\s/]*([^\s/>=][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"'][^\s>]*)?))?/y

/**
 * The links of an HTML page to other pages: of `a`, `area`, `frame` and `iframe`, each URL once, in the order of the page. It is
 * read as browsers do where that matters: comments, scripts and quoted `>` do not count, `base` does, and no markup is too broken.
 *
 * @param html the page
 * @param base the URL that it came from
 * @returns links of http and https only
 * @example
 * extractLinks('<a href="../b#top">b</a>', 'https://example.org/x/a')[0].url // 'https://example.org/b'
 */
export function extractLinks(html: string, base: string | URL): PageLink[] {
  if (typeof html !== 'string') throw new TypeError(`Expected \`html\` to be a string, got ${show(html)}`)
  const links = new Map<string, PageLink>()
  let from = new URL(base)
  let hasBase = false
  for (const { tag, attributes } of startTags(html)) {
    if (tag === 'base') {
      const href = attributes.get('href')
      if (hasBase || href === undefined) continue
      hasBase = true
      if (URL.canParse(href.trim(), from)) from = new URL(href.trim(), from)
      continue
    }
    const target = attributes.get(LEADING[tag]!)
    const url = target === undefined ? undefined : resolve(target, from)
    if (url === undefined || links.has(url)) continue
    const rel = (attributes.get('rel') ?? '').toLowerCase().split(/\s+/).filter(Boolean)
    links.set(url, { url, tag, rel })
  }
  return [...links.values()]
}

/** The elements that matter, one by one, with their attributes. */
function* startTags(html: string): Generator<{ tag: string; attributes: ReadonlyMap<string, string> }> {
  let at = 0
  while ((at = html.indexOf('<', at)) >= 0) {
    if (html.startsWith('<!--', at)) {
      const end = html.indexOf('-->', at + 2)
      if (end < 0) return
      at = end + 3
      continue
    }
    NAME.lastIndex = at + 1
    const name = NAME.exec(html)?.[0].toLowerCase()
    if (name === undefined) {
      at += 1
      continue
    }
    at += 1 + name.length
    const isWanted = name === 'base' || Object.hasOwn(LEADING, name)
    const { attributes, end } = readAttributes(html, at, isWanted)
    at = end
    if (isWanted) yield { tag: name, attributes }
    if (RAW.has(name)) at = endOfRaw(html, at, name)
  }
}

function readAttributes(
  html: string,
  from: number,
  isWanted: boolean,
): { attributes: Map<string, string>; end: number } {
  const attributes = new Map<string, string>()
  ATTRIBUTE.lastIndex = from
  let end = from
  for (let found = ATTRIBUTE.exec(html); found !== null; found = ATTRIBUTE.exec(html)) {
    end = ATTRIBUTE.lastIndex
    if (!isWanted) continue
    const name = found[1]!.toLowerCase()
    if (!attributes.has(name)) attributes.set(name, unescapeMarkup(found[2] ?? found[3] ?? found[4] ?? ''))
  }
  return { attributes, end }
}

/** Where an element whose content is no markup ends. */
function endOfRaw(html: string, from: number, name: string): number {
  const end = new RegExp(`</${name}[\\s/>]`, 'gi')
  end.lastIndex = from
  return end.exec(html)?.index ?? html.length
}

function resolve(target: string, base: URL): string | undefined {
  // Line ends and tabs within a URL are left out, as browsers do.
  const text = target.trim().replace(/[\t\r\n]/g, '')
  if (/^[a-z][a-z0-9+.-]*:/i.test(text) && !/^https?:/i.test(text)) return undefined
  try {
    const { url } = prepareUrl(new URL(text, base))
    url.hash = ''
    return url.href
  } catch {
    return undefined
  }
}
