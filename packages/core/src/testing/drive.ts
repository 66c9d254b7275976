import { Blocking } from '../engine/blocking.ts'
import { afterOtherWork } from '../engine/clock.ts'
import { loop } from '../engine/loop.ts'
import type { VirtualClock } from './virtual-clock.ts'

/**
 * Turns a virtual clock from outside the hub: whenever nothing is ready it moves the time to the next timer and lets it fire.
 * In between, the platform's own callbacks and promises get their turn.
 */
export abstract class Drive extends Blocking<undefined> {
  protected readonly clock: VirtualClock
  /** The time past which it ends, even if something is ready all the time. */
  protected bound = Infinity
  private stopped = false

  constructor(clock: VirtualClock) {
    super()
    this.clock = clock
  }

  override get isExternal(): boolean {
    return true
  }

  start(): boolean {
    this.begin()
    afterOtherWork(this.step)
    return false
  }

  cancel(): void {
    this.stopped = true
  }

  /** Is called when the operation is used. */
  protected begin(): void {}

  /** Until when the time may move now. `undefined` ends the operation. */
  protected abstract until(nextTimer: number): number | undefined

  private readonly step = (): void => {
    if (this.stopped) return
    if (loop.queue.isEmpty || this.clock.now() > this.bound) {
      const limit = this.until(this.clock.nextTimer)
      if (limit === undefined) {
        this.wake(undefined)
        return
      }
      this.clock.moveTo(Math.min(limit, this.clock.nextTimer))
    }
    afterOtherWork(this.step)
  }
}
