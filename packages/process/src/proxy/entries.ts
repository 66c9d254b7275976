import { checkIterable, show } from '@greenlit/core/engine'
import { BaseProxy } from './base-proxy.ts'

/** What a managed dict is made from: pairs of keys and values, or the properties of an object. */
export type Entries<K, V> = ReadonlyMap<K, V> | Iterable<readonly [K, V]> | Record<string, V>

/** Returns the pairs of `entries`. Throws {TypeError} if it has none. */
export function checkEntries<K, V>(entries: Entries<K, V>): [K, V][] {
  if (typeof entries !== 'object' || entries === null || entries instanceof BaseProxy)
    throw new TypeError(`Expected \`entries\` to be pairs of keys and values, or an object, got ${show(entries)}`)
  if (!(Symbol.iterator in entries)) return Object.entries(entries) as [K, V][]
  return checkIterable(entries as Iterable<readonly [K, V]>, 'entries').map((pair) => {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new TypeError(`Expected \`entries\` to be pairs of keys and values, got ${show(pair)} among them`)
    return [pair[0], pair[1]]
  })
}
