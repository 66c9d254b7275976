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

/** What each error of a request has. */
export interface DetailedError extends Error {
  /** A stable name to tell errors apart by. */
  readonly code: string
  /** The request that failed, if it was made. */
  request: FailedRequest | undefined
  /** The response that was refused, if one came. */
  response: FailedResponse | undefined
  /** What is safe to log: name, code and message. */
  toJSON(): { readonly name: string; readonly code: string; readonly message: string }
}

/** How one is made: of what went wrong, in words, and of `cause`, `request` and `response`. */
type DetailedErrorClass = new (message?: string, options?: RequestErrorOptions) => DetailedError

/** The class to extend for errors of a request that are errors of another class too. */
export function detailed(parent: new (message?: string, options?: ErrorOptions) => Error): DetailedErrorClass {
  abstract class Detailed extends parent implements DetailedError {
    abstract readonly code: string
    declare request: FailedRequest | undefined
    declare response: FailedResponse | undefined

    constructor(message?: string, options: RequestErrorOptions = {}) {
      const { cause, request, response } = options
      // One that is there but undefined would show in every printed error.
      super(message, cause === undefined ? {} : { cause })
      // Out of sight of whoever prints the error: they hold logins and cookies, and lead to most of the session.
      const hidden = { writable: true, configurable: true, enumerable: false }
      Object.defineProperties(this, {
        request: { ...hidden, value: request },
        response: { ...hidden, value: response },
      })
    }

    toJSON(): ReturnType<DetailedError['toJSON']> {
      const { name, code, message } = this
      return { name, code, message }
    }
  }
  return Detailed as unknown as DetailedErrorClass
}
