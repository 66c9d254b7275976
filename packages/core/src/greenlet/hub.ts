import { Blocking } from '../engine/blocking.ts'
import { type Callback, callInHub, runCallback } from '../engine/callback.ts'
import { checkCallable, checkDuration, checkOptions, type TimeLimit, timeoutOf, wrongValue } from '../engine/check.ts'
import { Execution } from '../engine/execution.ts'
import { interruptMain } from '../engine/interrupt.ts'
import { loop } from '../engine/loop.ts'
import { platform } from '../engine/platform.ts'
import { runtime } from '../engine/runtime.ts'
import { RUNNING } from '../engine/states.ts'
import type { Operation } from '../engine/suspension.ts'
import { FatalError } from '../errors/fatal-error.ts'
import { GreenletExit } from '../errors/greenlet-exit.ts'
import { isError } from '../errors/is-error.ts'
import { findDeadlock } from './deadlock.ts'
import { RawGreenlet } from './raw-greenlet.ts'
import { spawnSiteOf } from './spawn-site.ts'
import { cancelWatcherWait, type Watcher, waitForWatcher } from './watcher.ts'

/** Where the hub writes its reports, such as `process.stderr`. */
export interface ExceptionStream {
  write(text: string): unknown
}

/** When the hub reports a greenlet's error: always, at its end, or only if nobody has asked for its outcome by the next batch. */
export type ReportErrors = 'always' | 'unobserved'

type ErrorClass = abstract new (...args: never[]) => Error

/** The pending calls of `hub.join`. */
const joiners = new Set<Blocking<boolean>>()

class HubJoin extends Blocking<boolean> {
  private readonly timeout: TimeLimit

  constructor(timeout: TimeLimit) {
    super()
    this.timeout = timeout
  }

  start(): boolean {
    joiners.add(this)
    this.limit(this.timeout, false)
    return false
  }

  cancel(): void {
    joiners.delete(this)
  }

  override expire(): boolean {
    return false
  }

  describe(): string {
    return 'hub.join'
  }
}

/**
 * The greenlet that runs the loop and is the parent of every spawned greenlet. There is one per thread (gevent: Hub).
 *
 * @example
 * getHub().exceptionStream = undefined // silence
 */
export class Hub extends RawGreenlet {
  /** The lowest ident; those of greenlets follow (gevent: minimal_ident). */
  readonly minimalIdent: number = 0
  private stream: ExceptionStream | undefined = standardError
  private reported: ReportErrors = 'always'
  /** Errors of these classes end their greenlet without being printed. */
  NOT_ERROR: ErrorClass[] = [GreenletExit]
  /** Errors of these classes are raised in the plain program at its current wait, as is any error without a context. */
  SYSTEM_ERROR: ErrorClass[] = [FatalError]

  /** @internal There is exactly one hub per thread: use `getHub()`. */
  constructor() {
    super(undefined, runtime.main as RawGreenlet)
    this._state = RUNNING
  }

  /**
   * Where errors are written; `undefined` silences them. Default: standard error. Throws {TypeError} if set to an object without
   * a `write` method.
   */
  get exceptionStream(): ExceptionStream | undefined {
    return this.stream
  }

  set exceptionStream(stream: ExceptionStream | undefined) {
    if (stream !== undefined && stream !== null) checkCallable(stream.write, 'exceptionStream.write')
    this.stream = stream
  }

  /** When errors are reported. Default: 'always', as in gevent. Throws {RangeError} if set to any other value. */
  get reportErrors(): ReportErrors {
    return this.reported
  }

  set reportErrors(when: ReportErrors) {
    if (when !== 'always' && when !== 'unobserved') throw wrongValue('reportErrors', "'always' or 'unobserved'", when)
    this.reported = when
  }

  /** How long a batch of ready greenlets may keep timers and I/O waiting, in milliseconds. Default 5. */
  get switchInterval(): number {
    return loop.switchInterval
  }

  set switchInterval(milliseconds: number) {
    if (!(checkDuration(milliseconds, 'switchInterval') > 0))
      throw wrongValue('switchInterval', 'a number of milliseconds above 0', milliseconds)
    loop.switchInterval = milliseconds
  }

  /**
   * What a new greenlet sees of its creator's context variables: a copy (default), nothing (as in gevent), or the same context.
   */
  get inherit(): 'copy' | 'empty' | 'share' {
    return runtime.inherit
  }

  set inherit(inherit: 'copy' | 'empty' | 'share') {
    if (inherit !== 'copy' && inherit !== 'empty' && inherit !== 'share')
      throw wrongValue('inherit', "'copy', 'empty' or 'share'", inherit)
    runtime.inherit = inherit
  }

  /**
   * Waits until the hub has nothing left to do: no ready greenlet, no timer that keeps the program alive, no wait that something
   * outside the hub ends.
   *
   * @param options `timeout`: milliseconds, default no limit
   * @returns `true` once nothing is left to do; `false` on timeout
   */
  join(options: { timeout?: TimeLimit } = {}): Operation<boolean> {
    return new HubJoin(timeoutOf(options))
  }

  /**
   * Starts a watcher, waits until it calls back and stops it, also on a kill or a timeout (gevent: Hub.wait).
   *
   * @param watcher the watcher: any object with `start(callback)` and `stop()`
   * @param options `timeout`: milliseconds, default no limit
   * @throws {Timeout} on timeout; {ConcurrentObjectUseError} if a greenlet already waits for it; {TypeError} at once, if it is
   *   not a watcher
   * @example
   * let timer: NodeJS.Timeout
   * yield* getHub().wait({
   *   start: (callback) => (timer = setTimeout(callback, 10)),
   *   stop: () => clearTimeout(timer),
   * })
   */
  wait(watcher: Watcher, options: { timeout?: TimeLimit } = {}): Operation<undefined> {
    return waitForWatcher(watcher, timeoutOf(options))
  }

  /**
   * Throws an error into the greenlet that waits for a watcher, at the hub's next turn (gevent: Hub.cancel_wait). Does nothing if
   * no greenlet waits for it by then.
   *
   * @param watcher the watcher that was passed to `wait`
   * @param error an error, or an error class
   * @param options `closeWatcher`: whether the watcher's `close()` is called afterwards, default false
   * @throws {TypeError} at once, if `watcher` is not a watcher or `error` not an error
   */
  cancelWait(
    watcher: Watcher,
    error: Error | (new () => Error),
    options: { closeWatcher?: boolean | undefined } = {},
  ): void {
    cancelWatcherWait(watcher, error, checkOptions(options).closeWatcher ?? false)
  }

  /**
   * Queues a function to run in the hub, in order with the ready greenlets. It must not block.
   *
   * @returns a handle: `pending` until the function has run; `stop()` cancels it
   */
  runCallback<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): Callback {
    checkCallable(fn, 'fn')
    return runCallback(fn, ...args)
  }

  /**
   * Handles an error that nobody else handles: of a greenlet, a link or a callback. Assign a function of your own to do something
   * other than print it; it must not throw. An error of a `SYSTEM_ERROR` class, or one without a context, is raised in the plain
   * program.
   *
   * @param context what failed, usually a greenlet; `undefined` for the program itself
   * @param error the error it threw
   */
  handleError(context: unknown, error: unknown): void {
    if (context === undefined || isOneOf(error, this.SYSTEM_ERROR)) {
      interruptMain(error, () => this.print(context, error))
    } else {
      this.print(context, error)
    }
  }

  private print(context: unknown, error: unknown): void {
    const { stream } = this
    if (!stream || isOneOf(error, this.NOT_ERROR)) return
    stream.write(
      `${describeError(error)}${spawnSiteOf(context)}\n${new Date().toISOString()} ${String(context)} failed with ${isError(error) ? (error.name === 'Error' ? error.constructor : error).name : typeof error}\n\n`,
    )
  }

  override toString(): string {
    return '<Hub>'
  }
}

function isOneOf(error: unknown, classes: readonly ErrorClass[]): boolean {
  return classes.some((errorClass) => error instanceof errorClass)
}

const standardError: ExceptionStream = { write: (text) => platform?.stderr?.write(text) ?? console.error(text) }

function describeError(error: unknown, above: unknown[] = []): string {
  const text = (isError(error) && error.stack) || String(error)
  const cause = (error as { cause?: unknown } | undefined | null)?.cause
  const chain = [...above, error]
  return cause === undefined || chain.includes(cause) ? text : `${text}\ncaused by ${describeError(cause, chain)}`
}

/** The hub of this thread. */
export const hub = new Hub()
runtime.hub = hub
Execution.prototype._parent = hub

runtime.reportError = (context, error) => {
  try {
    callInHub(() => hub.handleError(context, error), [])
  } catch (failure) {
    console.error(failure, error)
  }
}

loop.onIdle = () => {
  if (joiners.size > 0) {
    for (const joiner of joiners) {
      joiners.delete(joiner)
      joiner.wake(true)
    }
  } else if (runtime.programs.size > 0) {
    findDeadlock()
  }
}

/**
 * Returns the hub of this thread (gevent: get_hub).
 *
 * @example
 * await getHub().join() // until nothing is left to do
 */
export function getHub(): Hub {
  return hub
}
