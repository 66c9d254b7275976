import { type Coroutine, Event } from '@greenlit/core'

/** What those wait at who need room for one more request. */
export class Room {
  private readonly changed = new Event()

  change(): void {
    this.changed.set()
  }

  /** Waits for as long as something holds; it is asked again after each change. */
  *wait(holds: () => boolean): Coroutine<void> {
    while (holds()) {
      this.changed.clear()
      yield* this.changed.wait()
    }
  }
}
