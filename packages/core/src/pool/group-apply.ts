import { Call } from '../engine/call.ts'
import { checkCallable, checkCallableIfGiven, type TimeLimit, wrongType } from '../engine/check.ts'
import { drive } from '../engine/start.ts'
import type { Operation, Suspension } from '../engine/suspension.ts'
import { Greenlet } from '../greenlet/greenlet.ts'
import type { Outcome } from '../greenlet/outcome.ts'
import { type GreenletFunction, getcurrent } from '../greenlet/raw-greenlet.ts'
import { spawn } from '../greenlet/spawn.ts'
import { captureSpawnSite, type SpawnSite } from '../greenlet/spawn-site.ts'
import { GroupMembers } from './group-members.ts'

/** A class of greenlets that a group can create. */
export type GreenletClass = new (run?: (...args: unknown[]) => never, ...args: unknown[]) => Greenlet<unknown>

/** Runs single functions in members: the `apply` methods of `Group` and `Pool`. */
export abstract class GroupApply extends GroupMembers {
  /** The class of the greenlets created to run functions (gevent: greenlet_class). */
  readonly greenletClass: GreenletClass

  constructor(greenletClass: GreenletClass = Greenlet) {
    checkCallable(greenletClass, 'greenletClass')
    super()
    this.greenletClass = greenletClass
  }

  /** @internal Starts a function in a new member. There must be room. */
  begin<T>(fn: GreenletFunction, args: readonly unknown[], site: SpawnSite | null): Greenlet<T> {
    // Passing the arguments through each level of constructors would take longer than everything else.
    const isPlain = this.greenletClass === Greenlet
    const greenlet = isPlain ? new Greenlet(fn) : new this.greenletClass(fn as () => never, ...args)
    if (isPlain) greenlet._transfer = args.slice()
    this.enter(greenlet)
    if (site !== null) greenlet._own.site = site
    greenlet.start()
    return greenlet as Greenlet<T>
  }

  /** Waits until there is room for another greenlet. */
  abstract waitAvailable(options?: { timeout?: TimeLimit }): Operation<unknown>

  /**
   * Runs a function in a new member and returns its result. If the caller is a member itself, the function runs in place, since
   * waiting for room could block forever.
   *
   * @param fn a coroutine function; a plain or async one works too
   * @param args its arguments
   * @throws whatever the function throws; {TypeError} immediately if `fn` is not a function or `args` not an array
   */
  apply<R>(fn: () => R, args?: readonly []): Operation<Outcome<R>>
  apply<A extends unknown[], R>(fn: (...args: A) => R, args: readonly [...A]): Operation<Outcome<R>>
  apply<R>(fn: (...args: never[]) => R, args: readonly unknown[] = []): Operation<Outcome<R>> {
    checkCallable(fn, 'fn')
    checkArguments(args)
    const site = captureSpawnSite(this.apply)
    return new Call<[], Outcome<R>>(() => this.doApply<Outcome<R>>(fn, args, site), [])
  }

  /**
   * Starts a function in a new member, without waiting. If there is no room, a helper greenlet outside the group waits for it.
   *
   * @param fn as for `apply`
   * @param args its arguments
   * @param callback called with the result in a greenlet of its own; not called if the function fails
   * @returns a greenlet that ends with the function's outcome
   */
  applyAsync<R>(fn: () => R, args?: readonly [], callback?: (value: Outcome<R>) => unknown): Greenlet<Outcome<R>>
  applyAsync<A extends unknown[], R>(
    fn: (...args: A) => R,
    args: readonly [...A],
    callback?: (value: Outcome<R>) => unknown,
  ): Greenlet<Outcome<R>>
  applyAsync<R>(
    fn: (...args: never[]) => R,
    args: readonly unknown[] = [],
    callback?: (value: Outcome<R>) => unknown,
  ): Greenlet<Outcome<R>> {
    checkCallable(fn, 'fn')
    checkArguments(args)
    checkCallableIfGiven(callback, 'callback')
    const site = captureSpawnSite(this.applyAsync)
    const greenlet = this.full()
      ? this.spawnHelper(() => this.doApply<Outcome<R>>(fn, args, site))
      : this.begin<Outcome<R>>(fn, args, site)
    if (callback) greenlet.linkValue((ended) => callback(ended.value as Outcome<R>))
    return greenlet
  }

  /**
   * Like `apply`, but also calls a function with the result, in a greenlet of its own (gevent: apply_cb).
   *
   * @param fn as for `apply`
   * @param args its arguments
   * @param callback takes the result; not called if `fn` fails
   * @throws whatever `fn` throws; {TypeError} immediately if `fn` or `callback` is not a function or `args` not an array
   */
  applyCb<R>(fn: () => R, args?: readonly [], callback?: (value: Outcome<R>) => unknown): Operation<Outcome<R>>
  applyCb<A extends unknown[], R>(
    fn: (...args: A) => R,
    args: readonly [...A],
    callback?: (value: Outcome<R>) => unknown,
  ): Operation<Outcome<R>>
  applyCb<R>(
    fn: (...args: never[]) => R,
    args: readonly unknown[] = [],
    callback?: (value: Outcome<R>) => unknown,
  ): Operation<Outcome<R>> {
    checkCallable(fn, 'fn')
    checkArguments(args)
    checkCallableIfGiven(callback, 'callback')
    const site = captureSpawnSite(this.applyCb)
    return new Call<[], Outcome<R>>(() => this.doApplyCb(fn, args, site, callback), [])
  }

  private *doApply<T>(
    fn: GreenletFunction,
    args: readonly unknown[],
    site: SpawnSite | null,
  ): Generator<Suspension, T, unknown> {
    if (this.has(getcurrent())) return yield* drive<T>(fn(...(args as never[])))
    yield* this.waitAvailable()
    return yield* this.begin<T>(fn, args, site)
  }

  private *doApplyCb<T>(
    fn: GreenletFunction,
    args: readonly unknown[],
    site: SpawnSite | null,
    callback: ((value: T) => unknown) | undefined,
  ): Generator<Suspension, T, unknown> {
    const value = yield* this.doApply<T>(fn, args, site)
    if (callback) spawn(callback, value)
    return value
  }

  /** @internal Runs a coroutine in a greenlet that is not a member but is killed together with the group. */
  protected spawnHelper<T>(fn: () => Generator<Suspension, T, unknown>): Greenlet<T> {
    const helper = spawn(fn) as Greenlet<T>
    this.feeders.add(helper)
    helper.rawlink(() => this.feeders.delete(helper))
    return helper
  }
}

function checkArguments(args: unknown): void {
  if (!Array.isArray(args)) throw wrongType('args', 'an array of arguments', args)
}
