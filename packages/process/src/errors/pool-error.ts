import { branded } from '@greenlit/core/engine'
import { ProcessError } from './process-error.ts'

/**
 * The result of a function in a pool cannot be sent back (Python: multiprocessing.pool.MaybeEncodingError).
 *
 * @example
 * const result = yield* attempt(pool.apply(target, ['a']))
 * if (!result.ok && result.error instanceof MaybeEncodingError) console.log('its result cannot be sent')
 */
export class MaybeEncodingError extends /* @__PURE__ */ branded('MaybeEncodingError', ProcessError) {
  override readonly code: string = 'MAYBE_ENCODING'
  /** The error that says why it cannot be sent, as text. */
  readonly exc: string
  /** What cannot be sent, as text. */
  readonly value: string

  constructor(message: string, exc: string, value: string, options?: ErrorOptions) {
    super(message, options)
    this.exc = exc
    this.value = value
  }
}

/**
 * The stack of an error in the process that it comes from; becomes the error's `cause` if it has none (Python: RemoteTraceback).
 *
 * @example
 * const result = yield* attempt(pool.apply(target, ['a']))
 * if (!result.ok && result.error.cause instanceof RemoteTraceback) console.log(result.error.cause.stack)
 */
export class RemoteTraceback extends /* @__PURE__ */ branded('RemoteTraceback') {
  readonly code: string = 'REMOTE_TRACEBACK'

  /** The stack, as text. */
  get tb(): string {
    return this.message
  }
}
