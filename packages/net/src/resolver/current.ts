import { show } from '@greenlit/core/engine'
import { LookupResolver } from './lookup-resolver.ts'
import type { Resolver } from './resolver.ts'

let current: Resolver = new LookupResolver()

/** The resolver that every call of this package uses; at first a `LookupResolver`. */
export function getResolver(): Resolver {
  return current
}

/**
 * Replaces the resolver for every later call.
 *
 * @param resolver anything with `resolve(host, family)`
 * @returns the previous one
 * @throws {TypeError} if it cannot resolve
 */
export function setResolver(resolver: Resolver): Resolver {
  if (typeof (resolver as Partial<Resolver> | undefined)?.resolve !== 'function') {
    throw new TypeError(`Expected \`resolver\` to be an object with a \`resolve\` method, got ${show(resolver)}`)
  }
  const previous = current
  current = resolver
  return previous
}
