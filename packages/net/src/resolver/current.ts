import type { Coroutine } from '@greenlit/core'
import { show } from '@greenlit/core/engine'
import { addressError } from '../errors/make.ts'
import { LookupResolver } from './lookup-resolver.ts'
import type { ResolvedAddress, Resolver } from './resolver.ts'

let current: Resolver = new LookupResolver()

/**
 * The resolver that every call of this package uses; at first a `LookupResolver`.
 *
 * @example
 * const addresses = yield* getResolver().resolve('localhost', 4)
 */
export function getResolver(): Resolver {
  return current
}

/**
 * Replaces the resolver for every later call.
 *
 * @param resolver anything with `resolve(host, family)`
 * @returns the previous one
 * @throws {TypeError} if it cannot resolve
 * @example
 * const before = setResolver(new LookupResolver({ ttl: 60_000 }))
 */
export function setResolver(resolver: Resolver): Resolver {
  if (typeof (resolver as Partial<Resolver> | undefined)?.resolve !== 'function') {
    throw new TypeError(`Expected \`resolver\` to be an object with a \`resolve\` method, got ${show(resolver)}`)
  }
  const previous = current
  current = resolver
  return previous
}

/** The addresses of a name, one at least; a resolver of a user's may find none and not say so. */
export function* resolveName(
  host: string,
  family: 0 | 4 | 6,
): Coroutine<readonly [ResolvedAddress, ...ResolvedAddress[]]> {
  // The system would read the name up to there, and find another host than the one that was looked at before.
  if (host.includes('\0')) throw new TypeError(`Expected the host to have no null character, got ${show(host)}`)
  const [first, ...others] = yield* current.resolve(host, family)
  if (first === undefined) throw addressError('EAI_NONAME')
  return [first, ...others]
}
