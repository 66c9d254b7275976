import { branded } from '@greenlit/core/engine'
import { RequestException } from './request-exception.ts'

/**
 * The body could not be decompressed: damaged, cut off, or in too many layers (requests: ContentDecodingError).
 *
 * @example
 * const page = yield* attempt(get(url))
 * if (!page.ok && page.error instanceof ContentDecodingError) yield* get(url, { headers: { 'Accept-Encoding': 'identity' } })
 */
export class ContentDecodingError extends /* @__PURE__ */ branded('http.ContentDecodingError', RequestException) {
  override readonly code: string = 'CONTENT_DECODING'
}
