import { Resolver as NodeResolver } from 'node:dns'
import { checkOptions } from '@greenlit/core/engine'
import { addressError } from '../errors/make.ts'
import type { gaierror } from '../errors/os-error.ts'
import { type Answer, type CacheOptions, CachingResolver, type ResolvedAddress } from './resolver.ts'

/** How `DnsResolver` asks. */
export interface DnsResolverOptions extends CacheOptions {
  /** The servers to ask, as '127.0.0.1' or '127.0.0.1:5353'. Default: the system's. */
  servers?: readonly string[]
  /** How long one attempt may take, in milliseconds. Default: c-ares's, some seconds. */
  timeout?: number
  /** How often to ask. Default 4. */
  tries?: number
}

/**
 * Asks DNS servers itself, without the thread pool: answers are kept as long as their records say, and a question that nobody
 * waits for any more is called off. /etc/hosts does not count, but 'localhost' is known.
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

  protected query(host: string, family: 0 | 4 | 6, answer: Answer): () => void {
    if (host === 'localhost' || host.endsWith('.localhost')) {
      answer(null, loopback(family))
      return () => {}
    }
    // One resolver a question: `cancel` calls off everything that a resolver was asked.
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
      if (error !== null) failure ??= questionError(error)
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

/** What a question failed with, also where Node names it as the failure of a connection: nobody has tried the host yet. */
function questionError(error: NodeJS.ErrnoException): gaierror {
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
