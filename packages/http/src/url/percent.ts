/** Characters that mean the same when escaped (RFC 3986 section 2.3). */
const UNRESERVED = /^[A-Za-z0-9\-._~]$/
/** Matches escapes, and characters that must be escaped in a path or query (RFC 3986 section 3.4). */
const TO_ESCAPE = /%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%]+|%/g
/** Matches text without escapes and with nothing to escape. */
const QUOTED = /^[A-Za-z0-9\-._~!$&'()*+,;=:@/?]*$/
/** Like `TO_ESCAPE`, but leaves the delimiters of a whole reference alone. */
const TO_ESCAPE_IN_REFERENCE = /%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~!$&'()*+,;=:@/?#[\]%]+|%/g

/**
 * Escapes what must be escaped in a path or query, and normalises existing escapes: unnecessary ones are decoded, the others become
 * upper case (RFC 3986 section 6.2.2; requests: requote_uri). Idempotent.
 */
export function requote(text: string): string {
  if (QUOTED.test(text)) return text
  return text.replace(TO_ESCAPE, normalise)
}

/** Does what `requote` does for a whole URL or relative reference. */
export function requoteReference(text: string): string {
  return text.replace(TO_ESCAPE_IN_REFERENCE, normalise)
}

/** Escapes every byte that is not unreserved. */
export function percentEncode(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) {
    const character = String.fromCharCode(byte)
    text += UNRESERVED.test(character) ? character : escapeOf(byte)
  }
  return text
}

/** Decodes escapes. If the bytes are not valid UTF-8, they are decoded as Latin-1. */
export function percentDecode(text: string): string {
  const pieces = text.split(/%([0-9A-Fa-f]{2})/)
  const bytes = Buffer.concat(pieces.map((piece, index) => Buffer.from(piece, index % 2 === 1 ? 'hex' : 'utf8')))
  return decodeUtf8(bytes) ?? bytes.toString('latin1')
}

/** Decodes bytes as UTF-8. Returns `undefined` if they are invalid. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function normalise(found: string): string {
  if (found.length === 3 && found.startsWith('%')) {
    const character = String.fromCharCode(Number.parseInt(found.slice(1), 16))
    return UNRESERVED.test(character) ? character : found.toUpperCase()
  }
  // Converted to bytes and back, since `encodeURIComponent` throws on a lone surrogate: this replaces it by U+FFFD.
  return encodeURIComponent(Buffer.from(found).toString())
}

function escapeOf(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
}
