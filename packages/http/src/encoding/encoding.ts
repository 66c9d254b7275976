import { checkBytes } from '../check-given.ts'
import { codecName } from './codec-name.ts'
import { encodingFromContentType, encodingFromMark, encodingFromMarkup } from './declared.ts'
import { detectEncoding } from './detect/detect.ts'

export { encodingFromContentType } from './declared.ts'
export { decode, type IncrementalDecoder, incrementalDecoder } from './decode.ts'

/**
 * What the bytes themselves say they are encoded in: a byte order mark, what their markup declares, or else what they look like
 * (requests: Response.apparent_encoding, which only looks).
 *
 * @returns a name as TextDecoder has it, in lower case; `'utf-8'` where nothing speaks against it
 * @example
 * apparentEncoding(Buffer.from('<meta charset=gbk>')) // 'gbk'
 */
export function apparentEncoding(bytes: Uint8Array): string {
  checkBytes(bytes)
  return encodingFromMark(bytes) ?? encodingFromMarkup(bytes) ?? detectEncoding(bytes)
}

/**
 * What a browser takes the bytes to be encoded in: a byte order mark, the Content-Type header, what their markup declares, or
 * else what they look like (WHATWG HTML 13.2.3.2).
 *
 * @param contentType the header's value
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
