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
 * The body of this response was already read as a stream (requests: StreamConsumedError). It is a `RequestException` and a
 * `TypeError`, as in requests.
 */
export class StreamConsumedError extends /* @__PURE__ */ branded('http.StreamConsumedError', TypeError, [
  'http.RequestException',
]) {
  /** A stable name to tell errors apart by. */
  readonly code: string = 'STREAM_CONSUMED'
  /** The request that failed, if it was made. */
  declare request: FailedRequest | undefined
  /** The response whose body is gone. */
  declare response: FailedResponse | undefined

  /**
   * @param message what went wrong, in words
   * @param options `cause`, `request`, `response`
   */
  constructor(message = 'The body of this response was already read', options: RequestErrorOptions = {}) {
    super(message, causeOf(options))
    putDetails(this, options)
  }

  /** What is safe to log: name, code and message. */
  toJSON(): LoggedError {
    const { name, code, message } = this
    return { name, code, message }
  }
}
