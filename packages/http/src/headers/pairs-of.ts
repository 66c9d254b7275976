import { show } from '@greenlit/core/engine'

/**
 * The entries of an object, pairs or headers.
 *
 * @throws {TypeError} if it is none of these
 */
export function pairsOf<Value>(
  headers: Iterable<readonly [string, Value]> | Readonly<Record<string, Value>>,
): Iterable<readonly [string, Value]> {
  if (typeof headers !== 'object' || headers === null) {
    throw new TypeError(`Expected \`headers\` to be an object, pairs or headers, got ${show(headers)}`)
  }
  return Symbol.iterator in headers ? headers : Object.entries(headers)
}
