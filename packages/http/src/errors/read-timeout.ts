import { branded } from '@greenlit/core/engine'
import { RequestTimeout } from './request-timeout.ts'

/**
 * The server sent nothing for the time allowed, or the whole request took too long (requests: ReadTimeout).
 *
 * @example
 * const page = yield* attempt(get(url, { timeout: { read: 10_000, total: 30_000 } }))
 * if (!page.ok && page.error instanceof ReadTimeout) console.log(page.error.message)
 */
export class ReadTimeout extends /* @__PURE__ */ branded('http.ReadTimeout', RequestTimeout) {
  override readonly code: string = 'READ_TIMEOUT'
}
