let known: { readonly headers: readonly string[]; readonly asks: boolean } = { headers: [], asks: false }

/**
 * Whether the headers of a request say that the connection ends with its response (RFC 9112 section 9.6).
 *
 * @param headers names and values in turn; most requests have the same as the one before
 */
export function asksToClose(headers: readonly string[]): boolean {
  if (headers !== known.headers) known = { headers, asks: findClose(headers) }
  return known.asks
}

function findClose(headers: readonly string[]): boolean {
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index]!.toLowerCase() === 'connection' && /\bclose\b/i.test(headers[index + 1]!)) return true
  }
  return false
}
