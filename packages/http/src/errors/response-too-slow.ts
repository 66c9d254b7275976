import { brand } from './brand.ts'
import { ReadTimeout } from './read-timeout.ts'

/** The body came in below the rate asked for; ours, against servers that trickle. */
export class ResponseTooSlow extends ReadTimeout {
  static {
    brand(ResponseTooSlow, 'ResponseTooSlow')
  }
  override readonly code: string = 'RESPONSE_TOO_SLOW'
}
