import type { TimeLimit } from '@greenlit/core/engine'
import type { Pollable } from '../socket/description.ts'
import { mayHide, Readiness } from './readiness.ts'
import { EVENT_READ, EVENT_WRITE, type SelectorKey } from './selector-key.ts'
import type { Registration } from './selector-map.ts'

/** Ready sockets, and what each is ready for. */
export type Ready<D> = [key: SelectorKey<D>, events: number][]

/** One greenlet in a selector's `select`. `undefined` asks to be made anew. */
export class SelectorWait<D> extends Readiness<Ready<D> | undefined> {
  private readonly registrations: ReadonlyMap<number, Registration<D>>
  private readonly waits: Set<SelectorWait<D>>

  /** @param waits the selector's, in which this one is while it waits */
  constructor(registrations: ReadonlyMap<number, Registration<D>>, waits: Set<SelectorWait<D>>, timeout: TimeLimit) {
    super(timeout)
    this.registrations = registrations
    this.waits = waits
  }

  override start(): boolean {
    const done = super.start()
    if (!done) this.waits.add(this)
    return done
  }

  protected *watched(): Iterable<Pollable> {
    for (const { pollable } of this.registrations.values()) yield pollable
  }

  protected collect(): Ready<D> | undefined {
    const ready: Ready<D> = []
    for (const { key, pollable } of this.registrations.values()) {
      const events = eventsOf(pollable) & key.events
      if (events !== 0) ready.push([key, events])
    }
    return ready.length > 0 ? ready : undefined
  }

  protected mayMiss(): boolean {
    for (const { key, pollable } of this.registrations.values()) {
      if ((key.events & EVENT_READ) !== 0 && mayHide(pollable)) return true
    }
    return false
  }

  protected nothing(): Ready<D> {
    return []
  }

  /** Watches one more. */
  add(pollable: Pollable): void {
    pollable.startWatching()
    pollable.observe(this)
    // What comes from outside keeps the program from being at a deadlock, which is settled when a wait begins.
    if (pollable.isExternal && !this.isExternal) this.answer(undefined)
    else this.look()
  }

  protected override leave(): void {
    this.waits.delete(this)
    super.leave()
  }

  describe(): string {
    return 'DefaultSelector.select'
  }
}

function eventsOf(pollable: Pollable): number {
  if (pollable.closed) return 0
  return (pollable.readable ? EVENT_READ : 0) | (pollable.writable ? EVENT_WRITE : 0)
}
