import { branded } from '@greenlit/core/engine'
import { causeOf, type FailedRequest, type FailedResponse, type RequestErrorOptions } from './error-details.ts'

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
  request: FailedRequest | undefined
  /** The response whose body is gone. */
  response: FailedResponse | undefined

  /**
   * @param message what went wrong, in words
   * @param options `cause`, `request`, `response`
   */
  constructor(message = 'The body of this response was already read', options: RequestErrorOptions = {}) {
    super(message, causeOf(options))
    this.request = options.request
    this.response = options.response
  }
}
