import { DISPOSE } from '../engine/disposal.ts'

/** Holds a lock until it is disposed: `using held = yield* lock.hold()`. */
export interface Held extends Disposable {
  /** Releases the lock. Does nothing when called again. Throws if the lock does: an `RLock` of another greenlet stays held. */
  dispose(): void
}

/** Returns what calls a function when it is disposed, once. A function, not a class: bundlers can drop it. */
export function heldUntilDisposed(release: () => void): Held {
  let left: (() => void) | undefined = release
  const dispose = () => {
    left?.()
    left = undefined
  }
  return { dispose, [DISPOSE]: dispose }
}
