import { DISPOSE } from '../engine/disposal.ts'

/** A lock that is held until it is disposed of: `using held = yield* lock.hold()`. */
export class Held {
  private release: (() => void) | undefined

  constructor(release: () => void) {
    this.release = release
  }

  /** Releases the lock, once. */
  dispose(): void {
    const { release } = this
    this.release = undefined
    release?.()
  }

  [DISPOSE](): void {
    this.dispose()
  }
}
