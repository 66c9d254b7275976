import { brand } from './brand.ts'
import { RequestException } from './request-exception.ts'

/** The body could not be decompressed: damaged, cut off, or in too many layers (requests: ContentDecodingError). */
export class ContentDecodingError extends RequestException {
  static {
    brand(ContentDecodingError, 'ContentDecodingError')
  }
  override readonly code: string = 'CONTENT_DECODING'
}
