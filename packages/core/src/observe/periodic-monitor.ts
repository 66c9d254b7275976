import { callInHub } from '../engine/callback.ts'
import { checkCallable, checkDuration, checkOptions } from '../engine/check.ts'
import { systemClock } from '../engine/clock.ts'
import { DISPOSE } from '../engine/disposal.ts'
import { Done } from '../engine/done.ts'
import { loop } from '../engine/loop.ts'
import { runtime } from '../engine/runtime.ts'
import type { Operation } from '../engine/suspension.ts'
import { TimerNode } from '../engine/timers.ts'
import { getHub, type Hub } from '../greenlet/hub.ts'
import { getcurrent, type RawGreenlet } from '../greenlet/raw-greenlet.ts'
import { spawnSiteOf } from '../greenlet/spawn-site.ts'
import { EventLoopBlocked, notifySubscribers, subscribers } from './events.ts'
import { GreenletTracer } from './greenlet-tracer.ts'
import {
  checkMaxMemoryUsage,
  type MemoryUsageThresholdExceeded,
  type MemoryUsageUnderThreshold,
  MemoryWatch,
} from './memory-usage.ts'
import { suspensionSites } from './suspension-sites.ts'

/** Options of a `PeriodicMonitor`. */
export interface PeriodicMonitorOptions {
  /** How long a greenlet may run without letting others run, in milliseconds above 0. Default 100. */
  maxBlockingTime?: number | undefined
  /** How much memory the process may use before `memorySubscribers` are called, in bytes above 0. Default: memory is not checked. */
  maxMemoryUsage?: number | undefined
  /** The time between two checks of the memory usage, in milliseconds above 0. Default 5000. */
  memoryMonitorPeriod?: number | undefined
}

/** A function called periodically with the hub. */
export type MonitoringFunction = (hub: Hub) => unknown

const DEFAULT_MAX_BLOCKING_TIME = 100
const DEFAULT_MEMORY_MONITOR_PERIOD = 5000

class MonitoringTimer extends TimerNode {
  readonly fn: MonitoringFunction
  period: number

  constructor(fn: MonitoringFunction, period: number) {
    super()
    this.ref = false
    this.fn = fn
    this.period = period
  }

  fire(): void {
    loop.addTimer(this, this.period)
    try {
      callInHub(() => this.fn(getHub()), [])
    } catch (error) {
      runtime.reportError('a monitoring function', error)
    }
  }
}

class TurnTracer extends GreenletTracer {
  switches = 0
  private turnBegan = systemClock.now()
  private readonly onTurn: (greenlet: RawGreenlet, time: number) => void

  constructor(onTurn: (greenlet: RawGreenlet, time: number) => void) {
    super()
    this.onTurn = onTurn
  }

  protected switched(origin: unknown): void {
    const began = this.turnBegan
    this.switches += 1
    this.turnBegan = systemClock.now()
    if (origin !== runtime.hub) this.onTurn(origin as RawGreenlet, this.turnBegan - began)
  }

  get turnTime(): number {
    return systemClock.now() - this.turnBegan
  }

  /** Restarts the time of the current turn, so that slow reporting does not count. */
  beginTurn(): void {
    this.turnBegan = systemClock.now()
  }
}

/**
 * Watches for greenlets that keep all others from running (gevent: PeriodicMonitoringThread), and calls functions periodically. It
 * runs on the same thread, so it notices a blocking greenlet only once it switches; `startWatchdog` catches one while it blocks. It
 * sees only greenlets; for plain callbacks that block, use Node's `monitorEventLoopDelay`. Watching reads the clock at each switch.
 *
 * @example
 * using monitor = new PeriodicMonitor({ maxBlockingTime: 50 }).start()
 * monitor.addMonitoringFunction((hub) => gauge.set(activeCount()), 1000)
 */
export class PeriodicMonitor {
  private limit: number
  private readonly tracer: TurnTracer
  private readonly functions: Map<MonitoringFunction, MonitoringTimer> = new Map()
  private readonly ignored: WeakSet<object> = new WeakSet()
  private readonly memory = new MemoryWatch()
  private readonly memoryPeriod: number
  private memoryLimit: number | undefined
  private readonly checkMemory = () => void this.monitorMemoryUsage()
  private running = false
  private lastSwitches = -1

  /**
   * @param options see `PeriodicMonitorOptions`
   * @throws {RangeError} if one of them is not above 0; {TypeError} if one is not a number; {Error} if `maxMemoryUsage` is given and
   *   the platform does not report its memory usage
   */
  constructor(options: PeriodicMonitorOptions = {}) {
    const { maxBlockingTime, maxMemoryUsage, memoryMonitorPeriod } = checkOptions(options)
    this.limit = checkPositive(maxBlockingTime ?? DEFAULT_MAX_BLOCKING_TIME, 'maxBlockingTime')
    this.memoryPeriod = checkPositive(memoryMonitorPeriod ?? DEFAULT_MEMORY_MONITOR_PERIOD, 'memoryMonitorPeriod')
    this.maxMemoryUsage = maxMemoryUsage
    this.tracer = new TurnTracer((greenlet, time) => {
      if (time > this.limit) this.report(greenlet, time)
    })
  }

  /** How long a greenlet may run without letting others run, in milliseconds above 0. Throws {TypeError} or {RangeError}. */
  get maxBlockingTime(): number {
    return this.limit
  }

  set maxBlockingTime(milliseconds: number) {
    this.limit = checkPositive(milliseconds, 'maxBlockingTime')
  }

  /** How much memory the process may use, in bytes above 0; `undefined` disables the check. Throws {TypeError} or {RangeError}. */
  get maxMemoryUsage(): number | undefined {
    return this.memoryLimit
  }

  set maxMemoryUsage(bytes: number | undefined) {
    this.memoryLimit = checkMaxMemoryUsage(bytes)
    this.addMonitoringFunction(this.checkMemory, this.memoryLimit === undefined ? undefined : this.memoryPeriod)
  }

  /** Starts watching, and calling the monitoring functions. Does nothing if it is running already. */
  start(): this {
    if (this.running) return this
    this.running = true
    this.tracer.install()
    for (const monitoring of this.functions.values()) loop.addTimer(monitoring, monitoring.period)
    return this
  }

  /** Stops watching, and calling the monitoring functions, at once: the operation returned is already complete. */
  stop(): Operation<undefined> {
    this.running = false
    this.tracer.uninstall()
    for (const monitoring of this.functions.values()) loop.timers.cancel(monitoring)
    return new Done()
  }

  /** Stops at the end of a `using` block. */
  [DISPOSE](): void {
    this.stop()
  }

  /** Lets the current greenlet block without being reported. */
  ignoreCurrentGreenletBlocking(): void {
    this.ignored.add(getcurrent())
  }

  /** Undoes `ignoreCurrentGreenletBlocking`. */
  monitorCurrentGreenletBlocking(): void {
    this.ignored.delete(getcurrent())
  }

  /**
   * Checks, from within a greenlet that may be blocking, whether it has been running since the last check (gevent: monitor_blocking).
   *
   * @returns the event that subscribers were called with; `undefined` in the hub, in an ignored greenlet, and if there was a switch
   *   since the last check
   */
  monitorBlocking(): EventLoopBlocked | undefined {
    const { switches } = this.tracer
    const hasSwitched = switches !== this.lastSwitches
    this.lastSwitches = switches
    if (hasSwitched || runtime.current === null) return undefined
    return this.report(getcurrent(), this.tracer.turnTime)
  }

  /**
   * Checks the memory usage of the process (gevent: monitor_memory_usage).
   *
   * @returns the event that `memorySubscribers` were called with; `undefined` if there is none, or no `maxMemoryUsage`
   */
  monitorMemoryUsage(): MemoryUsageThresholdExceeded | MemoryUsageUnderThreshold | undefined {
    return this.memoryLimit === undefined ? undefined : this.memory.check(this.memoryLimit)
  }

  /**
   * Calls a function periodically in the hub, where it must not block. Adding the same function again changes its period.
   *
   * @param fn takes the hub
   * @param period in milliseconds, above 0; `undefined` removes the function
   * @throws {TypeError} if `fn` is not a function; {RangeError} if `period` is not above 0
   */
  addMonitoringFunction(fn: MonitoringFunction, period: number | undefined): void {
    checkCallable(fn, 'fn')
    if (period !== undefined && period !== null) checkPositive(period, 'period')
    const known = this.functions.get(fn)
    if (known !== undefined) loop.timers.cancel(known)
    if (period === undefined || period === null) {
      this.functions.delete(fn)
      return
    }
    const monitoring = known ?? new MonitoringTimer(fn, period)
    monitoring.period = period
    this.functions.set(fn, monitoring)
    if (this.running) loop.addTimer(monitoring, period)
  }

  /** Returns the monitoring functions with their periods in milliseconds. */
  monitoringFunctions(): [fn: MonitoringFunction, period: number][] {
    return [...this.functions.values()].map(({ fn, period }) => [fn, period])
  }

  private report(greenlet: RawGreenlet, time: number): EventLoopBlocked | undefined {
    if (this.ignored.has(greenlet)) return undefined
    const sites = suspensionSites([greenlet]).get(greenlet) ?? []
    const info = [
      `${greenlet} ran for ${Math.round(time)} ms without letting others run`,
      ...(sites.length > 0 ? ['then suspended', ...sites.map((site) => `  ${site}`)] : []),
      ...spawnSiteOf(greenlet).split('\n').slice(1),
    ]
    const event = new EventLoopBlocked(greenlet, time, info)
    getHub().exceptionStream?.write(`${info.join('\n')}\n`)
    notifySubscribers(subscribers, event)
    this.tracer.beginTurn()
    return event
  }
}

function checkPositive(value: number, name: string): number {
  if (!(checkDuration(value, name) > 0)) {
    throw new RangeError(`Expected \`${name}\` to be a number of milliseconds above 0, got ${value}`)
  }
  return value
}
