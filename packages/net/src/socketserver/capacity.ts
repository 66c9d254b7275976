import { type Coroutine, Event } from '@greenlit/core'

/** Where callers wait until a server has capacity for one more request. */
export class Room {
  private readonly changed = new Event()

  change(): void {
    this.changed.set()
  }

  /** Waits while a condition holds, re-evaluating it after each `change`. */
  *wait(holds: () => boolean): Coroutine<void> {
    while (holds()) {
      this.changed.clear()
      yield* this.changed.wait()
    }
  }
}
