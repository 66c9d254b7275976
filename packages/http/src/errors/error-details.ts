/** The request that an error is about, as far as an error handler needs it. */
export interface FailedRequest {
  readonly method: string
  /** The URL requested, without user name and password. */
  readonly url: string | URL
}

/** The response that an error is about, as far as an error handler needs it. */
export interface FailedResponse {
  readonly statusCode: number
  readonly reason: string
  readonly url: string | URL
  readonly history: readonly FailedResponse[]
}

/** Options of the errors of this package. */
export interface RequestErrorOptions extends ErrorOptions {
  /** The request that failed. */
  request?: FailedRequest | undefined
  /** The response that caused the error, if one was received. */
  response?: FailedResponse | undefined
}

/** The members that every request error has. */
export interface DetailedError extends Error {
  /** A stable name to tell errors apart by. */
  readonly code: string
  /** The request that failed, if one was made. */
  request: FailedRequest | undefined
  /** The response that caused the error, if one was received. */
  response: FailedResponse | undefined
  /** Returns what is safe to log: name, code and message. */
  toJSON(): { readonly name: string; readonly code: string; readonly message: string }
}

/** Constructs an error from a message and `cause`, `request` and `response`. */
type DetailedErrorClass = new (message?: string, options?: RequestErrorOptions) => DetailedError

/** Returns a base class for request errors that are also errors of the class `parent`. */
export function detailed(parent: new (message?: string, options?: ErrorOptions) => Error): DetailedErrorClass {
  abstract class Detailed extends parent implements DetailedError {
    abstract readonly code: string
    declare request: FailedRequest | undefined
    declare response: FailedResponse | undefined

    constructor(message?: string, options: RequestErrorOptions = {}) {
      const { cause, request, response } = options
      // A `cause` that is present but undefined would show up in every printed error.
      super(message, cause === undefined ? {} : { cause })
      // Not enumerable, so that printing the error omits them: they hold logins and cookies, and refer to most of the session.
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
