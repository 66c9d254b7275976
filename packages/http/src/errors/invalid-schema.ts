import { brand } from './brand.ts'
import { RequestValueError } from './request-value-error.ts'

/**
 * A URL of another scheme than http and https, also in a redirect (requests: InvalidSchema). Also a `RangeError`.
 */
export class InvalidSchema extends RequestValueError {
  static {
    brand(InvalidSchema, 'InvalidSchema')
  }
  override readonly code: string = 'INVALID_SCHEMA'
}
