import { branded } from '@greenlit/core/engine'
import { RequestException } from './request-exception.ts'

/**
 * The body ended before its declared length or its last chunk, or its chunks are malformed (requests: ChunkedEncodingError).
 *
 * @example
 * const page = yield* attempt(get(url, { retries: 2 }))
 * if (!page.ok && page.error instanceof ChunkedEncodingError) console.log('the body ended early')
 */
export class ChunkedEncodingError extends /* @__PURE__ */ branded('http.ChunkedEncodingError', RequestException) {
  override readonly code: string = 'CHUNKED_ENCODING'
}
