import { InvalidHeader } from '../errors/invalid-header.ts'
import { CaseInsensitiveDict } from './case-insensitive-dict.ts'

/** Headers as a caller gives them: `undefined` or `null` takes a header of the session away. */
export type RequestHeaders =
  | CaseInsensitiveDict
  | Iterable<readonly [name: string, value: string | null | undefined]>
  | Readonly<Record<string, string | readonly string[] | null | undefined>>

/** RFC 9110 section 5.6.2: what a name may be made of. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** RFC 9110 section 5.5: no line breaks, no NUL, no other controls but the tab, and bytes only. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/**
 * Refuses a header that would break the request or smuggle another into it.
 *
 * @throws {InvalidHeader} naming the header; its value may be a secret and is not shown
 */
export function checkHeader(name: unknown, value: unknown): void {
  if (typeof name !== 'string' || !TOKEN.test(name)) {
    throw new InvalidHeader(`Expected a header name made of letters, digits and signs, got ${JSON.stringify(String(name))}`)
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

/**
 * The session's headers with the request's over them: those that both have stay in place, new ones follow, and `undefined` or
 * `null` takes one away (requests: merge_setting).
 *
 * @throws {InvalidHeader} if one cannot go on the wire
 * @example
 * mergeHeaders({ Accept: '*\/*', 'X-One': '1' }, { 'x-one': undefined, 'X-Two': '2' }).raw // [['Accept', '*\/*'], ['X-Two', '2']]
 */
export function mergeHeaders(session: RequestHeaders | undefined, request: RequestHeaders | undefined): CaseInsensitiveDict {
  const merged = new CaseInsensitiveDict()
  for (const headers of [session, request]) {
    if (headers === undefined) continue
    for (const [name, value] of pairsOf(headers)) {
      if (value === undefined || value === null) {
        merged.delete(String(name))
        continue
      }
      for (const line of Array.isArray(value) && value.length > 0 ? value : [value]) checkHeader(name, line)
      merged.set(name, value)
    }
  }
  return merged
}

function pairsOf(headers: RequestHeaders): Iterable<readonly [string, string | readonly string[] | null | undefined]> {
  if (typeof headers !== 'object' || headers === null) {
    throw new TypeError(`Expected \`headers\` to be an object, pairs or headers, got ${kindOf(headers)}`)
  }
  return Symbol.iterator in headers ? headers : Object.entries(headers)
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`
}
