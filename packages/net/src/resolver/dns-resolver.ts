import { Resolver as NodeResolver } from 'node:dns'
import { checkOptions } from '@greenlit/core/engine'
import { addressError } from '../errors/make.ts'
import type { gaierror } from '../errors/os-error.ts'
import { type AnswerCallback, type CacheOptions, CachingResolver, type ResolvedAddress } from './resolver.ts'

/** Options of `DnsResolver`. */
export interface DnsResolverOptions extends CacheOptions {
  /** The DNS servers, such as '127.0.0.1' or '127.0.0.1:5353'. Default: the system's. */
  servers?: readonly string[] | undefined
  /** The timeout of one attempt, in milliseconds. Default: that of c-ares, a few seconds. */
  timeout?: number | undefined
  /** The number of attempts. Default 4. */
  tries?: number | undefined
}

/**
 * A resolver that queries DNS servers directly, without using the thread pool. Answers are cached for the TTL of their records, and a
 * query is cancelled once no greenlet waits for it. /etc/hosts is ignored, but 'localhost' is known.
 *
 * @example
 * setResolver(new DnsResolver({ servers: ['127.0.0.1:5353'] }))
 */
export class DnsResolver extends CachingResolver {
  private readonly options: DnsResolverOptions

  constructor(options?: DnsResolverOptions) {
    super(options)
    this.options = checkOptions(options)
    this.makeResolver()
  }

  private makeResolver(): NodeResolver {
    const { servers, timeout = -1, tries = 4 } = this.options
    const resolver = new NodeResolver({ timeout, tries })
    if (servers !== undefined) resolver.setServers(servers)
    return resolver
  }

  protected query(host: string, family: 0 | 4 | 6, answer: AnswerCallback): () => void {
    if (host === 'localhost' || host.endsWith('.localhost')) {
      answer(null, loopback(family))
      return () => {}
    }
    // One Node resolver for each query, as `cancel` cancels everything that a resolver has in flight.
    const resolver = this.makeResolver()
    const found: ResolvedAddress[] = []
    let ttl = Infinity
    let failure: unknown = null
    const families = family === 0 ? ([4, 6] as const) : [family]
    let pending = families.length
    const collect = (
      one: 4 | 6,
      error: NodeJS.ErrnoException | null,
      records: readonly { address: string; ttl: number }[] = [],
    ) => {
      if (error !== null) failure ??= queryError(error)
      for (const record of records) {
        found.push({ address: record.address, family: one })
        ttl = Math.min(ttl, record.ttl * 1000)
      }
      pending -= 1
      if (pending > 0) return
      found.sort((a, b) => a.family - b.family)
      if (found.length > 0) answer(null, found, ttl)
      else answer(failure)
    }
    for (const one of families) {
      const ask = one === 4 ? resolver.resolve4 : resolver.resolve6
      ask.call(resolver, host, { ttl: true }, (error, records) =>
        collect(one, error, records as { address: string; ttl: number }[] | undefined),
      )
    }
    return () => resolver.cancel()
  }
}

/** Converts the error of a query. A refused query must not look like a refused connection: the host was never tried. */
function queryError(error: NodeJS.ErrnoException): gaierror {
  const { code = '' } = error
  return addressError(code === 'ECONNREFUSED' || code === 'EREFUSED' ? 'EAI_AGAIN' : code, error)
}

function loopback(family: 0 | 4 | 6): ResolvedAddress[] {
  const both: ResolvedAddress[] = [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ]
  return both.filter((each) => family === 0 || each.family === family)
}
