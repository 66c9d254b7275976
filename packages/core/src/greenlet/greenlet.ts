import { checkCallable, checkDuration, checkOptions, runMustBeSet, type TimeLimit, timeoutOf } from '../engine/check.ts'
import { ASYNC_DISPOSE, DISPOSE } from '../engine/disposal.ts'
import { Done } from '../engine/done.ts'
import type { Execution } from '../engine/execution.ts'
import { loop } from '../engine/loop.ts'
import { awaitOperation } from '../engine/operation.ts'
import { runtime } from '../engine/runtime.ts'
import { DEAD, FAILS, READY, UNSTARTED } from '../engine/states.ts'
import { leaveFrame, resume } from '../engine/step.ts'
import type { Operation, Resumable, Suspension } from '../engine/suspension.ts'
import { GreenletExit } from '../errors/greenlet-exit.ts'
import { DelayedStart } from './delayed-start.ts'
import { hub } from './hub.ts'
import { type KillOptions, killGreenlet } from './kill.ts'
import { HAS_EXCEPTION, HAS_VALUE, LinkedGreenlet, QUEUED, REGISTERED } from './linked-greenlet.ts'
import { addLive, type LiveEntry, type Page, removeLive } from './live.ts'
import type { Eventually } from './outcome.ts'
import { Get, Join } from './outcome-waits.ts'
import type { GreenletFunction } from './raw-greenlet.ts'
import { reportFailure } from './report-failure.ts'

const NO_ARGUMENTS: readonly unknown[] = []
/** How many `finally` blocks and calls a forced end unwinds: a loop may go on in its `finally` block for ever. */
const MAX_FORCED_STEPS = 1e5
/** Callbacks called with each greenlet that is started. */
const spawnCallbacks: Set<(greenlet: Greenlet<unknown>) => void> = new Set()

/**
 * A greenlet scheduled by the hub: it can be spawned, joined, killed and linked (gevent: Greenlet). It never runs before its
 * spawner blocks. The greenlet itself can be `yield*`-ed or awaited any number of times; both mean `get()`.
 *
 * @example
 * const greenlet = spawn(function* (name: string) {
 *   yield* sleep(10)
 *   return `hello ${name}`
 * }, 'you')
 * const greeting = yield* greenlet // 'hello you'
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: what a subclass runs must give a `T`
export class Greenlet<T = unknown> extends LinkedGreenlet implements Operation<T>, LiveEntry {
  /** @internal */
  _page: Page | null = null
  /** @internal */
  _index = 0

  /**
   * Creates a greenlet without starting it: call `start()`, or use `spawn` to do both.
   *
   * @param run the coroutine function to run; omitted by a subclass that overrides `*run()`
   * @param args its arguments
   * @throws {TypeError} if `run` is not a function, for instance the result of calling one
   */
  constructor(run?: GreenletFunction, ...args: unknown[]) {
    super(run, hub)
    this._transfer = args.length === 0 ? NO_ARGUMENTS : args
  }

  /**
   * Creates and starts a greenlet of this class. For a subclass with its own `run`, pass `undefined` first and then the arguments
   * of `run`.
   */
  static spawn<C extends new (...args: never[]) => Greenlet<unknown>>(
    this: C,
    ...args: ConstructorParameters<C>
  ): InstanceType<C> {
    return (new this(...args) as InstanceType<C>).start()
  }

  /** Like `spawn`, after a delay in milliseconds. */
  static spawnLater<C extends new (...args: never[]) => Greenlet<unknown>>(
    this: C,
    milliseconds: number,
    ...args: ConstructorParameters<C>
  ): InstanceType<C> {
    return (new this(...args) as InstanceType<C>).startLater(milliseconds)
  }

  /** Queues the greenlet to run. Does nothing if it was already started, was killed or has finished. */
  start(): this {
    if (this._state === UNSTARTED && (this._flags & REGISTERED) === 0) {
      this._register(this.start)
      this._startNow()
    }
    return this
  }

  /**
   * Starts the greenlet after a delay; `started` is true at once.
   *
   * @param milliseconds the delay; below 0 counts as 0
   * @throws {TypeError} if `milliseconds` is not a number
   */
  startLater(milliseconds: number): this {
    const delay = checkDuration(milliseconds, 'milliseconds')
    if (this._state === UNSTARTED && (this._flags & REGISTERED) === 0) {
      this._register(this.startLater)
      const timer = new DelayedStart(this as Greenlet<unknown>)
      this._own.timer = timer
      loop.addTimer(timer, delay)
    }
    return this
  }

  /** @internal */
  _startNow(): void {
    this._stop()
    this._flags |= QUEUED
    loop.ready(this)
  }

  /** @internal Adds the greenlet to the list of live ones and records where it was started. */
  _register(above: unknown): void {
    if (typeof this.run !== 'function') throw runMustBeSet()
    this._flags |= REGISTERED
    addLive(this)
    this._origin(above)
    if (spawnCallbacks.size > 0) for (const callback of spawnCallbacks) callback(this as Greenlet<unknown>)
  }

  /**
   * Registers a function to be called with each greenlet that is started from now on. It runs in the greenlet that starts the new
   * one; raw greenlets do not count.
   */
  static addSpawnCallback(callback: (greenlet: Greenlet<unknown>) => void): void {
    checkCallable(callback, 'callback')
    spawnCallbacks.add(callback)
  }

  /** Removes a function added by `addSpawnCallback`. Does nothing for an unknown function. */
  static removeSpawnCallback(callback: (greenlet: Greenlet<unknown>) => void): void {
    spawnCallbacks.delete(callback)
  }

  /** Whether the greenlet was started and has not finished. */
  get started(): boolean {
    return (this._flags & REGISTERED) !== 0 && this._state !== DEAD
  }

  override get active(): boolean {
    return this.started
  }

  /**
   * The return value; `undefined` until the greenlet has finished, and if it failed. That of a killed greenlet is its `GreenletExit`,
   * which the type leaves out.
   */
  get value(): T | undefined {
    return this.successful() ? (this._transfer as T) : undefined
  }

  /** The error the greenlet failed with, if it failed. */
  get exception(): unknown {
    if ((this._flags & HAS_EXCEPTION) === 0) return undefined
    this._observe()
    return this._transfer
  }

  /**
   * Waits until the greenlet has finished. Its error is not thrown.
   *
   * @param options `timeout`: milliseconds, default no limit; when it expires, the wait just ends
   */
  join(options: { timeout?: TimeLimit } = {}): Operation<undefined> {
    return new Join(this as Greenlet<unknown>, timeoutOf(options))
  }

  /**
   * Waits until the greenlet has finished and returns its value; that of a killed greenlet is its `GreenletExit`.
   *
   * @param options `block`: whether to wait, default true; `timeout`: milliseconds, default no limit
   * @throws the error the greenlet failed with, the same object each time; {Timeout} if it has not finished in time
   */
  get(options: { block?: boolean | undefined; timeout?: TimeLimit } = {}): Operation<T> {
    const timeout = timeoutOf(options)
    return new Get<T>(this as Greenlet<unknown>, (checkOptions(options).block ?? true) ? timeout : 0)
  }

  /** Waits like `get()`. Once the value is there, no waiting takes place and no current greenlet is needed. */
  [Symbol.iterator](): Iterator<Suspension, T, unknown> {
    return (this.successful() ? new Done<unknown>(this._transfer) : this.get())[Symbol.iterator]() as Iterator<
      Suspension,
      T
    >
  }

  /** Lets plain code await the greenlet, like `get()`. */
  then<R1 = T, R2 = never>(
    onfulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    onrejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    return awaitOperation<T>(this.get() as unknown as Resumable).then(onfulfilled, onrejected)
  }

  /**
   * Kills the greenlet. The kill is issued at once; the returned operation only waits for the end. Without an error the kill is
   * certain: a `GreenletExit` is thrown where the greenlet waits; if it is still alive after `grace`, a second one is thrown, and
   * after that the greenlet is ended by force: its `finally` blocks still run, but each ends where it would wait. With an error,
   * the error is thrown once and may be caught. A greenlet that has not run yet never will; one that was woken before the kill
   * runs that turn first.
   *
   * @param error an error, or an error class; default `GreenletExit`
   * @param options `block`: whether the operation waits for the end, default true; `timeout`: how long it waits, in milliseconds,
   *   default no limit; when it expires, the wait just ends; `grace`: how long the greenlet may take to end by itself, in
   *   milliseconds, default 5000
   * @throws {TypeError} at once, if `error` is not an error
   * @example
   * worker.kill() // and go on
   * yield* worker.kill() // and wait until its `finally` blocks are done
   */
  kill(error?: Error | (new () => Error) | KillOptions, options?: KillOptions): Operation<undefined> {
    return killGreenlet(this as Greenlet<unknown>, error, options)
  }

  /** @internal */
  override _cancel(error: Error): boolean {
    if (this._state === UNSTARTED) {
      this._state = DEAD
      this._settle(true, error)
    }
    return this.dead
  }

  /** @internal Ends the greenlet, from a timer. Its `finally` blocks still run, each up to where it would wait. */
  _force(error: Error): void {
    runtime.current = this as Greenlet<unknown>
    for (let left = MAX_FORCED_STEPS; left; left -= 1) {
      this._waiting?.abandon()
      this._waiting = null
      loop.queue.remove(this)
      try {
        if ((this._generator as { return?(): IteratorResult<unknown> } | null)?.return?.().done === false) continue
      } catch (raised) {
        runtime.reportError(this, raised)
      }
      if (!this._frame) break
      leaveFrame(this, this._frame)
    }
    runtime.current = null
    this._state = DEAD
    this._settle(true, error)
  }

  /** @internal */
  override _begin(): Resumable {
    this._flags &= ~QUEUED
    return super._begin()
  }

  /** @internal */
  override _end(failed: boolean, value: unknown): Execution | null {
    this._settle(failed, value)
    if (this._parent === runtime.hub) return null
    return super._end(failed, value)
  }

  private _settle(failed: boolean, value: unknown): void {
    // It may still wait if it was ended by force, or took a step of a blocking generator by hand: nothing may wake it any more.
    this._waiting?.abandon()
    this._waiting = null
    const failure = failed && !(value instanceof GreenletExit)
    this._flags = (this._flags & ~FAILS) | (failure ? HAS_EXCEPTION : HAS_VALUE)
    this._transfer = value
    this._generator = null
    if ((this._flags & REGISTERED) !== 0) removeLive(this)
    this._stop()
    const { _extras: extras } = this
    if (extras !== null) {
      extras.locals = null
      // Until it is formatted, a captured stack keeps the greenlets in its frames alive, and through their stacks every greenlet
      // before them: format it for a failure, drop it otherwise.
      if (!(failure && extras.site?.())) extras.site = null
    }
    if (failure && !runtime.programs.has(this)) reportFailure(this as Greenlet<unknown>, value)
    const { _links: links } = this
    if (links === null) return
    if (!(links instanceof Set) && links.absorb?.(this)) this._links = null
    else this._later()
  }

  private _stop(): void {
    if (this._extras === null || this._extras.timer === null) return
    loop.timers.cancel(this._extras.timer)
    this._extras.timer = null
  }

  /** @internal */
  override _runInHub(): void {
    const { _state: state } = this
    if (state === READY || state === UNSTARTED) resume(this)
    else if (state === DEAD) this._notify()
  }

  /** At the end of a `using` block: kills the greenlet without waiting for its end. */
  [DISPOSE](): void {
    this.kill(undefined, { block: false })
  }

  /**
   * At the end of an `await using` block: waits until the greenlet has finished. `withGreenlet` also kills it if the block fails.
   */
  async [ASYNC_DISPOSE](): Promise<void> {
    await this.join()
  }
}

export interface Greenlet<T> {
  run(...args: never[]): Eventually<T>
}
