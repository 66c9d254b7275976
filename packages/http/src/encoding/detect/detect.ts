import { isAscii, isUtf8 } from 'node:buffer'
import { checkBytes } from '../../check-argument.ts'
import { bestEastAsian } from './east-asian.ts'
import { sampleOf } from './sample.ts'
import { bestSingleByte } from './single-byte.ts'
import { isIso2022Jp, isNearlyUtf8 } from './unicode.ts'
import { wideEncoding } from './wide.ts'

/**
 * Guesses the encoding of bytes from their content. Valid UTF-8 is UTF-8; otherwise the encoding is chosen in which the bytes are the
 * most likely text in some language.
 *
 * @returns the name that TextDecoder uses; `'utf-8'` for pure ASCII
 * @example
 * detectEncoding(Buffer.from('Grüße', 'utf8')) // 'utf-8'
 */
export function detectEncoding(bytes: Uint8Array): string {
  checkBytes(bytes)
  const wide = wideEncoding(bytes)
  if (wide !== undefined) return wide
  if (isAscii(bytes)) return isIso2022Jp(bytes) ? 'iso-2022-jp' : 'utf-8'
  if (isUtf8(bytes)) return 'utf-8'
  const sample = sampleOf(bytes)
  if (isNearlyUtf8(sample)) return 'utf-8'
  const eastAsian = bestEastAsian(sample)
  if (eastAsian.isSure) return eastAsian.encoding
  return (bestSingleByte(sample, eastAsian.score) ?? eastAsian).encoding
}
