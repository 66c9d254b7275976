import { checkHeader } from '../headers/check-header.ts'
import { TOKEN } from '../headers/token.ts'

/** The headers of a request as they go out, and what they say about it. */
export interface HeaderBlock {
  readonly headers: readonly string[]
  /** From the end of the request line to the end of the head. */
  readonly text: string
  /** Whether the connection is to be closed with the response. */
  readonly closes: boolean
  /** Whether the body goes out in chunks. */
  readonly isChunked: boolean
}

const TARGET = /^[\x21-\xff]+$/

/**
 * The headers of a request, in their order and case.
 *
 * @param headers names and values in turn
 * @throws {InvalidHeader} for what would break the request
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
  // As Node's client: proxies and old servers may close where they are not asked.
  if (closes === undefined) text += 'Connection: keep-alive\r\n'
  return { headers, text: `${text}\r\n`, closes: closes ?? false, isChunked }
}

/**
 * The first words of a request.
 *
 * @throws {TypeError} for what would break the request
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
