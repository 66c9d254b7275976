import { type Coroutine, sleep } from '@greenlit/core'

/** How many steps, each of which is short, run before other greenlets have their turn. */
export const STEPS_PER_TURN = 1000

/** Runs a generator to the end without a pause, and returns its result. */
export function runToEnd<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

/**
 * Runs a generator to the end, yielding to other greenlets every `STEPS_PER_TURN` steps, and returns its result. For work whose
 * amount is decided by a server.
 */
export function* runInTurns<T>(steps: Generator<unknown, T>): Coroutine<T> {
  for (let count = 1; ; count += 1) {
    const step = steps.next()
    if (step.done) return step.value
    if (count % STEPS_PER_TURN === 0) yield* sleep(0)
  }
}
