import { Callback } from '../engine/callback.ts'
import { checkCallable, checkDuration, checkTimeout, type TimeLimit } from '../engine/check.ts'
import { ASYNC_DISPOSE, DISPOSE } from '../engine/disposal.ts'
import type { Execution } from '../engine/execution.ts'
import { loop } from '../engine/loop.ts'
import { awaitOperation } from '../engine/operation.ts'
import { runtime } from '../engine/runtime.ts'
import { DEAD, READY, UNSTARTED } from '../engine/states.ts'
import { resume } from '../engine/step.ts'
import type { Operation, Resumable, Suspension } from '../engine/suspension.ts'
import { TimerNode } from '../engine/timers.ts'
import { GreenletExit } from '../errors/greenlet-exit.ts'
import { CallbackLink, checkLink, findCallback, type Link, type LinkKind } from './callback-link.ts'
import { getHub } from './hub.ts'
import { type KillOptions, killGreenlet } from './kill.ts'
import { countLinks, firstLink, type Links, type LinkTarget, withLink, withoutLink } from './links.ts'
import { addLiving, type Living, removeLiving } from './live.ts'
import { minimalIdentOf } from './minimal-ident.ts'
import { Get, Join } from './outcome-waits.ts'
import { type GreenletFunction, RawGreenlet } from './raw-greenlet.ts'
import { captureSpawnSite } from './spawn-site.ts'

/** What a function gives when a greenlet runs it: a coroutine's or promise's outcome, or the value itself. */
export type Outcome<R> =
  R extends Operation<infer T> ? T : R extends Generator<Suspension, infer T, unknown> ? T : Awaited<R>

/** What happened to a greenlet, as bits of one number: there may be a million of them. */
const REGISTERED = 1
const QUEUED = 2
const HAS_VALUE = 4
const HAS_EXCEPTION = 8
const OBSERVED = 16

class DelayedStart extends TimerNode {
  private readonly greenlet: Greenlet<unknown>

  constructor(greenlet: Greenlet<unknown>) {
    super()
    this.greenlet = greenlet
  }

  fire(): void {
    this.greenlet.startNow()
  }
}

let spawnCallbacks: Set<(greenlet: Greenlet<unknown>) => void> | null = null

const NO_ARGUMENTS: readonly unknown[] = []

/** What greenlets that come from one spawn of the plain program share. */
class SpawnTree {
  readonly locals: Record<string, unknown> = {}
}

/**
 * A greenlet that the hub runs: spawned, joined, killed, linked (gevent: Greenlet). It never runs before its spawner blocks. It
 * may itself be `yield*`-ed or awaited any number of times: both mean `get()`.
 *
 * @example
 * const greenlet = spawn(function* (name: string) {
 *   yield* sleep(10)
 *   return `hello ${name}`
 * }, 'you')
 * const greeting = yield* greenlet // 'hello you'
 */
export class Greenlet<T = unknown> extends RawGreenlet implements Operation<T>, Living {
  /** @internal */
  liveNext: Living | null
  /** @internal */
  livePrevious: Living | null
  /** @internal */
  links: Links
  private flags: number

  /**
   * Makes a greenlet that is yet to be started with `start()`; `spawn` does both.
   *
   * @param run the coroutine function to run; a subclass that overrides `*run()` passes none
   * @param args its arguments
   * @throws {TypeError} if `run` is no function, also if it is the result of calling one
   */
  constructor(run?: GreenletFunction, ...args: unknown[]) {
    super(run, getHub())
    this.liveNext = null
    this.livePrevious = null
    this.links = null
    this.flags = 0
    this.transfer = args.length === 0 ? NO_ARGUMENTS : args
  }

  /** Queues it to run, once: nothing happens if it was started, killed or has finished. */
  start(): this {
    if (this.state === UNSTARTED && (this.flags & QUEUED) === 0) {
      if ((this.flags & REGISTERED) === 0) this.register(this.start)
      this.startNow()
    }
    return this
  }

  /**
   * Starts it after a while; it counts as started at once.
   *
   * @param milliseconds how long to wait, from 0 up
   */
  startLater(milliseconds: number): this {
    const delay = checkDuration(milliseconds, 'milliseconds')
    if (this.state === UNSTARTED && (this.flags & REGISTERED) === 0) {
      this.register(this.startLater)
      const timer = new DelayedStart(this as Greenlet<unknown>)
      this.ownExtras.timer = timer
      loop.addTimer(timer, delay)
    }
    return this
  }

  /** @internal */
  startNow(): void {
    this.stopTimer()
    this.flags |= QUEUED
    loop.ready(this)
  }

  /** @internal Makes it one of the living, and remembers where that was. */
  register(above: unknown): void {
    if (typeof this.run !== 'function')
      throw new TypeError('Expected the greenlet to have a `run` function before it is started, got none')
    this.flags |= REGISTERED
    addLiving(this)
    const site = captureSpawnSite(above)
    if (site !== null) this.ownExtras.site = site
    const spawner = runtime.current
    // Only a greenlet's child shares its tree; one from the plain program begins a tree when somebody looks.
    if (spawner !== null && !spawner.standsForMain) {
      const { ownExtras } = spawner
      this.ownExtras.tree = ownExtras.tree ??= new SpawnTree()
      this.ownExtras.spawner = ownExtras.self ??= new WeakRef(spawner)
    }
    if (spawnCallbacks !== null) for (const callback of spawnCallbacks) callback(this as Greenlet<unknown>)
  }

  /** Calls a function with each greenlet that is started from now on, in the starting greenlet; raw ones do not count. */
  static addSpawnCallback(callback: (greenlet: Greenlet<unknown>) => void): void {
    checkCallable(callback, 'callback')
    spawnCallbacks ??= new Set()
    spawnCallbacks.add(callback)
  }

  /** Ends what `addSpawnCallback` began; nothing happens for an unknown function. */
  static removeSpawnCallback(callback: (greenlet: Greenlet<unknown>) => void): void {
    spawnCallbacks?.delete(callback)
    if (spawnCallbacks?.size === 0) spawnCallbacks = null
  }

  /** Whether it was started and has not finished. */
  get started(): boolean {
    return (this.flags & REGISTERED) !== 0 && this.state !== DEAD
  }

  override get active(): boolean {
    return this.started
  }

  /** Whether it has finished, however that was. */
  ready(): boolean {
    return this.state === DEAD
  }

  /** Whether it has finished with a value; a killed one has, with its `GreenletExit`. */
  successful(): boolean {
    return (this.flags & HAS_VALUE) !== 0
  }

  /** What it returned; `undefined` until then, and if it failed. */
  get value(): T | undefined {
    return this.successful() ? (this.transfer as T) : undefined
  }

  /** What it threw, if it failed. */
  get exception(): unknown {
    if ((this.flags & HAS_EXCEPTION) === 0) return undefined
    this.observe()
    return this.transfer
  }

  /**
   * Waits until it has finished; its error is not thrown.
   *
   * @param options `timeout`: milliseconds, default without end; when over, the wait just ends
   */
  join(options: { timeout?: TimeLimit } = {}): Operation<undefined> {
    return new Join(this as Greenlet<unknown>, checkTimeout(options.timeout))
  }

  /**
   * Waits until it has finished and gives what it returned; a killed one gives its `GreenletExit`.
   *
   * @param options `block`: whether to wait, default true; `timeout`: milliseconds, default without end
   * @throws what it threw, the same error each time; {Timeout} if it has not finished in time
   */
  get(options: { block?: boolean; timeout?: TimeLimit } = {}): Operation<T> {
    return new Get(this, options.block ?? true, checkTimeout(options.timeout))
  }

  /** Waits as `get()` does. */
  [Symbol.iterator](): Iterator<Suspension, T, unknown> {
    return this.get()[Symbol.iterator]()
  }

  // biome-ignore lint/suspicious/noThenProperty: plain code awaits greenlets
  then<R1 = T, R2 = never>(
    onfulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    onrejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    return awaitOperation<T>(this.get() as unknown as Resumable).then(onfulfilled, onrejected)
  }

  /**
   * Ends it, at once: the operation only waits for the end. Without an error the kill is certain: a `GreenletExit` is thrown
   * where it waits; if it still lives after `grace`, that is thrown once more, and then the greenlet is ended by force. With an
   * error, that is thrown once and may be caught. One that has not run yet never will.
   *
   * @param error an error, or a class of errors; default `GreenletExit`
   * @param options `block`: whether the operation waits for the end, default true; `timeout`: how long, in milliseconds, default
   *   without end; `grace`: how long it may take to end by itself, in milliseconds, default 5000
   * @throws {TypeError} at once, if `error` is no error
   * @example
   * worker.kill() // and go on
   * yield* worker.kill() // and wait until its `finally` blocks are done
   */
  kill(error?: Error | (new () => Error) | KillOptions, options?: KillOptions): Operation<undefined> {
    return killGreenlet(this as Greenlet<unknown>, error, options)
  }

  /** @internal Ends one that never ran; answers whether it was such. */
  cancelStart(error: Error): boolean {
    if (this.state !== UNSTARTED) return false
    this.state = DEAD
    this.settle(true, error)
    return true
  }

  /** @internal Ends it without running it any further. */
  endByForce(error: Error): void {
    this.waiting?.cancel()
    this.waiting = null
    loop.queue.remove(this)
    this.state = DEAD
    this.generator = null
    this.frame = null
    this.settle(true, error)
  }

  /** @internal */
  override begin(): Resumable {
    this.flags &= ~QUEUED
    return super.begin()
  }

  /** @internal */
  override end(failed: boolean, value: unknown): Execution | null {
    this.settle(failed, value)
    if (this.parentExecution === runtime.hub) return null
    return super.end(failed, value)
  }

  private settle(failed: boolean, value: unknown): void {
    const failure = failed && !(value instanceof GreenletExit)
    this.flags |= failure ? HAS_EXCEPTION : HAS_VALUE
    this.transfer = value
    this.target = undefined
    if ((this.flags & REGISTERED) !== 0) removeLiving(this)
    this.stopTimer()
    if (this.extras !== null) this.extras.locals = null
    if (failure) this.report(value)
    if (this.links !== null) this.notifyLater()
  }

  /** @internal Remembers that somebody has asked for its outcome. */
  observe(): void {
    this.flags |= OBSERVED
  }

  private stopTimer(): void {
    if (this.extras === null || this.extras.timer === null) return
    loop.cancelTimer(this.extras.timer)
    this.extras.timer = null
  }

  private report(error: unknown): void {
    if (getHub().reportErrors === 'always') {
      runtime.reportError(this, error)
      return
    }
    // Whoever waits for this greenlet now, or asks for its outcome within this batch and the next, has been told.
    const unlessObserved = () => {
      if ((this.flags & OBSERVED) === 0) runtime.reportError(this, error)
    }
    loop.ready(new Callback(() => loop.ready(new Callback(unlessObserved, [])), []))
  }

  /** @internal */
  override runInHub(): void {
    const { state } = this
    if (state === READY || state === UNSTARTED) resume(this)
    else if (state === DEAD) this.notifyLinks()
  }

  private notifyLater(): void {
    if ((this.flags & QUEUED) !== 0) return
    this.flags |= QUEUED
    loop.ready(this)
  }

  private notifyLinks(): void {
    for (let link = firstLink(this.links); link !== null; link = firstLink(this.links)) {
      this.links = withoutLink(this.links, link)
      try {
        link.notify(this)
      } catch (error) {
        runtime.reportError(link, error)
      }
    }
    this.flags &= ~QUEUED
  }

  /** @internal Links a target; one that is linked after the end is told all the same, later. */
  addLink(target: LinkTarget): void {
    this.links = withLink(this.links, target)
    if (this.state === DEAD) this.notifyLater()
  }

  /** @internal */
  removeLink(target: LinkTarget): void {
    this.links = withoutLink(this.links, target)
  }

  /**
   * Calls a function in the hub when this has finished, in order with the other links and the joiners. It must not block.
   *
   * @param callback takes this greenlet; linked after the end, it is still called, later
   */
  rawlink(callback: Link<this>): void {
    this.addLink(new CallbackLink(checkLink(callback), 'any', false))
  }

  /** Calls a function when this has finished, in a greenlet of its own, where it may block. Also takes an `AsyncResult`. */
  link(callback: Link<this>): void {
    this.linkAs(callback, 'any')
  }

  /** As `link`, only if this has finished with a value; being killed counts as one. */
  linkValue(callback: Link<this>): void {
    this.linkAs(callback, 'value')
  }

  /** As `link`, only if this has failed. */
  linkException(callback: Link<this>): void {
    this.linkAs(callback, 'exception')
  }

  private linkAs(callback: Link<this>, kind: LinkKind): void {
    this.observe()
    this.addLink(new CallbackLink(checkLink(callback), kind, true))
  }

  /** Takes back one link of the function; nothing happens if there is none. */
  unlink(callback: Link<this>): void {
    const target = findCallback(this.links, callback)
    if (target !== null) this.removeLink(target)
  }

  /** Takes back all links. */
  unlinkAll(): void {
    this.links = null
  }

  /** How many links and joiners there are. */
  linkCount(): number {
    return countLinks(this.links)
  }

  /** A small whole number of its own among the living, given at first use and used again after its end. */
  get minimalIdent(): number {
    return minimalIdentOf(this)
  }

  /** What it is called in reports; default 'Greenlet-' and its minimal ident. */
  get name(): string {
    return this.extras?.name ?? `Greenlet-${this.minimalIdent}`
  }

  set name(name: string) {
    this.ownExtras.name = name
  }

  /** Where it was spawned, as lines of a stack; `undefined` after the first 64 spawns of one batch, where looking would cost too much. */
  get spawningStack(): string | undefined {
    return this.extras?.site?.stack?.split('\n').slice(1).join('\n')
  }

  /** An object shared by all greenlets that come from the same spawn of the plain program. */
  get spawnTreeLocals(): Record<string, unknown> {
    return (this.ownExtras.tree ??= new SpawnTree()).locals
  }

  /** The greenlet that started it; `undefined` once that is collected. */
  get spawningGreenlet(): RawGreenlet | undefined {
    const spawner = this.extras?.spawner
    return (spawner ? spawner.deref() : runtime.main) as RawGreenlet | undefined
  }

  /** At the end of a block with `using`: kills it, and does not wait. */
  [DISPOSE](): void {
    this.kill(undefined, { block: false })
  }

  /** At the end of a block with `await using`: waits until it has finished. `withGreenlet` also kills it if the block fails. */
  async [ASYNC_DISPOSE](): Promise<void> {
    await this.join()
  }

  override toString(): string {
    return `<${this.constructor.name} ${this.name}>`
  }
}
