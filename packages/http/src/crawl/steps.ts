import { type Coroutine, sleep } from '@greenlit/core'

/** How many steps are taken until others have their turn: each of them is short. */
export const STEPS_A_TURN = 1000

/** What work in steps comes to, done at once. */
export function atOnce<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

/** What work in steps comes to, done while others run: a stranger decides how much of it there is. */
export function* inTurns<T>(steps: Generator<unknown, T>): Coroutine<T> {
  for (let count = 1; ; count += 1) {
    const step = steps.next()
    if (step.done) return step.value
    if (count % STEPS_A_TURN === 0) yield* sleep(0)
  }
}
