import type { Response } from '../response/response.ts'
import type { RequestOptions } from '../session/options.ts'
import type { Session } from '../session/session.ts'
import type { BatchRequest } from './batch-request.ts'

/** How many requests are made together; the options of a request hold for each that has none of its own. */
export interface BatchOptions<T = Response> extends RequestOptions {
  /** How many are under way at most, from 1. Default 50. */
  readonly size?: number | undefined
  /**
   * Is called with each request that failed and its error; what it returns, unless `undefined`, becomes the outcome's value. It may be a
   * coroutine function.
   */
  readonly exceptionHandler?: ((request: BatchRequest, error: Error) => T | undefined | unknown) | undefined
  /** What makes those requests that are not operations already. Default: each is made on its own. */
  readonly session?: Session | undefined
}
