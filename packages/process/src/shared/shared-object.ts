import type { Operation } from '@greenlit/core'
import type { SharedReference } from '../codec/shared.ts'
import { BlockingCall, type CallOptions } from '../tree/blocking-call.ts'
import { callNow } from '../tree/eager-call.ts'
import type { ObjectRef } from '../tree/object-ref.ts'

const NO_OPTIONS = {}

/**
 * The base class of objects shared between processes: the object stays in the process that made it, and other processes get a proxy
 * for it.
 */
export abstract class SharedObject {
  /** @internal */
  readonly ref: ObjectRef

  /** @internal */
  constructor(ref: ObjectRef) {
    this.ref = ref
  }

  /** The name of its class in messages, by which the receiver finds the class. */
  protected abstract get kind(): string

  /** @internal */
  toReference(destination: string | undefined): SharedReference {
    return [this.kind, this.ref.node, this.ref.sentTo(destination), ...this.viewData()]
  }

  /** The extra data that a proxy needs. */
  protected viewData(): readonly unknown[] {
    return []
  }

  /** Calls a method of the object and waits for its reply. */
  protected ask<T>(method: string, args: readonly unknown[], options: CallOptions<T> = NO_OPTIONS): Operation<T> {
    return new BlockingCall<T>(this.ref, this.kind, method, args, options)
  }

  /** Calls a method of the object at once; the operation only waits for the reply. */
  protected callNow<T>(method: string, args: readonly unknown[]): Operation<T> {
    return callNow<T>(this.ref, method, args, `${this.kind}.${method}`)
  }

  /** @internal Node prints it as text, without its inner parts. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }

  toString(): string {
    return `<${this.kind} object>`
  }
}
