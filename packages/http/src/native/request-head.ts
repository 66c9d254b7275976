import { checkHeader } from '../headers/check-header.ts'
import { TOKEN } from '../headers/token.ts'

/** The encoded headers of a request, and what they imply. */
export interface HeaderBlock {
  readonly headers: readonly string[]
  /** The text from the HTTP version in the request line to the end of the head. */
  readonly text: string
  /** Whether the connection is to be closed after the response. */
  readonly closes: boolean
  /** Whether the body is sent with chunked transfer coding. */
  readonly isChunked: boolean
}

const TARGET = /^[\x21-\xff]+$/

/**
 * Encodes the headers of a request, in the given order and case.
 *
 * @param headers alternating names and values
 * @throws {InvalidHeader} for a header that would break the request
 */
export function headerBlockOf(headers: readonly string[]): HeaderBlock {
  let text = ' HTTP/1.1\r\n'
  let closes: boolean | undefined
  let isChunked = false
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index]!
    const value = headers[index + 1]!
    checkHeader(name, value)
    text += `${name}: ${value}\r\n`
    const lower = name.toLowerCase()
    if (lower === 'connection') closes = /\bclose\b/i.test(value)
    else if (lower === 'transfer-encoding') isChunked = /\bchunked\b/i.test(value)
  }
  // As Node's client does: some proxies and old servers close the connection unless asked not to.
  if (closes === undefined) text += 'Connection: keep-alive\r\n'
  return { headers, text: `${text}\r\n`, closes: closes ?? false, isChunked }
}

/**
 * The request line up to the HTTP version.
 *
 * @throws {TypeError} for a method or target that would break the request
 */
export function requestLine(method: string, target: string): string {
  if (!TOKEN.test(method)) {
    throw new TypeError(`Expected \`method\` to be an HTTP method, got ${JSON.stringify(method)}`)
  }
  if (!TARGET.test(target)) {
    throw new TypeError(
      `Expected the target of a request to have no space or control character, got ${JSON.stringify(target)}`,
    )
  }
  return `${method} ${target}`
}
