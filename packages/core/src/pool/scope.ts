import { Call } from '../engine/call.ts'
import { checkCallable } from '../engine/check.ts'
import type { Execution } from '../engine/execution.ts'
import { interrupt } from '../engine/interrupt.ts'
import { blockingExecution } from '../engine/operation.ts'
import { runtime } from '../engine/runtime.ts'
import { drive } from '../engine/start.ts'
import { FAILS, NOTHING } from '../engine/states.ts'
import type { Operation, Suspension } from '../engine/suspension.ts'
import { isControlError } from '../errors/control-error.ts'
import { GreenletExit } from '../errors/greenlet-exit.ts'
import type { Greenlet } from '../greenlet/greenlet.ts'
import type { Outcome } from '../greenlet/outcome.ts'
import { shield } from '../greenlet/shield.ts'
import { Group } from './group.ts'

/** Takes the place of `enter` once a scope was left. */
function refuse(): never {
  throw new Error('Expected a scope that has not ended')
}

/** The group of a scope. */
class Nursery extends Group {
  /** The error that ended the scope before its children were done. */
  failure: unknown = NOTHING
  /** The error thrown into the body when a child has failed. */
  declare private exit: GreenletExit | undefined
  private bodyRuns = true
  private readonly owner: Execution
  /** The number of shields around the scope: those inside it hold an interrupt of the body back. */
  private readonly depth: number

  constructor(owner: Execution) {
    super()
    this.owner = owner
    this.depth = owner._extras?.shields ?? 0
  }

  /** The greenlet of a `mapAsync` is a child too: the scope must not end before its calls have begun. */
  protected override spawnHelper<T>(fn: () => Generator<Suspension, T, unknown>): Greenlet<T> {
    return this.spawn(fn) as Greenlet<T>
  }

  override notify(source: unknown): void {
    super.notify(source)
    const child = source as Greenlet<unknown>
    if (child.successful() || this.failure !== NOTHING) return
    this.failure = child.exception
    this.kill({ block: false })
    this.exit = new GreenletExit()
    interrupt(this.owner, this.exit, this.depth, FAILS, () => !this.bodyRuns)
  }

  *run<R>(fn: (group: Group) => R): Generator<Suspension, Outcome<R>, unknown> {
    try {
      const value = yield* this.runBody(fn)
      if (this.failure === NOTHING) return value
      yield* shield(this.kill())
    } finally {
      // Children are left only if the owner is ended by force, as it does not wait then.
      if (this.size > 0) this.kill({ block: false })
      this.enter = refuse
    }
    throw this.failure
  }

  private *runBody<R>(fn: (group: Group) => R): Generator<Suspension, Outcome<R>, unknown> {
    try {
      const value = yield* drive<Outcome<R>>(fn(this))
      while (this.size > 0 && this.failure === NOTHING) yield* this.join()
      return value
    } catch (error) {
      // A kill or timeout of the caller itself must not be swallowed, whatever else has failed.
      if (this.failure === NOTHING || (isControlError(error) && error !== this.exit)) this.failure = error
      else if (error !== this.exit) runtime.reportError(this.owner, error)
      return undefined as Outcome<R>
    } finally {
      this.bodyRuns = false
    }
  }
}

/**
 * Runs a function with a new group, and returns only when all greenlets in that group have finished (Trio: a nursery). When a child
 * fails, the function throws, or the caller is killed, the remaining children are killed and waited for; a kill of the caller during
 * that wait is deferred.
 *
 * @param fn a coroutine function that takes the group. When a child fails, a `GreenletExit` is thrown where the function waits
 * @returns what `fn` returns
 * @throws the first error, while later ones are only reported; or the kill or timeout that ended the scope; {TypeError} immediately if
 *   `fn` is not a function
 * @example
 * const sizes = yield* scope(function* (group) {
 *   const greenlets = urls.map((url) => group.spawn(fetchSize, url))
 *   return yield* joinall(greenlets)
 * })
 */
export function scope<R>(fn: (group: Group) => R): Operation<Outcome<R>> {
  checkCallable(fn, 'fn')
  return new Call<[], Outcome<R>>(() => new Nursery(blockingExecution()).run(fn), [])
}
