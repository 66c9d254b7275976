import { DISPOSE } from '../engine/disposal.ts'

/** Holds a lock until it is disposed: `using held = yield* lock.hold()`. */
export class Held {
  private release: (() => void) | undefined

  constructor(release: () => void) {
    this.release = release
  }

  /** Releases the lock. Does nothing when called again. Throws if the lock does: an `RLock` of another greenlet stays held. */
  dispose(): void {
    this.release?.()
    this.release = undefined
  }

  [DISPOSE](): void {
    this.dispose()
  }
}
