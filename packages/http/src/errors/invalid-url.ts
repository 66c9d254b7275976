import { brand } from './brand.ts'
import { RequestValueError } from './request-value-error.ts'

/** A URL that names no host that can exist (requests: InvalidURL). Also a `RangeError`. */
export class InvalidURL extends RequestValueError {
  static {
    brand(InvalidURL, 'InvalidURL')
  }
  override readonly code: string = 'INVALID_URL'
}
