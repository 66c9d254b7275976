import { runCallback } from '../engine/callback.ts'
import { checkCallable, type TimeLimit } from '../engine/check.ts'
import { Done } from '../engine/done.ts'
import type { Operation } from '../engine/suspension.ts'
import { type Held, heldUntilDisposed } from './held.ts'
import type { AcquireOptions } from './semaphore.ts'

/**
 * A semaphore with unlimited permits, for code that needs one where no limit is wanted (gevent: DummySemaphore). It never blocks.
 *
 * @example
 * const limit = bound === undefined ? new DummySemaphore() : new Semaphore(bound)
 */
export class DummySemaphore {
  // biome-ignore lint/complexity/noUselessConstructor: accepts the argument of a real semaphore
  constructor(_value?: number) {}

  /** Always succeeds immediately. */
  acquire(_options?: AcquireOptions): Operation<boolean> {
    return new Done<boolean>(true)
  }

  /** Does nothing. */
  release(): void {}

  /** Always returns `false`. */
  locked(): boolean {
    return false
  }

  /** Always returns `true`. */
  ready(): boolean {
    return true
  }

  /** Never waits: returns 1. */
  wait(_options?: { timeout?: TimeLimit }): Operation<number> {
    return new Done<number>(1)
  }

  /** Returns a `Held` that holds nothing. */
  hold(_options?: { timeout?: TimeLimit }): Operation<Held> {
    return new Done<Held>(heldUntilDisposed(() => {}))
  }

  /** Calls the function in the hub's next turn, since this is always ready. */
  rawlink(callback: (source: this) => unknown): void {
    checkCallable(callback, 'callback')
    runCallback(callback, this)
  }

  /** Does nothing: links are called right away. */
  unlink(_callback: (source: this) => unknown): void {}
}
