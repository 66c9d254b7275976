const SEQUENCE = 0x30
/** The tag of the peer's certificate in a session as OpenSSL encodes it (SSL_SESSION_ASN1). */
const PEER = 0xa3

/**
 * Returns the server's certificate, as DER, from a session; `undefined` if there is none. Node itself does not give it once the
 * session is resumed.
 */
export function certificateIn(session: Buffer): Buffer | undefined {
  // Recent versions of Node put the host in front.
  let whole = session.indexOf(SEQUENCE)
  while (whole >= 0 && contentAt(session, whole)[1] !== session.length) whole = session.indexOf(SEQUENCE, whole + 1)
  if (whole < 0) return undefined
  for (let at = contentAt(session, whole)[0]; at < session.length; ) {
    const [start, end] = contentAt(session, at)
    if (session[at] === PEER) return session.subarray(start, end)
    at = end
  }
  return undefined
}

/** Returns where the content of the DER value at an offset starts and ends; the end is NaN if the value is cut off. */
function contentAt(der: Buffer, offset: number): [start: number, end: number] {
  const size = der[offset + 1] ?? Number.NaN
  if (!(size >= 0x80)) return [offset + 2, offset + 2 + size]
  const start = offset + 2 + (size & 0x7f)
  let length = 0
  for (let at = offset + 2; at < start; at += 1) length = length * 256 + (der[at] ?? Number.NaN)
  return [start, start + length]
}
