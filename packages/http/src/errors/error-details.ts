/** The request that an error is about, as far as an error handler needs it. */
export interface FailedRequest {
  readonly method: string
  /** Where it went, without user name and password. */
  readonly url: string | URL
}

/** The response that an error is about, as far as an error handler needs it. */
export interface FailedResponse {
  readonly statusCode: number
  readonly reason: string
  readonly url: string | URL
  readonly history: readonly FailedResponse[]
}

/** What goes with an error of this package. */
export interface RequestErrorOptions extends ErrorOptions {
  /** The request that failed. */
  request?: FailedRequest | undefined
  /** The response that was refused, if one came. */
  response?: FailedResponse | undefined
}

/** `ErrorOptions` without a `cause` that is there but undefined: it would show in every printed error. */
export function causeOf(options: RequestErrorOptions): ErrorOptions {
  return options.cause === undefined ? {} : { cause: options.cause }
}

/** Puts on an error what it is about, out of sight of whoever prints it: that holds logins and cookies, and leads to most of the session. */
export function putDetails(error: Error, { request, response }: RequestErrorOptions): void {
  const hidden = { writable: true, configurable: true, enumerable: false }
  Object.defineProperties(error, { request: { ...hidden, value: request }, response: { ...hidden, value: response } })
}

/** What of an error is safe to log. */
export interface LoggedError {
  readonly name: string
  readonly code: string
  readonly message: string
}
