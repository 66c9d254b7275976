import { checkDuration } from '../engine/check.ts'
import type { Clock } from '../engine/clock.ts'
import { DISPOSE } from '../engine/disposal.ts'
import { loop } from '../engine/loop.ts'
import type { Operation } from '../engine/suspension.ts'
import { ClockDriver } from './clock-driver.ts'
import { useClock } from './use-clock.ts'

interface VirtualTimer {
  readonly at: number
  readonly callback: () => void
}

class Advance extends ClockDriver {
  private readonly milliseconds: number

  constructor(clock: VirtualClock, milliseconds: number) {
    super(clock)
    this.milliseconds = milliseconds
  }

  protected override begin(): void {
    this.endTime = this.clock.now() + this.milliseconds
  }

  protected until(nextTimer: number): number | undefined {
    return this.clock.now() >= this.endTime && nextTimer > this.endTime ? undefined : this.endTime
  }

  describe(): string {
    return `advance(${this.milliseconds})`
  }
}

class RunUntilIdle extends ClockDriver {
  protected until(nextTimer: number): number | undefined {
    const isLast = loop.timers.refCount === 0 || nextTimer === Infinity
    return isLast && nextTimer > this.clock.now() ? undefined : Infinity
  }

  describe(): string {
    return 'runUntilIdle'
  }
}

/**
 * A clock for the hub that a test controls: time stands still until it is advanced, and timers fire in order, each at its own time.
 * It governs the waits of greenlets (`sleep`, `Timeout`, every `timeout` option), not the platform's `setTimeout` or `Date`.
 *
 * @example
 * using clock = useVirtualClock()
 * const worker = spawn(poll, { every: 60_000 })
 * await clock.advance(3_600_000)
 */
export class VirtualClock implements Clock {
  private time = 0
  private readonly timers: Set<VirtualTimer> = new Set()
  private replaced: Clock | null = null

  /** The virtual time in milliseconds; it starts at 0. */
  now(): number {
    return this.time
  }

  /**
   * Advances the time. Every timer that is due on the way fires at its own time, including those started on the way.
   *
   * @param milliseconds how far, not negative; 0 only runs what is ready
   * @throws {RangeError} immediately if `milliseconds` is negative or infinite; {TypeError} if it is not a number
   */
  advance(milliseconds: number): Operation<undefined> {
    checkDuration(milliseconds, 'milliseconds')
    if (!(milliseconds >= 0 && milliseconds < Infinity)) {
      throw new RangeError(`Expected \`milliseconds\` to be a number from 0 up, got ${milliseconds}`)
    }
    return new Advance(this, milliseconds)
  }

  /**
   * Advances the time from timer to timer until nothing is ready and no timer is left that would keep the program alive. Never ends if
   * a greenlet sleeps in an endless loop.
   */
  runUntilIdle(): Operation<undefined> {
    return new RunUntilIdle(this)
  }

  /** Restores the hub's previous clock. Pending timers keep their remaining time. Does nothing when called again. */
  restore(): void {
    if (this.replaced === null) return
    useClock(this.replaced, Math.ceil)
    this.replaced = null
  }

  /** Restores the previous clock at the end of a `using` block. */
  [DISPOSE](): void {
    this.restore()
  }

  /** @internal */
  install(): this {
    // Timers of the real clock were rounded up to whole milliseconds when they were started.
    this.replaced ??= useClock(this, Math.floor)
    return this
  }

  /** @internal The time at which the next timer is due, or `Infinity`. */
  get nextTimer(): number {
    return loop.timers.nextTick
  }

  /** @internal Moves the time in one step, and fires the timers that are due then. */
  moveTo(time: number): void {
    this.time = Math.max(this.time, time)
    for (const timer of [...this.timers]) {
      if (timer.at <= this.time && this.timers.delete(timer)) timer.callback()
    }
  }

  /** @internal */
  setTimer(callback: () => void, delay: number): unknown {
    const timer = { at: this.time + delay, callback }
    this.timers.add(timer)
    return timer
  }

  /** @internal */
  clearTimer(timer: unknown): void {
    this.timers.delete(timer as VirtualTimer)
  }

  /** @internal Virtual timers never keep the program alive. */
  refTimer(): void {}
}

/**
 * Replaces the hub's clock with one that the test advances by hand. Undo it with `restore()`, or declare it with `using`.
 *
 * @throws {Error} if the hub's clock is a virtual one already
 * @example
 * const clock = useVirtualClock()
 * const sleeper = spawn(sleep, 60_000)
 * await clock.advance(60_000)
 * sleeper.ready() // true
 * clock.restore()
 */
export function useVirtualClock(): VirtualClock {
  if (loop.clock instanceof VirtualClock)
    throw new Error('Expected the clock to be real, got a virtual one: restore it first')
  return new VirtualClock().install()
}
