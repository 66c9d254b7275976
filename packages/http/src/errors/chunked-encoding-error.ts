import { brand } from './brand.ts'
import { RequestException } from './request-exception.ts'

/**
 * The body ended before its length or last chunk said so, or its chunks are malformed (requests:
 * ChunkedEncodingError).
 */
export class ChunkedEncodingError extends RequestException {
  static {
    brand(ChunkedEncodingError, 'ChunkedEncodingError')
  }
  override readonly code: string = 'CHUNKED_ENCODING'
}
