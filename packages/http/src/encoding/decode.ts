import { checkBytes } from '../check-argument.ts'
import { Big5Decoder } from './big5.ts'
import { codecName } from './codec-name.ts'
import { KoreanDecoder } from './korean.ts'
import { decodeSingleByte, singleByteTable } from './single-byte.ts'
import { Utf32Decoder } from './utf-32.ts'

/** Decodes text that arrives in chunks, like TextDecoder. */
export interface IncrementalDecoder {
  /** @param options `stream`: more chunks will follow, so an incomplete character at the end is kept for the next call */
  decode(bytes?: Uint8Array, options?: { readonly stream?: boolean | undefined }): string
}

/**
 * Decodes bytes to text. A byte order mark is removed; invalid bytes become U+FFFD.
 *
 * @param encoding a name used by Python or the web; an unknown one is taken for UTF-8 (requests: Response.text)
 * @example
 * decode(Uint8Array.of(0xc4, 0xe3), 'gb2312') // '你'
 */
export function decode(bytes: Uint8Array, encoding: string): string {
  checkBytes(bytes)
  return incrementalDecoder(encoding).decode(bytes)
}

/**
 * Returns a decoder for text that arrives in chunks; see `decode`.
 *
 * @example
 * const decoder = incrementalDecoder('gbk')
 * decoder.decode(Uint8Array.of(0xc4), { stream: true }) // ''
 * decoder.decode(Uint8Array.of(0xe3)) // '你'
 */
export function incrementalDecoder(encoding: string): IncrementalDecoder {
  const name = codecName(encoding) ?? 'utf-8'
  const table = singleByteTable(name)
  if (table !== undefined) return { decode: (bytes = EMPTY) => decodeSingleByte(bytes, table) }
  if (name.startsWith('utf-32')) return new Utf32Decoder(name)
  if (name === 'big5') return new Big5Decoder()
  if (name === 'euc-kr') return new KoreanDecoder()
  if (name === 'utf-16') return new Utf16Decoder()
  // GB 18030 is a superset of GBK (WHATWG Encoding 10.1.1), and the GBK decoder of older runtimes lacks the euro sign.
  return new TextDecoder(name === 'gbk' ? 'gb18030' : name)
}

const EMPTY = new Uint8Array(0)

/** Decodes UTF-16 in the byte order of its mark; without one, little-endian as on the web, and in Python on most machines. */
class Utf16Decoder implements IncrementalDecoder {
  private head: Uint8Array = EMPTY
  private decoder: TextDecoder | undefined = undefined

  decode(bytes: Uint8Array = EMPTY, { stream = false }: { readonly stream?: boolean | undefined } = {}): string {
    if (this.decoder !== undefined) return this.decoder.decode(bytes, { stream })
    this.head = this.head.length === 0 ? bytes : Buffer.concat([this.head, bytes])
    if (this.head.length < 2 && stream) return ''
    this.decoder = new TextDecoder(this.head[0] === 0xfe && this.head[1] === 0xff ? 'utf-16be' : 'utf-16le')
    return this.decoder.decode(this.head, { stream })
  }
}
