import { branded } from '@greenlit/core/engine'
import {
  causeOf,
  type FailedRequest,
  type FailedResponse,
  type LoggedError,
  putDetails,
  type RequestErrorOptions,
} from './error-details.ts'

/**
 * What a URL or a header that cannot be requested fails with: one of its subclasses, each at once a `RequestException` and a
 * `RangeError`, as requests' are a `ValueError`. The language allows one parent, so the first is a brand.
 */
export class RequestValueError extends /* @__PURE__ */ branded('http.RequestValueError', RangeError, [
  'http.RequestException',
]) {
  /** A stable name to tell errors apart by. */
  readonly code: string = 'REQUEST_VALUE'
  /** The request that failed, if it was made. */
  declare request: FailedRequest | undefined
  /** The response that was refused, if one came. */
  declare response: FailedResponse | undefined

  /**
   * @param message what went wrong, in words
   * @param options `cause`, `request`, `response`
   */
  constructor(message?: string, options: RequestErrorOptions = {}) {
    super(message, causeOf(options))
    putDetails(this, options)
  }

  /** What is safe to log: name, code and message. */
  toJSON(): LoggedError {
    const { name, code, message } = this
    return { name, code, message }
  }
}
