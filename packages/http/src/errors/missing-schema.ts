import { brand } from './brand.ts'
import { RequestValueError } from './request-value-error.ts'

/** A URL without `http://` or `https://` (requests: MissingSchema). Also a `RangeError`. */
export class MissingSchema extends RequestValueError {
  static {
    brand(MissingSchema, 'MissingSchema')
  }
  override readonly code: string = 'MISSING_SCHEMA'
}
