import { Call } from '../engine/call.ts'
import { checkDuration, checkOptions } from '../engine/check.ts'
import { systemClock } from '../engine/clock.ts'
import { loop } from '../engine/loop.ts'
import { runtime } from '../engine/runtime.ts'
import type { Operation, Suspension } from '../engine/suspension.ts'
import { enumerate } from '../greenlet/live.ts'
import type { RawGreenlet } from '../greenlet/raw-greenlet.ts'
import { spawnSiteOf } from '../greenlet/spawn-site.ts'
import { abortable } from '../interop/abort.ts'

/** What a test has left behind. */
export interface Leaks {
  /** Greenlets that are still alive. */
  readonly greenlets: readonly RawGreenlet[]
  /** How many more timers of the hub keep the program alive. */
  readonly timers: number
  /** How many more waits for something outside go on. */
  readonly waits: number
  /** The platform's resources (sockets, servers, processes) that are open beyond those before, by Node's name for them. */
  readonly handles: readonly string[]
}

/** How to look for leaks. */
export interface LeakCheckOptions {
  /** Whether to look at the platform's resources too, where it tells of them (Node). Default true. */
  handles?: boolean
}

/** Comes and goes with the test runner and with Node itself; the hub's own timers are counted apart. */
const AMBIENT = new Set(['Timeout', 'Immediate', 'TickObject', 'Microtask', 'MessagePort', 'TTYWrap', 'FSReqPromise'])
/** How long closing may take before it counts as leaking, in milliseconds of real time. */
const PATIENCE = 2000
const POLL = 5

interface Platform {
  getActiveResourcesInfo?(): string[]
  readonly stdout?: unknown
  readonly stderr?: unknown
}

/**
 * Remembers what was alive when it was made, and finds what is alive beyond that.
 *
 * @example
 * const leaks = watchLeaks()
 * await runTheTest()
 * await leaks.assertNone()
 */
export class LeakCheck {
  private readonly greenlets: ReadonlySet<RawGreenlet> = new Set(enumerate())
  private readonly timers = loop.timers.refCount
  private readonly waits = externalWaits()
  private readonly handles: ReadonlyMap<string, number>
  private readonly looksAtHandles: boolean

  /** @param options see `LeakCheckOptions` */
  constructor(options?: LeakCheckOptions) {
    this.looksAtHandles = checkOptions(options).handles ?? true
    this.handles = countHandles(this.looksAtHandles)
  }

  /** What is alive now and was not before; the greenlet that asks does not count. */
  find(): Leaks {
    const handles: string[] = []
    for (const [name, count] of countHandles(this.looksAtHandles)) {
      for (let extra = count - (this.handles.get(name) ?? 0); extra > 0; extra -= 1) handles.push(name)
    }
    return {
      greenlets: enumerate().filter((greenlet) => !this.greenlets.has(greenlet) && greenlet !== runtime.current),
      timers: Math.max(0, loop.timers.refCount - this.timers),
      waits: Math.max(0, externalWaits() - this.waits),
      handles,
    }
  }

  /**
   * Throws unless all is gone. What is being closed gets some time to end.
   *
   * @param options `patience`: how long to wait for that, in milliseconds of real time, default 2000
   * @throws {Error} that lists each leaked greenlet with what it waits on and where it was spawned, and the resources
   */
  assertNone(options?: { patience?: number }): Operation<undefined> {
    const patience = checkDuration(checkOptions(options).patience ?? PATIENCE, 'patience')
    return new Call<[LeakCheck, number], undefined>(assertNone, [this, patience])
  }
}

function* assertNone(check: LeakCheck, patience: number): Generator<Suspension, undefined, unknown> {
  const deadline = systemClock.now() + patience
  for (;;) {
    // The platform closes in turns of its own, whatever the hub's clock says.
    yield* abortable(() => new Promise((resolve) => setTimeout(resolve, POLL)))
    const leaks = check.find()
    const report = describeLeaks(leaks)
    if (report === '') return undefined
    if (systemClock.now() >= deadline) throw new Error(`Expected nothing to be left behind, got\n${report}`)
  }
}

function describeLeaks({ greenlets, timers, waits, handles }: Leaks): string {
  const lines = greenlets.map(
    (greenlet) => `  ${greenlet} waits on ${greenlet.waiting?.describe() ?? 'its turn'}${spawnSiteOf(greenlet)}`,
  )
  if (timers > 0) lines.push(`  timers of the hub: ${timers}`)
  if (waits > 0) lines.push(`  waits for something outside: ${waits}`)
  if (handles.length > 0) lines.push(`  open resources: ${handles.join(', ')}`)
  return lines.join('\n')
}

/** The waits of greenlets; a wait of the plain program is the one who asks. */
function externalWaits(): number {
  let ofPrograms = 0
  for (const program of runtime.programs)
    if ((program.waiting as { isExternal?: boolean } | null)?.isExternal) ofPrograms += 1
  return loop.externalWaits - ofPrograms
}

function countHandles(look: boolean): Map<string, number> {
  const counts = new Map<string, number>()
  const platform = (globalThis as { process?: Platform }).process
  // Node opens its standard streams at the first look, which then is not what a test leaves behind.
  void platform?.stdout
  void platform?.stderr
  for (const name of (look && platform?.getActiveResourcesInfo?.()) || []) {
    if (!AMBIENT.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}

/**
 * Begins to watch for leaks: greenlets, timers, and where the platform tells of them (Node) sockets, servers and processes.
 *
 * @param options see `LeakCheckOptions`
 * @example
 * beforeEach(() => {
 *   const leaks = watchLeaks()
 *   onTestFinished(async () => void (await leaks.assertNone()))
 * })
 */
export function watchLeaks(options?: LeakCheckOptions): LeakCheck {
  return new LeakCheck(options)
}
