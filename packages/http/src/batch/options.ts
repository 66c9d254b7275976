import type { Response } from '../response/response.ts'
import type { RequestOptions } from '../session/options.ts'
import type { Session } from '../session/session.ts'
import type { BatchRequest } from './batch-request.ts'

/** The options for many requests. Request options apply to each request that does not override them. */
export interface BatchOptions<T = Response> extends RequestOptions {
  /** The largest number of requests at a time, from 1. Default 50. */
  readonly size?: number | undefined
  /**
   * Called with each failed request and its error; its return value, unless `undefined`, becomes the outcome's value. It may be a
   * coroutine function.
   */
  readonly exceptionHandler?: ((request: BatchRequest, error: Error) => T | undefined | unknown) | undefined
  /** The session that makes those requests that are not operations already. Default: each is made on its own. */
  readonly session?: Session | undefined
}
