import { type Greenlet, spawn } from '@greenlit/core'
import { decode, type Payload, pack } from '../codec/payload.ts'
import { callTarget } from '../process/target.ts'
import type { Asker, OwnedObject } from '../tree/owned-object.ts'

/** An object that lives in a manager's process. Each call runs in a greenlet of its own, and may block. */
export class HostedObject implements OwnedObject {
  private readonly object: Record<string, unknown>
  private readonly exposed: ReadonlySet<string> | undefined
  private readonly calls = new Map<Asker, Greenlet<unknown>>()

  /**
   * @param object the object whose methods are called
   * @param exposed the methods that may be called; default all that do not begin with an underscore
   */
  constructor(object: object, exposed?: readonly string[]) {
    this.object = object as Record<string, unknown>
    this.exposed = exposed === undefined ? undefined : new Set(exposed)
  }

  ask(asker: Asker, method: string, _args: readonly unknown[], payload: Payload | undefined): void {
    const fn = this.method(method)
    const { object, calls } = this
    const args = payload === undefined ? [] : (decode(payload) as unknown[])
    const call = spawn(function* () {
      try {
        const result = yield* callTarget((...values) => fn.apply(object, values), args)
        asker.answer(undefined, pack(result, asker.node))
      } catch (error) {
        asker.fail(error)
      } finally {
        calls.delete(asker)
      }
    })
    calls.set(asker, call)
  }

  private method(name: string): (...args: unknown[]) => unknown {
    const allowed =
      this.exposed === undefined ? !name.startsWith('_') && name !== 'constructor' : this.exposed.has(name)
    const fn = allowed ? this.object[name] : undefined
    if (typeof fn === 'function') return fn as (...args: unknown[]) => unknown
    throw new TypeError(`Expected a method that may be called from other processes, got ${name}`)
  }

  leave(asker: Asker): void {
    this.calls.get(asker)?.kill()
    this.calls.delete(asker)
  }

  undo(): void {}

  forget(): void {}
}

/** Takes the place of an object that could not be made: every call fails with the reason. */
export class FailedObject implements OwnedObject {
  private readonly error: unknown

  constructor(error: unknown) {
    this.error = error
  }

  ask(asker: Asker): void {
    asker.fail(this.error)
  }

  leave(): void {}

  undo(): void {}

  forget(): void {}
}
