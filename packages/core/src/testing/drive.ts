import { Blocking } from '../engine/blocking.ts'
import { afterOtherWork } from '../engine/clock.ts'
import { Execution } from '../engine/execution.ts'
import { loop } from '../engine/loop.ts'
import { YIELDED } from '../engine/states.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** A batch of nothing but `sleep(0)` may be work that gives way to others; so many one after the other are taken for a wait for the time. */
const MOST_POLLS = 32

/**
 * Turns a virtual clock from outside the hub: whenever nothing is ready it moves the time to the next timer and lets it fire.
 * In between, the platform's own callbacks and promises get their turn.
 */
export abstract class Drive extends Blocking<undefined> {
  protected readonly clock: VirtualClock
  /** The time at which it ends, even if something is ready all the time. */
  protected bound = Infinity
  private stopped = false
  private polls = 0

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
    if (loop.queue.isEmpty || this.isPolled()) {
      const limit = this.until(this.clock.nextTimer)
      if (limit === undefined) {
        this.wake(undefined)
        return
      }
      this.clock.moveTo(Math.min(limit, this.clock.nextTimer))
    }
    afterOtherWork(this.step)
  }

  /** Whether those who are ready have only given their turn away, for long, and the time has somewhere to go. */
  private isPolled(): boolean {
    this.polls = onlyGiveWay() ? this.polls + 1 : 0
    if (this.polls < MOST_POLLS || Math.min(this.clock.nextTimer, this.bound) === Infinity) return false
    this.polls = 0
    return true
  }
}

/** Whether all that is ready is in `sleep(0)`. */
function onlyGiveWay(): boolean {
  const { tail } = loop.queue
  for (let node = tail?.queueNext; node; node = node === tail ? null : node.queueNext)
    if (!(node instanceof Execution && (node.flags & YIELDED) !== 0)) return false
  return true
}
