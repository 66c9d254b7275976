import { checkCallable } from '../engine/check.ts'
import { loop } from '../engine/loop.ts'
import type { Greenlet } from '../greenlet/greenlet.ts'
import type { Outcome } from '../greenlet/outcome.ts'
import { spawn } from '../greenlet/spawn.ts'
import { ClockDriver } from './clock-driver.ts'
import { useVirtualClock, type VirtualClock } from './virtual-clock.ts'

/** Advances the time until a greenlet has finished, except while anything real (a promise, a socket) is waited for. */
class RunUntilDone extends ClockDriver {
  private readonly greenlet: Greenlet<unknown>

  constructor(clock: VirtualClock, greenlet: Greenlet<unknown>) {
    super(clock)
    this.greenlet = greenlet
  }

  protected until(nextTimer: number): number | undefined {
    // One external wait is this operation. With no timer and nothing real to wait for the program is deadlocked; once this operation
    // has ended, the hub raises that.
    const waitsForReal = loop.externalWaits > 1
    if (this.greenlet.ready() || (nextTimer === Infinity && !waitsForReal)) return undefined
    return waitsForReal ? this.clock.now() : Infinity
  }

  describe(): string {
    return `the end of ${this.greenlet} in virtual time`
  }
}

/**
 * Runs a whole program in virtual time: whenever all greenlets wait, the clock jumps to the next timer, so that hours of sleeping take
 * no time. The clock stands still while a greenlet waits for something real (a promise, a socket).
 *
 * @param fn the coroutine function; it is passed the clock, to read the time from
 * @returns a promise of what `fn` returns; the real clock is back when it settles
 * @throws whatever `fn` throws; {LoopExit} if it waits for something that can never happen
 * @example
 * const elapsed = await virtualTime(function* (clock) {
 *   yield* sleep(3_600_000)
 *   return clock.now() // 3600000
 * })
 */
export async function virtualTime<R>(fn: (clock: VirtualClock) => R): Promise<Outcome<R>> {
  checkCallable(fn, 'fn')
  const clock = useVirtualClock()
  try {
    const greenlet = spawn(fn, clock)
    await new RunUntilDone(clock, greenlet as Greenlet<unknown>)
    return await greenlet
  } finally {
    clock.restore()
  }
}
