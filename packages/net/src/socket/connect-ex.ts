import type { Coroutine, Operation } from '@greenlit/core'
import { errno } from '../errors/errno.ts'
import { gaierror, OSError, TimeoutError } from '../errors/os-error.ts'

/** Connects and returns the errno of a failure, or 0. */
export function* connectEx(connect: Operation<undefined>): Coroutine<number> {
  try {
    yield* connect
    return 0
  } catch (error) {
    if (!(error instanceof OSError) || error instanceof gaierror) throw error
    if (error instanceof TimeoutError && error.errno === undefined) return errno.EAGAIN
    if (error.errno === undefined) throw error
    return error.errno
  }
}
