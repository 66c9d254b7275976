import { brand } from './brand.ts'
import { RequestException } from './request-exception.ts'

/** A request without a URL (requests: URLRequired). */
export class URLRequired extends RequestException {
  static {
    brand(URLRequired, 'URLRequired')
  }
  override readonly code: string = 'URL_REQUIRED'
}
