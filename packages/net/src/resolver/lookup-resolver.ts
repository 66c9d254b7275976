import { lookup } from 'node:dns'
import { type Answer, CachingResolver, type ResolvedAddress } from './resolver.ts'

/**
 * Asks the operating system (getaddrinfo), so that /etc/hosts and the like count: the default. The system's question cannot be
 * called off, but whoever waits for it can leave.
 *
 * @example
 * setResolver(new LookupResolver({ ttl: 60_000 }))
 */
export class LookupResolver extends CachingResolver {
  protected query(host: string, family: 0 | 4 | 6, answer: Answer): () => void {
    lookup(host, { all: true, family, verbatim: true }, (error, addresses) => {
      answer(error, addresses as readonly ResolvedAddress[] | undefined)
    })
    return () => {}
  }
}
