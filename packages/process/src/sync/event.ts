import type { Operation } from '@greenlit/core'
import { type TimeLimit, timeoutOf } from '@greenlit/core/engine'
import { shareClass } from '../codec/shared.ts'
import { WaitableObject } from '../shared/waitable-object.ts'
import { NONE } from '../tree/arguments.ts'
import { ObjectRef } from '../tree/object-ref.ts'
import type { Asker, OwnedObject } from '../tree/owned-object.ts'

/** The state of an event in the process that owns it. */
export class EventState implements OwnedObject {
  private isSet = false
  private readonly waiting = new Set<Asker>()

  ask(asker: Asker, method: string): void {
    if (method === 'wait' && !this.isSet) {
      this.waiting.add(asker)
      return
    }
    if (method === 'set') this.set()
    else if (method === 'clear') this.isSet = false
    asker.answer(this.isSet)
  }

  private set(): void {
    this.isSet = true
    for (const asker of this.waiting) asker.answer(true)
    this.waiting.clear()
  }

  leave(asker: Asker): void {
    this.waiting.delete(asker)
  }

  undo(): void {}

  forget(): void {}
}

/**
 * A flag shared between processes (Python: multiprocessing.Event).
 *
 * @example
 * const ready = new Event()
 * new Process({ target, args: [ready] }).start() // there: ready.set()
 * yield* ready.wait()
 */
export class Event extends WaitableObject {
  constructor()
  /** @internal */
  constructor(ref?: ObjectRef)
  constructor(ref: ObjectRef = ObjectRef.local(new EventState())) {
    super(ref)
  }

  protected get kind(): string {
    return 'Event'
  }

  /** Sets the flag immediately; the returned operation only waits for the owner's confirmation. */
  set(): Operation<unknown> {
    return this.callNow('set', NONE)
  }

  /** Clears the flag immediately; the returned operation only waits for the owner's confirmation. */
  clear(): Operation<unknown> {
    return this.callNow('clear', NONE)
  }

  /** Whether the flag is set. */
  isSet(): Operation<boolean> {
    return this.ask<boolean>('isSet', NONE)
  }

  /**
   * Waits until the flag is set.
   *
   * @param options `timeout`: milliseconds, unlimited by default
   * @returns `true`; `false` when the timeout expires
   * @throws {ProcessDiedError} if the process that created the event is gone
   */
  wait(options: { timeout?: TimeLimit } = {}): Operation<boolean> {
    const timeout = timeoutOf(options)
    if (typeof timeout === 'number' && timeout <= 0) return this.isSet()
    return this.ask<boolean>('wait', NONE, { timeout, onExpiry: () => false })
  }

  protected override get readiness(): readonly [method: string] {
    return ['wait']
  }
}

shareClass('Event', Event, ([, node, key]) => new Event(ObjectRef.at(node, key)))
