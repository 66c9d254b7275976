import { checkString } from '../check-argument.ts'
import { CaseInsensitiveDict, type HeadersInit } from '../headers/case-insensitive-dict.ts'
import { charsetOf, parseContentType } from '../headers/content-type.ts'

/** The part of a headers object that is needed to determine the encoding. */
export interface ContentTypeHeaders {
  get(name: string): string | null | undefined
}

/**
 * Returns the encoding that requests takes from headers (requests: utils.get_encoding_from_headers): the charset, or else ISO-8859-1
 * for any kind of text and UTF-8 for JSON. `Response.encoding` does not guess ISO-8859-1, which is almost never right; this function
 * is for programs that rely on it.
 *
 * @param headers an object with a `get` method, such as `Response.headers`, or headers by name
 * @example
 * page.encoding = getEncodingFromHeaders(page.headers) // the same as in requests
 */
export function getEncodingFromHeaders(headers: ContentTypeHeaders | HeadersInit): string | undefined {
  const all = hasGet(headers) ? headers : new CaseInsensitiveDict(headers)
  const header = all.get('content-type') ?? undefined
  if (header === undefined) return undefined
  const { type } = parseContentType(header)
  const charset = charsetOf(header)
  if (charset !== undefined) return charset
  if (type.includes('text')) return 'ISO-8859-1'
  return type.includes('application/json') ? 'utf-8' : undefined
}

function hasGet(headers: ContentTypeHeaders | HeadersInit | undefined): headers is ContentTypeHeaders {
  return typeof (headers as Partial<ContentTypeHeaders> | undefined)?.get === 'function'
}

/**
 * Returns all encodings that a page declares, as written: those of `<meta charset>`, `<meta content>` and an XML declaration, in this
 * order (requests: utils.get_encodings_from_content).
 *
 * @example
 * getEncodingsFromContent('<meta charset="gbk">') // ['gbk']
 */
export function getEncodingsFromContent(content: string): string[] {
  checkString(content, 'content')
  const found = [
    // The repetitions are bounded, so that no page takes quadratic time.
    ...content.matchAll(/<meta[^<>]{0,500}?charset=["']{0,2}([^<>]{0,100}?)["'>]/gi),
    ...content.matchAll(/<meta[^<>]{0,500}?content=["']{0,2};?charset=([^<>]{0,100}?)["'>]/gi),
    ...content.matchAll(/^<\?xml[^<>]{0,500}?encoding=["']{0,2}([^<>]{0,100}?)["'>]/g),
  ]
  return found.map((match) => match[1]!)
}
