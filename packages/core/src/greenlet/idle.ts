import { Blocking } from '../engine/blocking.ts'
import { afterOtherWork } from '../engine/clock.ts'
import { loop } from '../engine/loop.ts'
import type { Operation } from '../engine/suspension.ts'

class Idle extends Blocking<undefined> {
  override get isExternal(): boolean {
    return true
  }

  start(): boolean {
    afterOtherWork(this.look)
    return false
  }

  private readonly look = (): void => {
    if (!this.isWaiting) return
    if (loop.queue.isEmpty && loop.timers.nextTick > loop.clock.now()) this.wake(undefined)
    else afterOtherWork(this.look)
  }

  cancel(): void {}

  describe(): string {
    return 'idle'
  }
}

/**
 * Waits until nothing else is ready: no greenlet, no due timer, no I/O that has arrived (gevent: idle).
 *
 * @example
 * yield* idle()
 * compressOldLogs()
 */
export function idle(): Operation<undefined> {
  return new Idle()
}
