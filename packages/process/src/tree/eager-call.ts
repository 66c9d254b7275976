import { getHub, type Operation } from '@greenlit/core'
import { decode, type Payload } from '../codec/payload.ts'
import { ExternalWait, type WaitSource } from '../wait/external-wait.ts'
import type { ObjectRef } from './object-ref.ts'
import type { Asker } from './owned-object.ts'
import { tree } from './tree.ts'

/** A call of a shared object that is made at once, before anybody waits for its reply. */
class EagerCall<T> implements Asker, WaitSource<T> {
  readonly name: string
  private hasStarted = false
  private outcome: { readonly value: T } | undefined = undefined
  private failure: { readonly error: unknown } | undefined = undefined
  private wait: ExternalWait<T> | undefined = undefined

  constructor(name: string) {
    this.name = name
  }

  get node(): string {
    return tree.id
  }

  /** Makes the call. From now on, errors are kept for the greenlet that waits. */
  ask(ref: ObjectRef, method: string, args: readonly unknown[]): void {
    if (ref.owned === null) tree.requests.ask(this, ref, method, args, undefined)
    else ref.owned.ask(this, method, args, undefined)
    this.hasStarted = true
  }

  answer(value?: unknown, payload?: Payload): boolean {
    try {
      this.outcome = { value: (payload === undefined ? value : decode(payload)) as T }
    } catch (error) {
      return this.fail(error)
    }
    this.wait?.finish()
    return true
  }

  fail(error: unknown): boolean {
    if (!this.hasStarted) throw error
    this.failure = { error }
    // If nobody waits for the reply, report the error rather than lose it.
    if (this.wait === undefined) getHub().handleError(this.name, error)
    else this.wait.finish()
    return true
  }

  ready(): { readonly value: T } | undefined {
    if (this.failure !== undefined) throw this.failure.error
    return this.outcome
  }

  enter(wait: ExternalWait<T>): void {
    this.wait = wait
    tree.hold()
  }

  leave(): void {
    this.wait = undefined
    tree.letGo()
  }
}

/**
 * Calls a method of a shared object at once. The returned operation only waits for the reply.
 *
 * @throws whatever the owner throws; at once, if this process is the owner
 */
export function callNow<T>(ref: ObjectRef, method: string, args: readonly unknown[], name: string): Operation<T> {
  const call = new EagerCall<T>(name)
  call.ask(ref, method, args)
  return new ExternalWait<T>(call, undefined, () => undefined as T)
}
