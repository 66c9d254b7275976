import { checkCallable, runMustBeSet, wrongType } from '../engine/check.ts'
import { Context } from '../engine/context.ts'
import { Execution } from '../engine/execution.ts'
import { runtime } from '../engine/runtime.ts'
import { resumable } from '../engine/start.ts'
import { DEAD, NATIVE, RUNNING, UNSTARTED } from '../engine/states.ts'
import { isFreshGenerator, type Operation, type Resumable } from '../engine/suspension.ts'
import { GreenletExit } from '../errors/greenlet-exit.ts'
import { isError } from '../errors/is-error.ts'
import { Switch } from './switch.ts'

/** A function that a greenlet may run: a coroutine, or one that returns at once, or a promise. */
export type GreenletFunction = (...args: never[]) => unknown

/**
 * A raw greenlet: control goes in and out of it only by `switch` and `throw`, symmetrically, with no hub involved
 * (greenlet: greenlet.greenlet). Its result goes to its `parent`.
 *
 * @example
 * class Doubler extends RawGreenlet {
 *   override *run(start: number) {
 *     let value = start
 *     for (;;) value = (yield* this.parent!.switch<number>(value * 2))
 *   }
 * }
 * const doubler = new Doubler()
 * runSync(doubler.switch(4)) // 8
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: a subclass overrides `run` as a method, an instance assigns it
export class RawGreenlet extends Execution {
  static {
    Object.defineProperty(RawGreenlet.prototype, 'run', {
      configurable: true,
      get(this: RawGreenlet) {
        return this.state === UNSTARTED ? (this.generator ?? undefined) : undefined
      },
      set(this: RawGreenlet, run: GreenletFunction) {
        if (this.state !== UNSTARTED) throw runMustBeSet()
        checkCallable(run, 'run')
        this.generator = run as unknown as Resumable
      },
    })
  }

  /** The exit that ends a greenlet quietly (greenlet: greenlet.GreenletExit). */
  static readonly GreenletExit: typeof GreenletExit = GreenletExit

  /**
   * @param run what to run at the first switch; a subclass overrides `*run()` instead
   * @param parent where the result or error goes; default the current greenlet
   */
  constructor(run?: GreenletFunction, parent?: RawGreenlet) {
    super(parent === undefined || parent === null ? getcurrent() : checkGreenlet(parent, 'parent'))
    if (run === undefined || run === null) return
    checkCallable(run, 'run')
    this.generator = run as unknown as Resumable
  }

  /**
   * Gives control to this greenlet. It starts with the values as arguments, or gets them from the `switch` in which it is
   * suspended: none as `undefined`, one as itself, several as an array. A dead greenlet passes them on to its parent. Switching to
   * the hub lets all others run. A callback of the hub may switch too, and goes on once the greenlet waits again.
   *
   * @returns what is switched back: the operation ends when someone switches to the calling greenlet
   * @throws {InvalidSwitchError} in the target, if that waits for something other than a switch
   */
  switch<T = unknown>(...values: unknown[]): Operation<T> {
    return new Switch<T>(this, false, values.length > 1 ? values : values[0], values)
  }

  /**
   * Raises an error in this greenlet, where it is suspended, and gives it control. An unstarted one dies without running; a
   * `Greenlet` that is then gives its parent, the hub, no control: the call returns.
   *
   * @param error an error, or an error class to make one of; default a `GreenletExit`, which comes back as a value
   * @returns what is switched back, as for `switch`
   * @throws {TypeError} at once, if `error` is no error
   */
  throw<T = unknown>(error: Error | (new () => Error) = GreenletExit): Operation<T> {
    return new Switch<T>(this, true, errorOf(error), null)
  }

  /** Whether it has finished. An unstarted greenlet is not dead. */
  get dead(): boolean {
    return this.state === DEAD
  }

  /** Whether it has started and not finished: Python's truth of a greenlet. */
  get active(): boolean {
    return this.state !== UNSTARTED && this.state !== DEAD
  }

  /**
   * The greenlet that takes the result, or the error, when this one ends; it may be set at any time.
   *
   * @throws {TypeError} if set to no greenlet; {RangeError} if that made a cycle
   */
  get parent(): RawGreenlet | undefined {
    return (this.parentExecution as RawGreenlet | null) ?? undefined
  }

  set parent(parent: RawGreenlet) {
    checkGreenlet(parent, 'parent')
    if (this.parentExecution === null) throw new TypeError('Expected no parent for the main greenlet')
    for (let ancestor: Execution | null = parent; ancestor !== null; ancestor = ancestor.parentExecution) {
      if (ancestor === this)
        throw new RangeError('Expected `parent` not to descend from the greenlet: cyclic parent chain')
    }
    this.parentExecution = parent
  }

  /**
   * The values of context variables that this greenlet sees; before the start it may be replaced, as by `copyContext()`
   * (greenlet: gr_context).
   *
   * @throws {TypeError} if set to anything but a `Context`
   */
  get context(): Context {
    return (this.ownExtras.variables ??= new Context())
  }

  set context(context: Context) {
    if (!(context instanceof Context)) throw wrongType('context', 'a Context', context)
    this.ownExtras.variables = context
  }

  /** @internal */
  override begin(): Resumable {
    const run = this.run as ((...args: unknown[]) => unknown) | undefined
    // It may become the parent of one that ends, which does not ask.
    if (run === undefined) throw runMustBeSet()
    const args = this.transfer as unknown[]
    // A given function is no method of this: a method of another object, which has lost that object, would act on this one instead.
    const self = this.generator ? undefined : this
    this.state = RUNNING
    this.transfer = undefined
    this.generator = null
    // `apply` takes a detour through an array of arguments.
    const result = args.length > 0 ? run.apply(self, args) : run.call(self)
    if (!isFreshGenerator(run, result)) return resumable(result)
    this.flags |= NATIVE
    return result as Resumable
  }

  /** @internal */
  override end(failed: boolean, value: unknown): Execution | null {
    runtime.carriedFailed = failed && !(value instanceof GreenletExit)
    runtime.carriedValue = value
    runtime.carriedArgs = null
    return this.parentExecution
  }

  override toString(): string {
    const state =
      this.state === DEAD
        ? 'dead'
        : this.state === UNSTARTED
          ? 'pending'
          : this === getcurrent()
            ? 'current active started'
            : 'suspended active started'
    return `<${this.constructor.name} ${state}${this === runtime.main ? ' main' : ''}>`
  }
}

export interface RawGreenlet {
  /**
   * What the greenlet runs. It may be replaced until the start, and is gone afterwards.
   *
   * @throws {TypeError} if set after the start, or to no function
   */
  run(...args: never[]): unknown
  /** @internal Ends one that never ran without giving its parent control; answers whether it was such. */
  cancelStart?(error: Error): boolean
}

/** The greenlet of the plain program: what runs outside of any coroutine. It is always active, and has no parent. */
class MainGreenlet extends RawGreenlet {
  constructor() {
    super(undefined, undefined)
    this.state = RUNNING
  }
}

/** Checks that a value is a greenlet, of whatever kind. */
export function checkGreenlet(value: unknown, name: string): RawGreenlet {
  if (value instanceof RawGreenlet) return value
  throw wrongType(name, 'a greenlet', value)
}

/** Makes an error of what may be thrown into a greenlet: an error, or a class of errors. */
export function errorOf(error: unknown, name = 'error'): Error {
  if (isError(error)) return error
  if (typeof error === 'function' && (error === Error || error.prototype instanceof Error))
    return new (error as new () => Error)()
  throw wrongType(name, 'an Error or a class of errors', error)
}

runtime.main = new MainGreenlet()

/**
 * The greenlet that runs now: in plain code the main greenlet, in a callback of the hub the hub (greenlet: getcurrent).
 *
 * @example
 * spawn(() => console.log(String(getcurrent())))
 */
export function getcurrent(): RawGreenlet {
  const execution = runtime.current
  if (execution === null) return (runtime.inHub ? (runtime.hub ?? runtime.main) : runtime.main) as RawGreenlet
  return (execution.standsForMain ? runtime.main : execution) as RawGreenlet
}
