import { brand } from './brand.ts'
import { RequestException } from './request-exception.ts'

/** The body or the headers are larger than allowed, as sent or once decompressed; ours. */
export class ResponseTooLarge extends RequestException {
  static {
    brand(ResponseTooLarge, 'ResponseTooLarge')
  }
  override readonly code: string = 'RESPONSE_TOO_LARGE'
}
