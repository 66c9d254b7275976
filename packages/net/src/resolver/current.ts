import type { Coroutine } from '@greenlit/core'
import { show } from '@greenlit/core/engine'
import { addressError } from '../errors/make.ts'
import { LookupResolver } from './lookup-resolver.ts'
import type { ResolvedAddress, Resolver } from './resolver.ts'

let current: Resolver = new LookupResolver()

/**
 * Returns the resolver that every call of this package uses; initially a `LookupResolver`.
 *
 * @example
 * const addresses = yield* getResolver().resolve('localhost', 4)
 */
export function getResolver(): Resolver {
  return current
}

/**
 * Sets the resolver for all later calls.
 *
 * @param resolver any object with a method `resolve(host, family)`
 * @returns the previous one
 * @throws {TypeError} if it has no such method
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

/** Resolves a name to at least one address. A custom resolver may return none rather than throw; that throws EAI_NONAME. */
export function* resolveName(
  host: string,
  family: 0 | 4 | 6,
): Coroutine<readonly [ResolvedAddress, ...ResolvedAddress[]]> {
  // The operating system would stop reading at the null and resolve a different host from the one that the caller checked.
  if (host.includes('\0')) throw new TypeError(`Expected the host to have no null character, got ${show(host)}`)
  const [first, ...others] = yield* current.resolve(host, family)
  if (first === undefined) throw addressError('EAI_NONAME')
  return [first, ...others]
}
