import { InvalidHeader } from '../errors/invalid-header.ts'
import { TOKEN } from './token.ts'

/** Latin-1 without line breaks, NUL or other control characters but tab (RFC 9110 section 5.5). */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/**
 * Rejects a header that would break the request or smuggle another header into it.
 *
 * @throws {InvalidHeader} naming the header but not its value, which may be secret
 */
export function checkHeader(name: unknown, value: unknown): void {
  if (typeof name !== 'string' || !TOKEN.test(name)) {
    throw new InvalidHeader(
      `Expected a header name made of letters, digits and signs, got ${JSON.stringify(String(name))}`,
    )
  }
  if (typeof value !== 'string') {
    throw new InvalidHeader(`Expected the header \`${name}\` to be a string, got ${kindOf(value)}`)
  }
  if (/^\s/.test(value)) throw new InvalidHeader(`The header \`${name}\` starts with white space`)
  if (/[\r\n]/.test(value)) throw new InvalidHeader(`The header \`${name}\` contains a line break`)
  if (!VALUE.test(value)) {
    throw new InvalidHeader(`The header \`${name}\` contains a control character, or one outside of Latin-1`)
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`
}
