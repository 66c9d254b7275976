import { brand } from './brand.ts'
import { InvalidJSONError } from './invalid-json-error.ts'

/** The body is not JSON; the parser's error is the `cause` (requests: JSONDecodeError). */
export class JSONDecodeError extends InvalidJSONError {
  static {
    brand(JSONDecodeError, 'JSONDecodeError')
  }
  override readonly code: string = 'JSON_DECODE'
}
