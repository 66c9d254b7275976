import { type Coroutine, Event } from '@greenlit/core'

/** Where callers wait until a server has capacity for one more request. */
export class Capacity {
  private readonly change = new Event()

  /** Has every waiting caller evaluate its condition again. */
  changed(): void {
    this.change.set()
  }

  /** Waits while a condition holds. */
  *waitWhile(holds: () => boolean): Coroutine<void> {
    while (holds()) {
      this.change.clear()
      yield* this.change.wait()
    }
  }
}
