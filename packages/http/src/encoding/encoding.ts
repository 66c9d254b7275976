import { checkBytes } from '../check-argument.ts'
import { codecName } from './codec-name.ts'
import { encodingFromContentType, encodingFromMark, encodingFromMarkup } from './declared.ts'
import { detectEncoding } from './detect/detect.ts'

export { encodingFromContentType } from './declared.ts'
export { decode, type IncrementalDecoder, incrementalDecoder } from './decode.ts'

/**
 * Determines the encoding from the bytes alone: a byte order mark, what the markup declares, or else what the bytes look like
 * (requests: Response.apparent_encoding, which considers only the last).
 *
 * @returns the name that TextDecoder uses, in lower case; `'utf-8'` if nothing suggests otherwise
 * @example
 * apparentEncoding(Buffer.from('<meta charset=gbk>')) // 'gbk'
 */
export function apparentEncoding(bytes: Uint8Array): string {
  checkBytes(bytes)
  return encodingFromMark(bytes) ?? encodingFromMarkup(bytes) ?? detectEncoding(bytes)
}

/**
 * Determines the encoding like a browser: by a byte order mark, the Content-Type header, what the markup declares, or else what the
 * bytes look like (WHATWG HTML 13.2.3.2).
 *
 * @param contentType the value of the header
 * @example
 * sniffEncoding(page.content, page.headers.get('Content-Type'))
 */
export function sniffEncoding(bytes: Uint8Array, contentType?: string | undefined): string {
  checkBytes(bytes)
  const declared = encodingFromContentType(contentType)
  return (
    encodingFromMark(bytes) ??
    (declared === undefined ? undefined : codecName(declared)) ??
    encodingFromMarkup(bytes) ??
    detectEncoding(bytes)
  )
}
