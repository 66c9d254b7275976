import { show } from '@greenlit/core/engine'
import { isPromiseLike } from '../is-promise-like.ts'

/**
 * Returns the entries of an object, of pairs or of headers.
 *
 * @throws {TypeError} for any other value
 */
export function pairsOf<Value>(
  headers: Iterable<readonly [string, Value]> | Readonly<Record<string, Value>>,
): Iterable<readonly [string, Value]> {
  if (typeof headers !== 'object' || headers === null || isPromiseLike(headers)) {
    throw new TypeError(`Expected \`headers\` to be an object, pairs or headers, got ${show(headers)}`)
  }
  return Symbol.iterator in headers ? checked(headers) : Object.entries(headers)
}

function* checked<Value>(
  headers: Iterable<readonly [string, Value]>,
): Generator<readonly [string, Value], undefined, undefined> {
  for (const pair of headers) {
    if (!Array.isArray(pair) || pair.length !== 2) {
      // The text may contain credentials, so it is not shown.
      const shown = typeof pair === 'string' ? 'a string' : show(pair)
      throw new TypeError(`Expected \`headers\` to hold pairs of a name and a value, got ${shown}`)
    }
    yield pair
  }
}
