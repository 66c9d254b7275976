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

/** A function that a greenlet can run: a coroutine function, or one that returns a value or a promise. */
export type GreenletFunction = (...args: never[]) => unknown

/**
 * A raw greenlet: control enters and leaves it only by `switch` and `throw`, symmetrically, with no hub involved (greenlet:
 * greenlet.greenlet). Its result goes to its `parent`.
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
        return (this._state === UNSTARTED && this._generator) || undefined
      },
      set(this: RawGreenlet, run: GreenletFunction) {
        if (this._state !== UNSTARTED) throw runMustBeSet()
        checkCallable(run, 'run')
        this._generator = run as unknown as Resumable
      },
    })
  }

  /** The exit that ends a greenlet quietly (greenlet: greenlet.GreenletExit). */
  static readonly GreenletExit: typeof GreenletExit = GreenletExit

  /**
   * @param run the function to run at the first switch; a subclass overrides `*run()` instead
   * @param parent the greenlet that receives the result or error; default the current greenlet
   */
  constructor(run?: GreenletFunction, parent?: RawGreenlet) {
    super(parent === undefined || parent === null ? getcurrent() : checkGreenlet(parent, 'parent'))
    if (run === undefined || run === null) return
    checkCallable(run, 'run')
    this._generator = run as unknown as Resumable
  }

  /**
   * Switches to this greenlet. An unstarted one starts with the values as its arguments; a suspended one gets them from its own
   * `switch`: none as `undefined`, one as itself, several as an array. A dead greenlet passes them on to its parent. Switching to
   * the hub lets all others run. A callback of the hub may switch too, and continues once the greenlet waits again.
   *
   * @returns the values switched back: the operation ends when another greenlet switches to the calling one
   * @throws {InvalidSwitchError} in the target, if it waits for something other than a switch; in the caller, if the target is
   *   running further down the native stack
   */
  switch<T = unknown>(...values: unknown[]): Operation<T> {
    return new Switch<T>(this, false, values.length > 1 ? values : values[0], values)
  }

  /**
   * Switches to this greenlet and raises an error where it is suspended. An unstarted one dies without running, a dead one
   * passes the error on to its parent; if it is a `Greenlet`, its parent, the hub, does not get control and the call returns.
   *
   * @param error an error, or an error class to instantiate; default a `GreenletExit`, which comes back as a value
   * @returns the values switched back, as for `switch`
   * @throws {TypeError} at once, if `error` is not an error
   */
  throw<T = unknown>(error: Error | (new () => Error) = GreenletExit): Operation<T> {
    return new Switch<T>(this, true, errorOf(error), null)
  }

  /** Whether the greenlet has finished. An unstarted greenlet is not dead. */
  get dead(): boolean {
    return this._state === DEAD
  }

  /** Whether the greenlet has started and not finished: its truth value in Python. */
  get active(): boolean {
    return this._state !== UNSTARTED && this._state !== DEAD
  }

  /**
   * The greenlet that receives the result or the error when this one ends. It can be set at any time.
   *
   * @throws {TypeError} if set to something other than a greenlet; {RangeError} if that would create a cycle
   */
  get parent(): RawGreenlet | undefined {
    return (this._parent as RawGreenlet | null) ?? undefined
  }

  set parent(parent: RawGreenlet) {
    checkGreenlet(parent, 'parent')
    if (this._parent === null) throw new TypeError('Expected no parent for the main greenlet')
    for (let ancestor: Execution | null = parent; ancestor !== null; ancestor = ancestor._parent) {
      if (ancestor === this)
        throw new RangeError('Expected `parent` not to descend from the greenlet: cyclic parent chain')
    }
    this._parent = parent
  }

  /**
   * The context variables that this greenlet sees. Before the start it can be replaced, for example by `copyContext()` (greenlet:
   * gr_context).
   *
   * @throws {TypeError} if set to anything other than a `Context`
   */
  get context(): Context {
    return (this._own.variables ??= new Context())
  }

  set context(context: Context) {
    if (!(context instanceof Context)) throw wrongType('context', 'a Context', context)
    this._own.variables = context
  }

  /** @internal */
  override _begin(): Resumable {
    const run = this.run as ((...args: unknown[]) => unknown) | undefined
    // `switch` checks this up front, but an unstarted greenlet also starts as the parent of one that ends.
    if (!run) throw runMustBeSet()
    const args = this._transfer as unknown[]
    // A function passed in is not a method of the greenlet: a method detached from another object would act on the greenlet
    // instead.
    const self = (this._generator as unknown) === run ? undefined : this
    this._state = RUNNING
    this._transfer = undefined
    this._generator = null
    // `apply` is slower: it goes through an array of arguments.
    const result = args.length > 0 ? run.apply(self, args) : run.call(self)
    if (!isFreshGenerator(run, result)) return resumable(result)
    this._flags |= NATIVE
    return result as Resumable
  }

  /** @internal */
  override _end(failed: boolean, value: unknown): Execution | null {
    runtime.carriedFailed = failed && !(value instanceof GreenletExit)
    runtime.carriedValue = value
    runtime.carriedArgs = null
    return this._parent
  }

  /** @internal Node prints it as text: its fields lead to every other greenlet. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return String(this)
  }

  override toString(): string {
    const state =
      this._state === DEAD
        ? 'dead'
        : this._state === UNSTARTED
          ? 'pending'
          : this === getcurrent()
            ? 'current active started'
            : 'suspended active started'
    return `<${this.constructor.name} ${state}${this === runtime.main ? ' main' : ''}>`
  }
}

export interface RawGreenlet {
  /**
   * What the greenlet runs. It can be replaced until the start, and is gone afterwards.
   *
   * @throws {TypeError} if set after the start, or to something other than a function
   */
  run(...args: never[]): unknown
  /** @internal Ends an unstarted greenlet without giving its parent control; returns whether the greenlet is dead. */
  _cancel?(error: Error): boolean
}

/** The main greenlet: the plain program, which runs outside of any coroutine. It is always active and has no parent. */
class MainGreenlet extends RawGreenlet {
  constructor() {
    super(undefined, undefined)
    this._state = RUNNING
  }
}

/** Checks that a value is a greenlet of any kind. */
export function checkGreenlet(value: unknown, name: string): RawGreenlet {
  if (value instanceof RawGreenlet) return value
  throw wrongType(name, 'a greenlet', value)
}

/** Returns the error to throw into a greenlet: the error itself, or an instance of an error class. */
export function errorOf(error: unknown, name = 'error'): Error {
  if (isError(error)) return error
  if (typeof error === 'function' && (error === Error || error.prototype instanceof Error))
    return new (error as new () => Error)()
  throw wrongType(name, 'an Error or a class of errors', error)
}

runtime.main = new MainGreenlet()

/**
 * Returns the current greenlet: the main greenlet in plain code, the hub in a callback of the hub (greenlet: getcurrent).
 *
 * @example
 * spawn(() => console.log(String(getcurrent())))
 */
export function getcurrent(): RawGreenlet {
  const execution = runtime.current
  if (execution === null) return (runtime.inHub ? (runtime.hub ?? runtime.main) : runtime.main) as RawGreenlet
  return (execution._isMain ? runtime.main : execution) as RawGreenlet
}
