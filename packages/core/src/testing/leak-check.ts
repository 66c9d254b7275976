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

/** What a test has leaked. */
export interface Leaks {
  /** Greenlets that are still alive. */
  readonly greenlets: readonly RawGreenlet[]
  /** The number of additional hub timers that keep the program alive. */
  readonly timers: number
  /** The number of additional waits for something outside the hub, such as a promise or a socket. */
  readonly waits: number
  /** The additional open resources of the platform (sockets, servers, processes), by Node's names for them. */
  readonly handles: readonly string[]
}

/** Options of a leak check. */
export interface LeakCheckOptions {
  /** Whether to check the platform's resources too, where it lists them (Node). Default true. */
  handles?: boolean | undefined
}

/** Resources that the test runner and Node itself open and close. The hub's own timers are counted separately. */
const AMBIENT = new Set(['Timeout', 'Immediate', 'TickObject', 'Microtask', 'MessagePort', 'TTYWrap', 'FSReqPromise'])
/** How long resources may take to close before they count as leaked, in milliseconds of real time. */
const PATIENCE = 2000
const POLL = 5

interface Platform {
  getActiveResourcesInfo?(): string[]
  readonly stdout?: unknown
  readonly stderr?: unknown
}

/**
 * Records what is alive when it is created, and finds what has become alive since.
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

  /** Returns what is alive now but was not at first. The calling greenlet does not count. */
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
   * Throws if anything was leaked. Gives greenlets and resources that are about to end some time to do so.
   *
   * @param options `patience`: how long to wait for them, in milliseconds of real time, default 2000
   * @throws {Error} listing each leaked greenlet, with what it waits on and where it was spawned, and the resources
   */
  assertNone(options?: { patience?: number | undefined }): Operation<undefined> {
    const patience = checkDuration(checkOptions(options).patience ?? PATIENCE, 'patience')
    return new Call<[LeakCheck, number], undefined>(assertNone, [this, patience])
  }
}

function* assertNone(check: LeakCheck, patience: number): Generator<Suspension, undefined, unknown> {
  const deadline = systemClock.now() + patience
  for (;;) {
    // In real time: the platform closes resources in its own event loop, whatever the hub's clock says.
    yield* abortable(() => new Promise((resolve) => setTimeout(resolve, POLL)))
    const leaks = check.find()
    const report = describeLeaks(leaks)
    if (report === '') return undefined
    if (systemClock.now() >= deadline) throw new Error(`Expected nothing to be left behind, got\n${report}`)
  }
}

function describeLeaks({ greenlets, timers, waits, handles }: Leaks): string {
  const lines = greenlets.map(
    (greenlet) => `  ${greenlet} waits on ${greenlet._waiting?.describe() ?? 'its turn'}${spawnSiteOf(greenlet)}`,
  )
  if (timers > 0) lines.push(`  timers of the hub: ${timers}`)
  if (waits > 0) lines.push(`  waits for something outside: ${waits}`)
  if (handles.length > 0) lines.push(`  open resources: ${handles.join(', ')}`)
  return lines.join('\n')
}

/** Counts the greenlets that wait for something outside the hub. Waits of the plain program do not count: one is for this check. */
function externalWaits(): number {
  let ofPrograms = 0
  for (const program of runtime.programs)
    if (program._isMain && (program._waiting as { isExternal?: boolean } | null)?.isExternal) ofPrograms += 1
  return loop.externalWaits - ofPrograms
}

function countHandles(look: boolean): Map<string, number> {
  const counts = new Map<string, number>()
  const platform = (globalThis as { process?: Platform }).process
  // Node opens its standard streams on first access. Done here, so that they do not count as leaked by a test.
  void platform?.stdout
  void platform?.stderr
  for (const name of (look && platform?.getActiveResourcesInfo?.()) || []) {
    if (!AMBIENT.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}

/**
 * Starts watching for leaked greenlets and timers and, where the platform lists them (Node), sockets, servers and processes.
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
