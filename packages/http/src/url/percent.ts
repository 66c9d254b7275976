/** RFC 3986 section 2.3: characters whose escapes mean the same as themselves. */
const UNRESERVED = /^[A-Za-z0-9\-._~]$/
/** Escapes, and what must not stand in a path or query as it is (section 3.4). */
const TO_ESCAPE = /%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%]+|%/g
/** Nothing in it to escape, and no escape to look at. */
const QUOTED = /^[A-Za-z0-9\-._~!$&'()*+,;=:@/?]*$/
/** The same with everything that divides a whole reference into parts left alone. */
const TO_ESCAPE_IN_REFERENCE = /%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~!$&'()*+,;=:@/?#[\]%]+|%/g

/**
 * Escapes what must be escaped in a path or query and leaves escapes alone, so that doing it twice changes nothing; needless
 * escapes are undone and the rest is in upper case (RFC 3986 section 6.2.2; requests: requote_uri).
 */
export function requote(text: string): string {
  if (QUOTED.test(text)) return text
  return text.replace(TO_ESCAPE, normalise)
}

/** As `requote`, for a whole URL or relative reference. */
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

/** Undoes escapes; bytes that are no UTF-8 are taken for Latin-1. */
export function percentDecode(text: string): string {
  if (!text.includes('%')) return text
  const pieces = text.split(/%([0-9A-Fa-f]{2})/)
  const bytes = Buffer.concat(pieces.map((piece, index) => Buffer.from(piece, index % 2 === 1 ? 'hex' : 'utf8')))
  return decodeUtf8(bytes) ?? bytes.toString('latin1')
}

/** Bytes as UTF-8; `undefined` if they are not. */
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
  if (found === '%') return '%25'
  // By way of bytes, where half a surrogate pair becomes a character that can be escaped.
  return encodeURIComponent(Buffer.from(found).toString())
}

function escapeOf(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
}
