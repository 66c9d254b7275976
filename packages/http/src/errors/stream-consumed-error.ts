import { alsoKnownAs, branded } from '@greenlit/core/engine'
import { detailed, type RequestErrorOptions } from './error-details.ts'

/**
 * The body of this response was already read as a stream (requests: StreamConsumedError). Both a `RequestException` and a
 * `TypeError`, as in requests.
 *
 * @example
 * const page = yield* get(url, { stream: true })
 * yield* each(page.iterContent(1024), (chunk) => console.log(chunk.length))
 * page.iterContent(1024) // throws: the body has been read
 */
export class StreamConsumedError extends /* @__PURE__ */ alsoKnownAs(
  /* @__PURE__ */ branded('http.StreamConsumedError', /* @__PURE__ */ detailed(TypeError)),
  'http.RequestException',
) {
  /** A stable name to tell errors apart by. */
  override readonly code: string = 'STREAM_CONSUMED'

  /**
   * @param message what went wrong
   * @param options `cause`, `request`, `response`
   */
  constructor(message = 'The body of this response was already read', options?: RequestErrorOptions) {
    super(message, options)
  }
}
