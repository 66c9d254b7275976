import { Blocking } from '../engine/blocking.ts'
import { type Callback, callInHub, runCallback } from '../engine/callback.ts'
import { checkCallable, checkDuration, checkOptions, type TimeLimit, timeoutOf, wrongValue } from '../engine/check.ts'
import { Execution } from '../engine/execution.ts'
import { interruptMain } from '../engine/interrupt.ts'
import { loop } from '../engine/loop.ts'
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

/** Where the hub writes what it reports; `process.stderr` is one. */
export interface ExceptionStream {
  write(text: string): unknown
}

/** When the hub reports the error of a greenlet: at its end, or only if nobody has asked for its outcome by the next batch. */
export type ReportErrors = 'always' | 'unobserved'

type ErrorClass = abstract new (...args: never[]) => Error

/** Who waits for the hub to have nothing left to do. */
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
 * The greenlet that runs the loop, and the parent of every spawned one; there is one per thread (gevent: Hub).
 *
 * @example
 * getHub().exceptionStream = undefined // silence
 */
export class Hub extends RawGreenlet {
  /** The least number of all; those of greenlets follow (gevent: minimal_ident). */
  readonly minimalIdent: number = 0
  private stream: ExceptionStream | undefined = standardError
  private reported: ReportErrors = 'always'
  /** Errors of these classes only end their greenlet, and are not printed. */
  NOT_ERROR: ErrorClass[] = [GreenletExit]
  /** Errors of these classes are raised in the plain program where that waits, as is any error that has no context. */
  SYSTEM_ERROR: ErrorClass[] = [FatalError]

  /** @internal There is one already: `getHub()`. */
  constructor() {
    super(undefined, runtime.main as RawGreenlet)
    this.state = RUNNING
  }

  /** Where errors are written; `undefined` silences them. Default: standard error. Throws {TypeError} if set to what has no `write`. */
  get exceptionStream(): ExceptionStream | undefined {
    return this.stream
  }

  set exceptionStream(stream: ExceptionStream | undefined) {
    if (stream !== undefined && stream !== null) checkCallable(stream.write, 'exceptionStream.write')
    this.stream = stream
  }

  /** When errors are reported. Default: 'always', as gevent does. Throws {RangeError} if set to anything else. */
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

  /** What a new greenlet sees of its maker's context variables: a copy (default), nothing (gevent's way), or the same. */
  get inherit(): 'copy' | 'empty' | 'share' {
    return runtime.inherit
  }

  set inherit(inherit: 'copy' | 'empty' | 'share') {
    if (inherit !== 'copy' && inherit !== 'empty' && inherit !== 'share')
      throw wrongValue('inherit', "'copy', 'empty' or 'share'", inherit)
    runtime.inherit = inherit
  }

  /**
   * Waits until nothing is left to run and nothing is waited for but by the plain program: no ready greenlet, no timer that
   * keeps the program alive, no wait on something outside.
   *
   * @param options `timeout`: milliseconds, default without end
   * @returns whether all is done; `false` after the timeout
   */
  join(options: { timeout?: TimeLimit } = {}): Operation<boolean> {
    return new HubJoin(timeoutOf(options))
  }

  /**
   * Waits until a watcher calls back (gevent: Hub.wait), and stops it then, or when killed or timed out.
   *
   * @param watcher what to start: anything with `start(callback)` and `stop()`
   * @param options `timeout`: milliseconds, default without end
   * @throws {Timeout} when the time is over; {ConcurrentObjectUseError} if a greenlet waits for it already; {TypeError} at once, if
   *   it is no watcher
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
   * Throws an error into the greenlet that waits for a watcher, in the hub's next turn (gevent: Hub.cancel_wait). Nothing happens if
   * nobody waits for it then.
   *
   * @param watcher what was given to `wait`
   * @param error an error, or a class of errors
   * @param options `closeWatcher`: whether the watcher's `close()` is called afterwards, default false
   * @throws {TypeError} at once, if `watcher` is no watcher or `error` no error
   */
  cancelWait(watcher: Watcher, error: Error | (new () => Error), options: { closeWatcher?: boolean } = {}): void {
    cancelWatcherWait(watcher, error, checkOptions(options).closeWatcher ?? false)
  }

  /**
   * Queues a function to run in the hub, in order with the greenlets that are ready. It must not block.
   *
   * @returns a handle: `pending` until it has run, `stop()` calls it off
   */
  runCallback<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): Callback {
    checkCallable(fn, 'fn')
    return runCallback(fn, ...args)
  }

  /**
   * Takes an error that nobody else takes: of a greenlet, of a link, of a callback. Assign a function of your own to do
   * something else than print it; it must not throw. An error of `SYSTEM_ERROR`, or without a context, goes to the plain program.
   *
   * @param context what failed, usually a greenlet; `undefined` for the program itself
   * @param error what it threw
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
      `${describeError(error)}${spawnSiteOf(context)}\n${new Date().toISOString()} ${String(context)} failed with ${isError(error) ? error.name : typeof error}\n\n`,
    )
  }

  override toString(): string {
    return '<Hub>'
  }
}

function isOneOf(error: unknown, classes: readonly ErrorClass[]): boolean {
  return classes.some((errorClass) => error instanceof errorClass)
}

const platform = (globalThis as { process?: { stderr?: ExceptionStream } }).process
const standardError: ExceptionStream = { write: (text) => platform?.stderr?.write(text) ?? console.error(text) }

function describeError(error: unknown, above: unknown[] = []): string {
  const text = (isError(error) && error.stack) || String(error)
  const cause = (error as { cause?: unknown } | undefined | null)?.cause
  const chain = [...above, error]
  return cause === undefined || chain.includes(cause) ? text : `${text}\ncaused by ${describeError(cause, chain)}`
}

/** The one of this thread. */
export const hub = new Hub()
runtime.hub = hub
Execution.prototype.parentExecution = hub

runtime.reportError = (context, error) => {
  try {
    callInHub(() => hub.handleError(context, error), [])
  } catch (failure) {
    console.error(failure)
  }
}

loop.onIdle = () => {
  if (loop.externalWaits === 0 && joiners.size > 0) {
    for (const joiner of joiners) {
      joiners.delete(joiner)
      joiner.wake(true)
    }
  } else if (runtime.programs.size > 0) {
    findDeadlock()
  }
}

/**
 * The hub of this thread (gevent: get_hub).
 *
 * @example
 * await getHub().join() // until nothing is left to do
 */
export function getHub(): Hub {
  return hub
}
