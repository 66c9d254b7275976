import { decodeUtf8 } from '../url/percent.ts'

/** The words beside a status may be in UTF-8 (RFC 9112 section 4 knows bytes only); `reason` has them byte by byte. */
export function readable(reason: string): string {
  return /[\x80-\xff]/.test(reason) ? (decodeUtf8(Buffer.from(reason, 'latin1')) ?? reason) : reason
}
