/** The headers of a request or response that failed; names match in any case. */
interface FailedHeaders extends Iterable<[name: string, value: string | string[]]> {
  get(name: string): string | undefined
  getAll(name: string): string[]
  has(name: string): boolean
}

/** The request that an error is about, as far as an error handler needs it: a `PreparedRequest`. */
export interface FailedRequest {
  readonly method: string
  /** The URL requested, without user name and password. */
  readonly url: string
  readonly headers: FailedHeaders
  readonly body: Uint8Array | undefined
}

/** The response that an error is about, as far as an error handler needs it: a `Response`. */
export interface FailedResponse {
  readonly statusCode: number
  readonly reason: string
  readonly ok: boolean
  readonly url: string
  readonly history: readonly FailedResponse[]
  readonly headers: FailedHeaders
  readonly elapsed: number
  readonly request: FailedRequest
  /** These throw a `StreamConsumedError` if the body was not read as a whole. */
  readonly content: Uint8Array
  readonly text: string
  json<T = unknown>(): T
}

/** Options of the errors of this package. */
export interface RequestErrorOptions extends ErrorOptions {
  /** The request that failed. */
  request?: Pick<FailedRequest, 'method' | 'url'> | undefined
  /** The response that caused the error, if one was received. */
  response?: Pick<FailedResponse, 'statusCode' | 'reason' | 'url' | 'history'> | undefined
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
