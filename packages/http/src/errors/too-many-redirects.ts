import { brand } from './brand.ts'
import { RequestException } from './request-exception.ts'

/**
 * More redirects than allowed; `response` is the last one, its `history` those before (requests: TooManyRedirects).
 */
export class TooManyRedirects extends RequestException {
  static {
    brand(TooManyRedirects, 'TooManyRedirects')
  }
  override readonly code: string = 'TOO_MANY_REDIRECTS'
}
