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
