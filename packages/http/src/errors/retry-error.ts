import { branded } from '@greenlit/core/engine'
import { RequestException } from './request-exception.ts'

/**
 * The server kept answering with a status to retry on, and the retries are used up (requests: RetryError). In a crawl also: the leases
 * of a URL kept expiring, since the crawler died or took too long.
 *
 * @example
 * const page = yield* attempt(get(url, { retries: new Retry({ total: 3, statusForcelist: [503] }) }))
 * if (!page.ok && page.error instanceof RetryError) console.log(page.error.message)
 */
export class RetryError extends /* @__PURE__ */ branded('http.RetryError', RequestException) {
  override readonly code: string = 'RETRY'
}
