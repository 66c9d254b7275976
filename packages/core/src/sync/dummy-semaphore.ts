import { runCallback } from '../engine/callback.ts'
import { checkCallable, type TimeLimit } from '../engine/check.ts'
import { Done } from '../engine/done.ts'
import type { Operation } from '../engine/suspension.ts'
import { Held } from './held.ts'
import type { AcquireOptions } from './semaphore.ts'

/**
 * A semaphore without a bound, where the code wants one and the program does not (gevent: DummySemaphore). It never blocks.
 *
 * @example
 * const limit = bound === undefined ? new DummySemaphore() : new Semaphore(bound)
 */
export class DummySemaphore {
  // biome-ignore lint/complexity/noUselessConstructor: it stands where a real one would
  constructor(_value?: number) {}

  /** Always succeeds at once. */
  acquire(_options?: AcquireOptions): Operation<boolean> {
    return new Done<boolean>(true)
  }

  /** Does nothing. */
  release(): void {}

  /** Never locked. */
  locked(): boolean {
    return false
  }

  /** Always ready. */
  ready(): boolean {
    return true
  }

  /** Never waits. */
  wait(_options?: { timeout?: TimeLimit }): Operation<number> {
    return new Done<number>(1)
  }

  /** Holds nothing. */
  hold(_options?: { timeout?: TimeLimit }): Operation<Held> {
    return new Done<Held>(new Held(() => {}))
  }

  /** Calls the function in the hub's next turn: it is always ready. */
  rawlink(callback: (source: this) => unknown): void {
    checkCallable(callback, 'callback')
    runCallback(callback, this)
  }

  /** Does nothing: a link is called at once. */
  unlink(_callback: (source: this) => unknown): void {}
}
