import { brand } from './brand.ts'
import { RequestException } from './request-exception.ts'

/** A value that JSON cannot hold, as NaN (requests: InvalidJSONError). */
export class InvalidJSONError extends RequestException {
  static {
    brand(InvalidJSONError, 'InvalidJSONError')
  }
  override readonly code: string = 'INVALID_JSON'
}
