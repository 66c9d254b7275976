let last: { readonly headers: readonly string[]; readonly asks: boolean } = { headers: [], asks: false }

/**
 * Whether the headers of a request ask for the connection to be closed after the response (RFC 9112 section 9.6).
 *
 * @param headers alternating names and values. The last answer is cached, as most requests pass the same array as the one before
 */
export function asksToClose(headers: readonly string[]): boolean {
  if (headers !== last.headers) last = { headers, asks: findClose(headers) }
  return last.asks
}

function findClose(headers: readonly string[]): boolean {
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index]!.toLowerCase() === 'connection' && /\bclose\b/i.test(headers[index + 1]!)) return true
  }
  return false
}
