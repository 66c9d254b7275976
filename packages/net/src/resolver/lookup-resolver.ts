import { lookup } from 'node:dns'
import { type AnswerCallback, CachingResolver, type ResolvedAddress } from './resolver.ts'

/**
 * The default resolver, which asks the operating system (getaddrinfo) and so respects /etc/hosts and the like. The system call cannot
 * be cancelled, but a greenlet that waits for it can be killed.
 *
 * @example
 * setResolver(new LookupResolver({ ttl: 60_000 }))
 */
export class LookupResolver extends CachingResolver {
  protected query(host: string, family: 0 | 4 | 6, answer: AnswerCallback): () => void {
    lookup(host, { all: true, family, verbatim: true }, (error, addresses) => {
      answer(error, addresses as readonly ResolvedAddress[] | undefined)
    })
    return () => {}
  }
}
