import { DISPOSE } from '../engine/disposal.ts'

/** Holds a lock until it is disposed: `using held = yield* lock.hold()`. */
export class Held {
  private release: (() => void) | undefined

  constructor(release: () => void) {
    this.release = release
  }

  /** Releases the lock. Does nothing when called again. */
  dispose(): void {
    const { release } = this
    this.release = undefined
    release?.()
  }

  [DISPOSE](): void {
    this.dispose()
  }
}
