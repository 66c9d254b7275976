import { checkString } from '../check-given.ts'
import { charsetOf, parseContentType } from '../headers/content-type.ts'

/** Headers, as far as their encoding is concerned. */
export interface ContentTypeHeaders {
  get(name: string): string | null | undefined
}

/**
 * The encoding that requests takes from headers (requests: utils.get_encoding_from_headers): the charset, or else ISO-8859-1 for
 * text of any kind and UTF-8 for JSON. `Response.encoding` leaves that guess of ISO-8859-1 out, as it is nearly never right; it is
 * here for programs that relied on it.
 *
 * @param headers what has `get`, as `Response.headers`
 * @example
 * page.encoding = getEncodingFromHeaders(page.headers) // as requests has it
 */
export function getEncodingFromHeaders(headers: ContentTypeHeaders): string | undefined {
  const header = headers.get('content-type') ?? undefined
  if (header === undefined) return undefined
  const { type } = parseContentType(header)
  const charset = charsetOf(header)
  if (charset !== undefined) return charset
  if (type.includes('text')) return 'ISO-8859-1'
  return type.includes('application/json') ? 'utf-8' : undefined
}

/**
 * All encodings that a page's text declares, as they are written: of `<meta charset>`, `<meta content>` and an XML declaration, in this
 * order (requests: utils.get_encodings_from_content).
 *
 * @example
 * getEncodingsFromContent('<meta charset="gbk">') // ['gbk']
 */
export function getEncodingsFromContent(content: string): string[] {
  checkString(content, 'content')
  const found = [
    // Bounded, so that no page takes long.
    ...content.matchAll(/<meta[^<>]{0,500}?charset=["']{0,2}([^<>]{0,100}?)["'>]/gi),
    ...content.matchAll(/<meta[^<>]{0,500}?content=["']{0,2};?charset=([^<>]{0,100}?)["'>]/gi),
    ...content.matchAll(/^<\?xml[^<>]{0,500}?encoding=["']{0,2}([^<>]{0,100}?)["'>]/g),
  ]
  return found.map((match) => match[1]!)
}
