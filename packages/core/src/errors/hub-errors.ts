import { branded } from './branded.ts'

/**
 * Thrown when the plain program waits and nothing is left that could wake it. The message lists every parked greenlet: its name,
 * what it waits on and where it was spawned (gevent: LoopExit).
 *
 * @example
 * await new Event().wait() // throws: nobody is left to set it
 */
export class LoopExit extends /* @__PURE__ */ branded('LoopExit') {
  /** A stable name for telling errors apart. */
  readonly code: string = 'LOOP_EXIT'
}

/**
 * Thrown by a blocking call where nothing can wait: in a callback of the hub, or in plain code (gevent: BlockingSwitchOutError).
 *
 * @example
 * worker.rawlink(function* () {
 *   yield* sleep(1) // throws: use `link`, whose functions may block
 * })
 */
export class BlockingSwitchOutError extends /* @__PURE__ */ branded('BlockingSwitchOutError') {
  /** A stable name for telling errors apart. */
  readonly code: string = 'BLOCKING_SWITCH_OUT'
}

/**
 * Thrown in a greenlet that waits for one thing and is switched to by another (gevent: InvalidSwitchError).
 *
 * @example
 * const sleeper = spawn(() => sleep(100))
 * yield* sleep(0)
 * yield* sleeper.switch() // thrown at its sleep
 */
export class InvalidSwitchError extends /* @__PURE__ */ branded('InvalidSwitchError') {
  /** A stable name for telling errors apart. */
  readonly code: string = 'INVALID_SWITCH'
}
