import { branded } from '@greenlit/core/engine'
import { RequestException } from './request-exception.ts'

/**
 * The body must be sent again for a redirect or a retry, but its source has been read and cannot be rewound (requests:
 * UnrewindableBodyError).
 *
 * @example
 * const page = yield* attempt(post(url, { data: createReadStream('a.bin') }))
 * if (!page.ok && page.error instanceof UnrewindableBodyError) console.log('redirected: send it anew')
 */
export class UnrewindableBodyError extends /* @__PURE__ */ branded('http.UnrewindableBodyError', RequestException) {
  override readonly code: string = 'UNREWINDABLE_BODY'
}
