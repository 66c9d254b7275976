import { Call } from '../engine/call.ts'
import { checkCallable, wrongType } from '../engine/check.ts'
import { drive } from '../engine/start.ts'
import type { Operation, Suspension } from '../engine/suspension.ts'
import { isError } from '../errors/is-error.ts'
import { Greenlet } from './greenlet.ts'
import type { Outcome } from './outcome.ts'

/**
 * Runs a function alongside a greenlet and never leaves the greenlet behind: gevent's `with greenlet:`. When the function
 * returns, the greenlet is waited for; when it fails or is killed, the greenlet is killed with the same error.
 *
 * @param greenlet the greenlet; one that is not started yet must be started by `fn`, or the wait for it never ends
 * @param fn the coroutine function, called with the greenlet
 * @returns what `fn` returns
 * @throws what `fn` throws; {TypeError} at once, if `greenlet` is not a greenlet or `fn` not a function
 * @example
 * yield* withGreenlet(spawn(serve), function* () {
 *   yield* testAll()
 * })
 */
export function withGreenlet<G extends Greenlet<unknown>, R>(
  greenlet: G,
  fn: (greenlet: G) => R,
): Operation<Outcome<R>> {
  if (!(greenlet instanceof Greenlet)) {
    throw wrongType('greenlet', 'a greenlet', greenlet)
  }
  checkCallable(fn, 'fn')
  return new Call<[G, (greenlet: G) => R], Outcome<R>>(beside, [greenlet, fn])
}

function* beside<G extends Greenlet<unknown>, R>(
  greenlet: G,
  fn: (greenlet: G) => R,
): Generator<Suspension, Outcome<R>, unknown> {
  try {
    let value: Outcome<R>
    try {
      value = yield* drive<Outcome<R>>(fn(greenlet))
    } catch (error) {
      yield* greenlet.kill(isError(error) ? error : undefined)
      throw error
    }
    yield* greenlet.join()
    return value
  } finally {
    yield* greenlet.kill()
  }
}
