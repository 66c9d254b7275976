import { decodeUtf8 } from '../url/percent.ts'

/** Decodes a reason phrase given as Latin-1: some servers send UTF-8, and RFC 9112 section 4 defines only bytes. */
export function decodeReason(reason: string): string {
  return /[\x80-\xff]/.test(reason) ? (decodeUtf8(Buffer.from(reason, 'latin1')) ?? reason) : reason
}
