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
 * What every error of a request has in common (requests: RequestException). Each kind is a subclass with a stable `code`; the
 * error underneath, as of DNS, is its `cause`. No message holds a user name or password of a URL.
 *
 * @example
 * const page = yield* attempt(get(url))
 * if (!page.ok && page.error instanceof RequestException) console.log(page.error.code, page.error.message)
 */
export class RequestException extends /* @__PURE__ */ branded('http.RequestException') {
  /** A stable name to tell errors apart by. */
  readonly code: string = 'REQUEST'
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
