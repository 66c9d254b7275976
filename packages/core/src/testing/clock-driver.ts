import { Blocking } from '../engine/blocking.ts'
import { afterOtherWork } from '../engine/clock.ts'
import { Execution } from '../engine/execution.ts'
import { loop } from '../engine/loop.ts'
import { YIELDED } from '../engine/states.ts'
import type { VirtualClock } from './virtual-clock.ts'

/**
 * How many rounds of nothing but `sleep(0)` count as polling for the time to pass. Fewer may just be greenlets that do some work and
 * yield to others.
 */
const MAX_POLLS = 32

/**
 * Advances a virtual clock from outside the hub: whenever nothing is ready to run, it moves the time to the next timer, which fires.
 * In between, the platform's own callbacks and promises get their turn.
 */
export abstract class ClockDriver extends Blocking<undefined> {
  protected readonly clock: VirtualClock
  /** The time at which the operation ends, even if there is always something ready to run. */
  protected endTime = Infinity
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

  /** Called when the operation starts. */
  protected begin(): void {}

  /** Returns the time up to which the clock may move now; `undefined` ends the operation. */
  protected abstract until(nextTimer: number): number | undefined

  private readonly step = (): void => {
    if (this.stopped) return
    if (loop.queue.isEmpty || this.isPolling()) {
      const limit = this.until(this.clock.nextTimer)
      if (limit === undefined) {
        this.wake(undefined)
        return
      }
      this.clock.moveTo(Math.min(limit, this.clock.nextTimer))
    }
    afterOtherWork(this.step)
  }

  /** Whether the greenlets that are ready have done nothing but `sleep(0)` for many rounds, and there is a time to advance to. */
  private isPolling(): boolean {
    this.polls = onlyYields() ? this.polls + 1 : 0
    if (this.polls < MAX_POLLS || Math.min(this.clock.nextTimer, this.endTime) === Infinity) return false
    this.polls = 0
    return true
  }
}

/** Whether everything in the run queue is a greenlet in `sleep(0)`. */
function onlyYields(): boolean {
  const { tail } = loop.queue
  for (let node = tail?._next; node; node = node === tail ? null : node._next)
    if (!(node instanceof Execution && (node._flags & YIELDED) !== 0)) return false
  return true
}
