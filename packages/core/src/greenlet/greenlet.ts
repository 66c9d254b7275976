import { Callback } from '../engine/callback.ts'
import { checkCallable, checkDuration, checkTimeout, type TimeLimit } from '../engine/check.ts'
import type { Execution } from '../engine/execution.ts'
import { loop } from '../engine/loop.ts'
import { awaitOperation } from '../engine/operation.ts'
import { runtime } from '../engine/runtime.ts'
import { DEAD, UNSTARTED } from '../engine/states.ts'
import type { Operation, Resumable, Suspension } from '../engine/suspension.ts'
import { TimerNode } from '../engine/timers.ts'
import { GreenletExit } from '../errors/greenlet-exit.ts'
import { CallbackLink, findCallback, type Link, type LinkKind } from './callback-link.ts'
import { getHub } from './hub.ts'
import { type KillOptions, killGreenlet } from './kill.ts'
import { countLinks, firstLink, type Links, type LinkTarget, withLink, withoutLink } from './links.ts'
import { addLiving, type Living, removeLiving } from './live.ts'
import { minimalIdentOf } from './minimal-ident.ts'
import { Get, Join } from './outcome-waits.ts'
import { type GreenletFunction, RawGreenlet } from './raw-greenlet.ts'
import { captureSpawnSite, type SpawnSite } from './spawn-site.ts'

/** What a function gives when a greenlet runs it: a coroutine's or promise's outcome, or the value itself. */
export type Outcome<R> =
  R extends Operation<infer T> ? T : R extends Generator<Suspension, infer T, unknown> ? T : Awaited<R>

const NOT_STARTED = 0
const QUEUED = 1
const TIMED = 2
const STARTED = 3

const PENDING_OUTCOME = 0
const VALUE = 1
const EXCEPTION = 2

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
  liveNext: Living | null = null
  /** @internal */
  livePrevious: Living | null = null
  /** @internal */
  links: Links = null
  /** @internal Whether it is in the run queue to tell its links. */
  notifying = false
  /** @internal Whether somebody has asked for its outcome. */
  observed = false
  private startState = NOT_STARTED
  private outcomeKind = PENDING_OUTCOME
  private outcome: unknown = undefined
  private site: SpawnSite | null = null
  private tree: SpawnTree | null = null
  private givenName: string | undefined = undefined
  private delay: DelayedStart | null = null
  /** @internal What sees to it that a kill is certain. */
  enforcement: TimerNode | null = null

  /**
   * Makes a greenlet that is yet to be started with `start()`; `spawn` does both.
   *
   * @param run the coroutine function to run; a subclass that overrides `*run()` passes none
   * @param args its arguments
   * @throws {TypeError} if `run` is no function, also if it is the result of calling one
   */
  constructor(run?: GreenletFunction, ...args: unknown[]) {
    super(run, getHub())
    this.transfer = args
  }

  /** Queues it to run, once: nothing happens if it was started, killed or has finished. */
  start(): this {
    if (this.startState === TIMED) {
      loop.cancelTimer(this.delay!)
      this.startNow()
    } else if (this.startState === NOT_STARTED && this.state === UNSTARTED) {
      this.register(this.start)
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
    if (this.startState === NOT_STARTED && this.state === UNSTARTED) {
      this.register(this.startLater)
      this.startState = TIMED
      this.delay = new DelayedStart(this as Greenlet<unknown>)
      loop.addTimer(this.delay, delay)
    }
    return this
  }

  /** @internal */
  startNow(): void {
    this.delay = null
    this.startState = QUEUED
    loop.ready(this)
  }

  /** @internal Makes it one of the living, and remembers where that was. */
  register(above: unknown): void {
    if (typeof this.run !== 'function')
      throw new TypeError('Expected the greenlet to have a `run` function before it is started, got none')
    addLiving(this)
    this.site = captureSpawnSite(above)
    const spawner = runtime.current
    if (spawner instanceof Greenlet) this.tree = spawner.tree ??= new SpawnTree()
  }

  /** Whether it was started and has not finished. */
  get started(): boolean {
    return this.startState !== NOT_STARTED && this.state !== DEAD
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
    return this.outcomeKind === VALUE
  }

  /** What it returned; `undefined` until then, and if it failed. */
  get value(): T | undefined {
    return this.outcomeKind === VALUE ? (this.outcome as T) : undefined
  }

  /** What it threw, if it failed. */
  get exception(): unknown {
    if (this.outcomeKind !== EXCEPTION) return undefined
    this.observed = true
    return this.outcome
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
    if (this.delay !== null) loop.cancelTimer(this.delay)
    const queued = this.startState === QUEUED
    this.state = DEAD
    this.notifying = queued
    this.settle(true, error, this.startState !== NOT_STARTED)
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
    this.settle(true, error, true)
  }

  /** @internal */
  override begin(): Resumable {
    this.startState = STARTED
    return super.begin()
  }

  /** @internal */
  override end(failed: boolean, value: unknown): Execution | null {
    this.settle(failed, value, true)
    if (this.parentExecution === runtime.hub) return null
    return super.end(failed, value)
  }

  private settle(failed: boolean, value: unknown, wasLiving: boolean): void {
    const failure = failed && !(value instanceof GreenletExit)
    this.outcomeKind = failure ? EXCEPTION : VALUE
    this.outcome = value
    this.target = undefined
    this.transfer = undefined
    if (wasLiving) removeLiving(this)
    if (this.enforcement !== null) loop.cancelTimer(this.enforcement)
    runtime.programs.delete(this)
    if (failure) this.report(value)
    if (this.links !== null) this.notifyLater()
  }

  private report(error: unknown): void {
    if (getHub().reportErrors === 'always') {
      runtime.reportError(this, error)
      return
    }
    // Whoever waits for this greenlet now, or asks for its outcome within this batch and the next, has been told.
    const unlessObserved = () => {
      if (!this.observed) runtime.reportError(this, error)
    }
    loop.ready(new Callback(() => loop.ready(new Callback(unlessObserved, [])), []))
  }

  /** @internal */
  override runInHub(): void {
    if (this.state === DEAD) this.notifyLinks()
    else super.runInHub()
  }

  private notifyLater(): void {
    if (this.notifying) return
    this.notifying = true
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
    this.notifying = false
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
    this.observed = true
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
    return this.givenName ?? `Greenlet-${this.minimalIdent}`
  }

  set name(name: string) {
    this.givenName = name
  }

  /** Where it was spawned, as lines of a stack; `undefined` after the first 64 spawns of one batch, where looking would cost too much. */
  get spawningStack(): string | undefined {
    return this.site?.stack?.split('\n').slice(1).join('\n')
  }

  /** An object shared by all greenlets that come from the same spawn of the plain program. */
  get spawnTreeLocals(): Record<string, unknown> {
    this.tree ??= new SpawnTree()
    return this.tree.locals
  }

  override toString(): string {
    return `<${this.constructor.name} ${this.name}>`
  }
}

function checkLink<S>(link: Link<S>): Link<S> {
  if (typeof (link as { receive?: unknown } | undefined)?.receive !== 'function') checkCallable(link, 'callback')
  return link
}
