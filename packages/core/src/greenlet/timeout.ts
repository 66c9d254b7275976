import { runCallback } from '../engine/callback.ts'
import { checkDuration, checkOptions, type TimeLimit } from '../engine/check.ts'
import { DISPOSE } from '../engine/disposal.ts'
import { Done } from '../engine/done.ts'
import type { Execution } from '../engine/execution.ts'
import { interrupt, interruptMain } from '../engine/interrupt.ts'
import { loop } from '../engine/loop.ts'
import { runtime } from '../engine/runtime.ts'
import { DEAD, FAILS, READY } from '../engine/states.ts'
import type { Operation } from '../engine/suspension.ts'
import { TimerNode } from '../engine/timers.ts'
import { branded } from '../errors/branded.ts'
import { ControlError } from '../errors/control-error.ts'
import { errorOf } from './raw-greenlet.ts'

/**
 * What a `Timeout` raises: `undefined` stands for itself, an error or error class is raised instead, `false` ends its block
 * quietly, and a string is appended to its message.
 */
export type TimeoutException = Error | (new () => Error) | string | false | undefined

class TimeoutTimer extends TimerNode {
  private readonly execution: Execution
  private readonly timeout: Timeout
  private readonly depth: number

  constructor(timeout: Timeout, execution: Execution) {
    super()
    this.timeout = timeout
    this.execution = execution
    this.depth = execution._extras?.shields ?? 0
    this.ref = timeout.ref
  }

  fire(): void {
    const { execution, timeout } = this
    const isOver = () => timeout.expiration !== this
    const raise = () => {
      // A timeout that outlives the wait of plain code in which it was started is raised in the next such wait.
      const isForMain = execution === runtime.main || (execution._isMain && execution._state === DEAD)
      if (isForMain && !isOver()) interruptMain(timeout.raised)
      else interrupt(execution, timeout.raised, this.depth, FAILS, isOver)
    }
    // A greenlet that was already woken runs first: that may end the work the timeout was for.
    if (execution._state === READY) runCallback(raise)
    else raise()
  }
}

/**
 * Raises itself in the greenlet that started it, unless cancelled in time (gevent: Timeout). It is a `ControlError`, which
 * `attempt` lets through. `withTimeout` is the block form.
 *
 * @example
 * const timeout = Timeout.startNew(50)
 * try {
 *   yield* queue.get()
 * } catch (error) {
 *   if (error !== timeout) throw error
 *   console.log('nothing came')
 * } finally {
 *   timeout.close() // or declare it with `using`
 * }
 */
export class Timeout extends /* @__PURE__ */ branded('Timeout', ControlError) {
  override readonly code: string = 'TIMEOUT'
  /** How long it waits, in milliseconds; `undefined` means forever. */
  readonly milliseconds: number | undefined
  /** What it raises, as passed to the constructor. */
  readonly exception: TimeoutException
  /** Whether it keeps the program alive. */
  readonly ref: boolean
  private readonly replacement: Error | undefined
  /** @internal The timer; it stays until the timeout is closed, even after it has fired. */
  expiration: TimeoutTimer | undefined = undefined

  /**
   * @param milliseconds how long; `undefined` never fires, 0 or less fires at the hub's next turn
   * @param exception what to raise instead of itself; `false`: only `withTimeout` swallows it; a string is appended to its
   *   message
   * @param options `ref`: whether it keeps the program alive, default true
   * @throws {TypeError} if an argument is none of these
   */
  constructor(milliseconds?: number, exception?: TimeoutException, options: { ref?: boolean | undefined } = {}) {
    super()
    this.milliseconds = checkMilliseconds(milliseconds)
    this.exception = exception ?? undefined
    this.replacement = replacementError(this.exception)
    this.ref = checkOptions(options).ref ?? true
    this.message = describe(this.milliseconds, this.exception)
    this.stack = `Timeout: ${this.message}`
  }

  /**
   * Creates a timeout of this class and starts it. If `timeout` is a `Timeout`, that one is started, unless it is running, and
   * returned.
   *
   * @param timeout milliseconds, or a `Timeout`
   * @param exception as for the constructor; ignored with a `Timeout`
   */
  static startNew<T extends Timeout>(
    this: new (
      milliseconds?: number,
      exception?: TimeoutException,
    ) => T,
    timeout?: number | T,
    exception?: TimeoutException,
  ): T {
    const started = timeout instanceof Timeout ? timeout : new this(timeout, exception)
    if (!started.pending) started.start()
    return started
  }

  /**
   * Starts the countdown, for the current greenlet.
   *
   * @throws {Error} if it is already running
   */
  start(): void {
    if (this.pending) throw new Error('Expected a timeout not already started')
    // Without the lines of where it struck before.
    this.stack = `Timeout: ${this.message}`
    if (this.milliseconds === undefined) return
    loop.addTimer((this.expiration = new TimeoutTimer(this, runtime.current ?? runtime.main!)), this.milliseconds)
  }

  /** Whether the countdown is running: started, not fired, not cancelled. */
  get pending(): boolean {
    return !!this.expiration?.bucket
  }

  /** Stops the countdown, at once, as `cancel` does; it can be started again. The operation returned is already complete. */
  close(): Operation<undefined> {
    if (this.pending) loop.timers.cancel(this.expiration!)
    this.expiration = undefined
    return new Done()
  }

  /** Stops the countdown; it can be started again. */
  cancel(): void {
    this.close()
  }

  /** At the end of a `using` block: stops the countdown. */
  [DISPOSE](): void {
    this.close()
  }

  /** @internal What is thrown when the time is up. */
  get raised(): unknown {
    return this.replacement ?? this
  }
}

/** The error that is raised in place of a `Timeout`, if any. Throws `TypeError` for anything that is not an error. */
function replacementError(exception: TimeoutException): Error | undefined {
  return exception === undefined || exception === false || typeof exception === 'string'
    ? undefined
    : errorOf(exception, 'exception')
}

/** The error of a call whose `timeout` has expired: a `Timeout` object raises itself, whatever else the call throws. */
export function timeoutError(timeout: TimeLimit, late?: Error): unknown {
  return typeof timeout === 'object' ? timeout.raised : (late ?? new Timeout(timeout))
}

/** Throws what a `Timeout` object raises instead of itself, for calls that do not fail when their own time is up. */
export function raiseReplacement(timeout: TimeLimit): void {
  if (typeof timeout === 'object' && timeout.raised !== timeout) throw timeout.raised
}

function checkMilliseconds(milliseconds: unknown): number | undefined {
  if (milliseconds === undefined || milliseconds === null || milliseconds === Infinity) return undefined
  return checkDuration(milliseconds, 'milliseconds')
}

function describe(milliseconds: number | undefined, exception: TimeoutException): string {
  if (milliseconds === undefined) return 'never'
  const length = `${milliseconds} ms`
  if (exception === undefined) return length
  if (exception === false) return `${length} (silent)`
  return `${length}: ${typeof exception === 'function' ? exception.name : exception}`
}
