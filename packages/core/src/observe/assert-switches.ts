import { Call } from '../engine/call.ts'
import { checkCallable, checkDuration, checkOptions } from '../engine/check.ts'
import { systemClock } from '../engine/clock.ts'
import { runtime } from '../engine/runtime.ts'
import { drive } from '../engine/start.ts'
import type { Operation, Suspension } from '../engine/suspension.ts'
import { branded } from '../errors/branded.ts'
import type { Outcome } from '../greenlet/outcome.ts'
import { getcurrent } from '../greenlet/raw-greenlet.ts'
import { GreenletTracer } from './greenlet-tracer.ts'

/**
 * Thrown by `assertSwitches` when a block did not let other greenlets run, or not soon enough (gevent: _FailedToSwitch).
 *
 * @example
 * yield* assertSwitches(() => 42) // throws: it never waited
 */
export class FailedToSwitch extends /* @__PURE__ */ branded('FailedToSwitch') {
  /** A stable identifier for this kind of error. */
  readonly code: string = 'FAILED_TO_SWITCH'
}

/** Options of `assertSwitches`. */
export interface AssertSwitchesOptions {
  /**
   * How long any greenlet may run without a switch, in milliseconds. If given, a block that never switches passes, unless `hubOnly` is
   * set. 0 means no limit, as in gevent.
   */
  maxBlockingTime?: number | undefined
  /**
   * Whether only switches to the hub count, not those between greenlets: there must be at least one, and `maxBlockingTime` limits how
   * long the hub may be kept from running. Default false.
   */
  hubOnly?: boolean | undefined
}

class SwitchTracer extends GreenletTracer {
  private readonly greenlet: unknown
  private readonly hubOnly: boolean
  private hasSwitched = false
  private longest = 0
  private blocker: unknown
  private lastSwitch = systemClock.now()

  constructor(greenlet: unknown, hubOnly: boolean) {
    super()
    this.greenlet = greenlet
    this.hubOnly = hubOnly
  }

  protected switched(origin: unknown, target: unknown): void {
    if (this.hubOnly ? target === runtime.hub : origin === this.greenlet) this.hasSwitched = true
    this.measure(origin)
    if (!this.hubOnly || target === runtime.hub || origin === runtime.hub) this.lastSwitch = systemClock.now()
  }

  private measure(origin: unknown): void {
    const time = systemClock.now() - this.lastSwitch
    // The hub may take any time: it waits for external events.
    if (origin !== runtime.hub && time > this.longest) {
      this.longest = time
      this.blocker = origin
    }
  }

  check(maxBlockingTime: number | undefined): void {
    this.measure(this.greenlet)
    const { hubOnly, longest, blocker } = this
    if (!this.hasSwitched && (maxBlockingTime === undefined || hubOnly)) {
      throw new FailedToSwitch(
        `Expected the block to let ${hubOnly ? 'the hub' : 'other greenlets'} run, it never waited`,
      )
    }
    if (maxBlockingTime !== undefined && longest > maxBlockingTime) {
      const took = `${Math.round(longest)} ms`
      throw new FailedToSwitch(
        hubOnly
          ? `Expected the hub to run again within ${maxBlockingTime} ms, it took ${took}, at last of ${blocker}`
          : `Expected no greenlet to run longer than ${maxBlockingTime} ms at a time, ${blocker} ran ${took}`,
      )
    }
  }
}

/**
 * Runs a function and fails unless it lets other greenlets run in between (gevent.util: assert_switches). An error of the function
 * itself is rethrown. Such blocks may be nested, and leave a tracer that was set with `settrace` working.
 *
 * @param fn the coroutine function, called without arguments
 * @param options see `AssertSwitchesOptions`
 * @returns what `fn` returns
 * @throws {FailedToSwitch} if the block never waited; with `maxBlockingTime`, if a greenlet ran longer than that
 * @example
 * yield* assertSwitches(() => handle(request), { maxBlockingTime: 50 })
 */
export function assertSwitches<R>(fn: () => R, options: AssertSwitchesOptions = {}): Operation<Outcome<R>> {
  checkCallable(fn, 'fn')
  const { maxBlockingTime, hubOnly = false } = checkOptions(options)
  if (maxBlockingTime !== undefined) checkDuration(maxBlockingTime, 'maxBlockingTime')
  return new Call<[() => R, number | undefined, boolean], Outcome<R>>(asserted, [
    fn,
    maxBlockingTime || undefined,
    hubOnly,
  ])
}

function* asserted<R>(
  fn: () => R,
  maxBlockingTime: number | undefined,
  hubOnly: boolean,
): Generator<Suspension, Outcome<R>, unknown> {
  const tracer = new SwitchTracer(getcurrent(), hubOnly).install()
  let value: Outcome<R>
  try {
    value = yield* drive<Outcome<R>>(fn())
  } finally {
    tracer.uninstall()
  }
  tracer.check(maxBlockingTime)
  return value
}
