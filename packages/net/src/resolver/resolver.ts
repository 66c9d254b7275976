import type { Coroutine, Operation } from '@greenlit/core'
import { Blocking, checkOptions, wrongType, wrongValue } from '@greenlit/core/engine'
import { addressError, fromNode } from '../errors/make.ts'
import { gaierror } from '../errors/os-error.ts'

/** One address of a name. */
export interface ResolvedAddress {
  /** The numeric address. */
  readonly address: string
  /** 4 or 6. */
  readonly family: 4 | 6
}

/** Turns names into addresses for every call of this package. Install one with `setResolver`. */
export interface Resolver {
  /**
   * Resolves a name.
   *
   * @param host the name
   * @param family 4, 6, or 0 for both
   * @returns at least one address, in the order in which to try them; may be a coroutine
   * @throws {gaierror} if the name has no address
   */
  resolve(
    host: string,
    family: 0 | 4 | 6,
  ): Operation<readonly ResolvedAddress[]> | Coroutine<readonly ResolvedAddress[]>
}

/** Options of a resolver's cache. */
export interface CacheOptions {
  /** How long to keep an answer that has no TTL of its own, in milliseconds from 0 up. Default 10 000. */
  ttl?: number | undefined
  /** How long to keep a failure, in milliseconds from 0 up. Default 1 000. */
  negativeTtl?: number | undefined
  /** The maximum number of cached answers, from 1 up; the oldest are dropped first. Default 1 000. */
  maxSize?: number | undefined
}

/** Callback of a query, called with either an error or addresses, and optionally their TTL in milliseconds. */
export type AnswerCallback = (error: unknown, addresses?: readonly ResolvedAddress[], ttl?: number) => void

interface Entry {
  readonly addresses: readonly ResolvedAddress[] | null
  readonly error: unknown
  readonly expires: number
}

/** A query in flight and the operations that wait for its answer. */
class Query {
  readonly waiters = new Set<Resolve>()
  cancel: () => void = () => {}
}

/**
 * A resolver with a cache. Concurrent queries for the same name and family are sent once; a query is cancelled, if possible, once no
 * greenlet waits for it.
 *
 * @example
 * function* forget(resolver: CachingResolver) {
 *   resolver.clear() // the next call asks again
 * }
 */
export abstract class CachingResolver implements Resolver {
  private readonly ttl: number
  private readonly negativeTtl: number
  private readonly maxSize: number
  private readonly entries = new Map<string, Entry>()
  private readonly queries = new Map<string, Query>()

  constructor(options?: CacheOptions) {
    const given = checkOptions(options)
    this.ttl = checkNumber(given.ttl ?? 10_000, 'ttl', 0)
    this.negativeTtl = checkNumber(given.negativeTtl ?? 1_000, 'negativeTtl', 0)
    this.maxSize = checkNumber(given.maxSize ?? 1_000, 'maxSize', 1)
  }

  /** Starts a query whose answer is called once; returns a function that cancels it. */
  protected abstract query(host: string, family: 0 | 4 | 6, answer: AnswerCallback): () => void

  resolve(host: string, family: 0 | 4 | 6): Operation<readonly ResolvedAddress[]> {
    return new Resolve(this, host, family)
  }

  /** Drops a name, or all names, from the cache. */
  clear(host?: string): void {
    if (host === undefined) this.entries.clear()
    else for (const family of [0, 4, 6]) this.entries.delete(`${family}/${host}`)
  }

  /** @internal */
  cached(key: string): Entry | undefined {
    const entry = this.entries.get(key)
    if (entry !== undefined && entry.expires > Date.now()) return entry
    this.entries.delete(key)
    return undefined
  }

  /** @internal */
  ask(key: string, waiter: Resolve): void {
    const asked = this.queries.get(key)
    if (asked !== undefined) {
      asked.waiters.add(waiter)
      return
    }
    const query = new Query()
    query.waiters.add(waiter)
    this.queries.set(key, query)
    const answered: AnswerCallback = (error, addresses = [], ttl) => {
      // A cancelled query is reported as a failure too, which says nothing about the name and must not be cached.
      if (query.waiters.size === 0 && addresses.length === 0) return
      if (this.queries.get(key) === query) this.queries.delete(key)
      const entry = this.keep(key, error, addresses, ttl)
      for (const each of query.waiters) each.answered(entry)
    }
    try {
      query.cancel = this.query(waiter.host, waiter.family, (...answer) => queueMicrotask(() => answered(...answer)))
    } catch (error) {
      this.queries.delete(key)
      throw error
    }
  }

  /** @internal */
  abandon(key: string, waiter: Resolve): void {
    const query = this.queries.get(key)
    if (query === undefined || !query.waiters.delete(waiter) || query.waiters.size > 0) return
    this.queries.delete(key)
    query.cancel()
  }

  private keep(key: string, error: unknown, addresses: readonly ResolvedAddress[], ttl = this.ttl): Entry {
    const failed = error !== null && error !== undefined
    const failure = failed ? fromNode(error) : addresses.length === 0 ? addressError('ENOTFOUND') : null
    const lifetime = failure === null ? ttl : this.negativeTtl
    const entry = { addresses: failure === null ? addresses : null, error: failure, expires: Date.now() + lifetime }
    if (lifetime > 0) {
      if (this.entries.size >= this.maxSize) this.entries.delete(this.entries.keys().next().value!)
      this.entries.set(key, entry)
    }
    return entry
  }
}

class Resolve extends Blocking<readonly ResolvedAddress[]> {
  readonly host: string
  readonly family: 0 | 4 | 6
  private readonly resolver: CachingResolver
  private readonly key: string

  constructor(resolver: CachingResolver, host: string, family: 0 | 4 | 6) {
    super()
    this.resolver = resolver
    this.host = host
    this.family = family
    this.key = `${family}/${host}`
  }

  override get isExternal(): boolean {
    return true
  }

  start(): boolean {
    const entry = this.resolver.cached(this.key)
    if (entry === undefined) {
      this.resolver.ask(this.key, this)
      return false
    }
    if (entry.addresses === null) throw copyOf(entry.error)
    this.outcome = entry.addresses
    return true
  }

  answered(entry: Entry): void {
    if (entry.addresses === null) this.fail(copyOf(entry.error))
    else this.wake(entry.addresses)
  }

  cancel(): void {
    this.resolver.abandon(this.key, this)
  }

  describe(): string {
    return `getaddrinfo(${this.host})`
  }
}

/** Copies a cached failure, as each caller's lines are added to the stack of the error that it gets. */
function copyOf(error: unknown): unknown {
  if (!(error instanceof gaierror) || error.errno === undefined) return error
  return new gaierror(error.code, error.errno, error.strerror, { cause: error.cause })
}

function checkNumber(value: unknown, name: string, least: number): number {
  if (typeof value === 'number' && value >= least) return value
  throw (typeof value === 'number' ? wrongValue : wrongType)(name, `a number from ${least} up`, value)
}
