import { brand } from './brand.ts'
import { RequestValueError } from './request-value-error.ts'

/**
 * A header name or value that cannot go on the wire; the message names the header and never shows its value
 * (requests: InvalidHeader).
 */
export class InvalidHeader extends RequestValueError {
  static {
    brand(InvalidHeader, 'InvalidHeader')
  }
  override readonly code: string = 'INVALID_HEADER'
}
