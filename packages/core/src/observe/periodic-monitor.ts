import { callInHub } from '../engine/callback.ts'
import { checkCallable, checkDuration, checkOptions } from '../engine/check.ts'
import { systemClock } from '../engine/clock.ts'
import { DISPOSE } from '../engine/disposal.ts'
import { loop } from '../engine/loop.ts'
import { runtime } from '../engine/runtime.ts'
import { TimerNode } from '../engine/timers.ts'
import { getHub, type Hub } from '../greenlet/hub.ts'
import { getcurrent, type RawGreenlet } from '../greenlet/raw-greenlet.ts'
import { spawnSiteOf } from '../greenlet/spawn-site.ts'
import { EventLoopBlocked, subscribers, tellSubscribers } from './events.ts'
import { GreenletTracer } from './greenlet-tracer.ts'
import {
  checkMaxMemoryUsage,
  type MemoryUsageThresholdExceeded,
  type MemoryUsageUnderThreshold,
  MemoryWatch,
} from './memory-usage.ts'
import { suspensionSites } from './suspension-sites.ts'

/** How to monitor. */
export interface PeriodicMonitorOptions {
  /** How long a greenlet may run without letting others, in milliseconds. Default 100. */
  maxBlockingTime?: number
  /** How much memory the process may use before `memorySubscribers` are told, in bytes above 0. Default: it is not looked at. */
  maxMemoryUsage?: number | undefined
  /** How often the use of memory is looked at, in milliseconds above 0. Default 5000. */
  memoryMonitorPeriod?: number
}

/** Is called again and again with the hub. */
export type MonitoringFunction = (hub: Hub) => unknown

const DEFAULT_MAX_BLOCKING_TIME = 100
const DEFAULT_MEMORY_MONITOR_PERIOD = 5000

class Monitoring extends TimerNode {
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

  /** Counts the turn from now on: reporting is slow itself. */
  beginTurn(): void {
    this.turnBegan = systemClock.now()
  }
}

/**
 * Watches for greenlets that keep all others from running (gevent: PeriodicMonitoringThread), and calls functions periodically. It
 * runs on the one thread that there is, so it finds out when such a greenlet lets go, not while it runs: that takes `startWatchdog`. It
 * sees greenlets only; plain callbacks that block show in Node's `monitorEventLoopDelay`. Watching costs a clock reading at each switch.
 *
 * @example
 * using monitor = new PeriodicMonitor({ maxBlockingTime: 50 }).start()
 * monitor.addMonitoringFunction((hub) => gauge.set(activeCount()), 1000)
 */
export class PeriodicMonitor {
  private limit: number
  private readonly tracer: TurnTracer
  private readonly functions: Map<MonitoringFunction, Monitoring> = new Map()
  private readonly ignored: WeakSet<object> = new WeakSet()
  private readonly memory = new MemoryWatch()
  private readonly memoryPeriod: number
  private mostMemory: number | undefined
  private readonly lookAtMemory = () => void this.monitorMemoryUsage()
  private running = false
  private lastSwitches = -1

  /**
   * @param options see `PeriodicMonitorOptions`
   * @throws {RangeError} if one of them is not above 0; {TypeError} if one is no number
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

  /** How long a greenlet may run without letting others, in milliseconds. */
  get maxBlockingTime(): number {
    return this.limit
  }

  set maxBlockingTime(milliseconds: number) {
    this.limit = checkPositive(milliseconds, 'maxBlockingTime')
  }

  /** How much memory the process may use, in bytes above 0; `undefined`: it is not looked at. Throws {TypeError} or {RangeError}. */
  get maxMemoryUsage(): number | undefined {
    return this.mostMemory
  }

  set maxMemoryUsage(bytes: number | undefined) {
    this.mostMemory = checkMaxMemoryUsage(bytes)
    this.addMonitoringFunction(this.lookAtMemory, this.mostMemory === undefined ? undefined : this.memoryPeriod)
  }

  /** Begins to watch; nothing happens if it does already. */
  start(): this {
    if (this.running) return this
    this.running = true
    this.tracer.install()
    for (const monitoring of this.functions.values()) loop.addTimer(monitoring, monitoring.period)
    return this
  }

  /** Stops watching, and calling its functions. */
  stop(): void {
    this.running = false
    this.tracer.uninstall()
    for (const monitoring of this.functions.values()) loop.cancelTimer(monitoring)
  }

  /** At the end of a block with `using`: stops. */
  [DISPOSE](): void {
    this.stop()
  }

  /** Lets the current greenlet run for as long as it likes. */
  ignoreCurrentGreenletBlocking(): void {
    this.ignored.add(getcurrent())
  }

  /** Takes `ignoreCurrentGreenletBlocking` back. */
  monitorCurrentGreenletBlocking(): void {
    this.ignored.delete(getcurrent())
  }

  /**
   * Looks, from a greenlet that may be blocking, whether it has run on since the last look (gevent: monitor_blocking).
   *
   * @returns the event that the subscribers are told of; `undefined` in the hub, in a greenlet that is ignored, and if there was a switch
   *   since the last look
   */
  monitorBlocking(): EventLoopBlocked | undefined {
    const { switches } = this.tracer
    const hasSwitched = switches !== this.lastSwitches
    this.lastSwitches = switches
    if (hasSwitched || runtime.current === null) return undefined
    return this.report(getcurrent(), this.tracer.turnTime)
  }

  /**
   * Looks at how much memory the process uses (gevent: monitor_memory_usage).
   *
   * @returns the event that `memorySubscribers` are told of; `undefined` if there is none, and without `maxMemoryUsage`
   */
  monitorMemoryUsage(): MemoryUsageThresholdExceeded | MemoryUsageUnderThreshold | undefined {
    return this.mostMemory === undefined ? undefined : this.memory.look(this.mostMemory)
  }

  /**
   * Has a function called again and again in the hub, where it must not block; once more with the same function changes its period.
   *
   * @param fn takes the hub
   * @param period in milliseconds, above 0; `undefined` takes the function out
   * @throws {TypeError} if `fn` is no function; {RangeError} if `period` is not above 0
   */
  addMonitoringFunction(fn: MonitoringFunction, period: number | undefined): void {
    checkCallable(fn, 'fn')
    if (period !== undefined && period !== null) checkPositive(period, 'period')
    const known = this.functions.get(fn)
    if (known !== undefined) loop.cancelTimer(known)
    if (period === undefined || period === null) {
      this.functions.delete(fn)
      return
    }
    const monitoring = known ?? new Monitoring(fn, period)
    monitoring.period = period
    this.functions.set(fn, monitoring)
    if (this.running) loop.addTimer(monitoring, period)
  }

  /** The functions that are called, with their periods in milliseconds. */
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
    tellSubscribers(subscribers, event)
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
