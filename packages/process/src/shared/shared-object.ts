import type { Operation } from '@greenlit/core'
import type { SharedReference } from '../codec/shared.ts'
import { act } from '../tree/act.ts'
import { Ask, type AskOptions } from '../tree/ask.ts'
import type { Place } from '../tree/place.ts'

const NO_OPTIONS = {}

/** What processes share: it stays with the process that made it, and goes to others as a view of it. */
export abstract class SharedObject {
  /** @internal */
  readonly place: Place

  /** @internal */
  constructor(place: Place) {
    this.place = place
  }

  /** What it is called in messages, and found by when it arrives. */
  protected abstract get kind(): string

  /** @internal */
  toReference(destination: string | undefined): SharedReference {
    return [this.kind, this.place.node, this.place.sentTo(destination), ...this.viewData()]
  }

  /** What a view of it needs to know. */
  protected viewData(): readonly unknown[] {
    return []
  }

  /** Calls it and waits for the answer. */
  protected ask<T>(method: string, args: readonly unknown[], options: AskOptions<T> = NO_OPTIONS): Operation<T> {
    return new Ask<T>(this.place, this.kind, method, args, options)
  }

  /** Calls it at once; the operation only waits for the answer. */
  protected act<T>(method: string, args: readonly unknown[]): Operation<T> {
    return act<T>(this.place, method, args, `${this.kind}.${method}`)
  }
}
