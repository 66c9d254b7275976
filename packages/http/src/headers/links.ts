import { checkString } from '../check-argument.ts'
import { trimWhitespace } from './trim-whitespace.ts'

/** A link of a `Link` header: its `url` as written there, and its parameters. */
export interface Link {
  readonly url: string
  readonly [parameter: string]: string
}

const PARAMETER = /[;\s]*([^=;,\s"]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"?|'([^';,]*)'|([^;,\s]*)))?/y

/**
 * Parses a `Link` header into its links, in order (RFC 8288 section 3; requests: parse_header_links).
 *
 * @example
 * parseHeaderLinks('<http://example.com/?page=2>; rel="next"') // [{ url: 'http://example.com/?page=2', rel: 'next' }]
 */
export function parseHeaderLinks(header: string): Link[] {
  checkString(header, 'header')
  const links: Link[] = []
  let position = 0
  for (;;) {
    const open = header.indexOf('<', position)
    const close = open < 0 ? -1 : header.indexOf('>', open)
    if (close < 0) return links
    const params: Record<string, string> = Object.create(null)
    PARAMETER.lastIndex = close + 1
    position = close + 1
    for (let found = PARAMETER.exec(header); found !== null; found = PARAMETER.exec(header)) {
      const key = found[1]!.toLowerCase()
      // The first `rel` counts (RFC 8288 section 3.3).
      if (!(key in params)) params[key] = found[2]?.replace(/\\(.)/gs, '$1') ?? found[3] ?? found[4] ?? ''
      position = PARAMETER.lastIndex
    }
    // Last, so that a parameter called `url` cannot replace the address.
    links.push({ ...params, url: trimWhitespace(header.slice(open + 1, close)) })
  }
}

/**
 * The links of a `Link` header by relation, or by URL if they have none (requests: Response.links). A link with several relations
 * is listed under each of them and under all of them together.
 */
export function parseLinks(header: string | undefined): Record<string, Link> {
  if (header === undefined) return {}
  const links = new Map<string, Link>()
  for (const link of parseHeaderLinks(header)) {
    const relation = link.rel || link.url
    for (const key of new Set([relation, ...(link.rel ?? '').split(/\s+/).filter(Boolean)])) links.set(key, link)
  }
  // A relation may be called `__proto__`; assigning it to an object would set the prototype.
  return Object.fromEntries(links)
}
