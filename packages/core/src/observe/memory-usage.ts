import { wrongType, wrongValue } from '../engine/check.ts'
import { tellSubscribers } from './events.ts'

/** What is known of the memory of the process, in bytes (Node: process.memoryUsage). */
export interface MemoryInfo {
  /** What is in the machine's memory. */
  readonly rss: number
  /** What is reserved for JavaScript's objects. */
  readonly heapTotal: number
  /** And what of that is used. */
  readonly heapUsed: number
  /** What objects hold outside of that, as buffers do. */
  readonly external: number
}

/** What is told of the use of memory. */
abstract class MemoryUsage {
  /** How much the process uses, in bytes: its `rss`. */
  readonly memUsage: number
  /** How much it is allowed, in bytes. */
  readonly maxAllowed: number
  /** All that is known of its memory. */
  readonly memoryInfo: MemoryInfo

  /** @internal */
  constructor(maxAllowed: number, memoryInfo: MemoryInfo) {
    this.memUsage = memoryInfo.rss
    this.maxAllowed = maxAllowed
    this.memoryInfo = memoryInfo
  }
}

/**
 * The process uses more memory than it is allowed, and more than at the last look (gevent.events: MemoryUsageThresholdExceeded).
 *
 * @example
 * memorySubscribers.push((event) => {
 *   if (event instanceof MemoryUsageThresholdExceeded) cache.clear()
 * })
 */
export class MemoryUsageThresholdExceeded extends MemoryUsage {}

/**
 * The process uses no more memory than it is allowed, which it did at the last look (gevent.events: MemoryUsageUnderThreshold).
 *
 * @example
 * memorySubscribers.push((event) => {
 *   if (event instanceof MemoryUsageUnderThreshold) log(`${event.maxMemoryUsage - event.memUsage} bytes less`)
 * })
 */
export class MemoryUsageUnderThreshold extends MemoryUsage {
  /** How much it used at the last look, in bytes. */
  readonly maxMemoryUsage: number

  /** @internal */
  constructor(maxAllowed: number, memoryInfo: MemoryInfo, maxMemoryUsage: number) {
    super(maxAllowed, memoryInfo)
    this.maxMemoryUsage = maxMemoryUsage
  }
}

/** Is told of the use of memory. */
export type MemorySubscriber = (event: MemoryUsageThresholdExceeded | MemoryUsageUnderThreshold) => void

/**
 * Those who are told of the use of memory by a `PeriodicMonitor` with `maxMemoryUsage`, in order. Add functions to it, and remove them.
 *
 * @example
 * memorySubscribers.push((event) => log(`${event.memUsage} bytes`))
 */
export const memorySubscribers: MemorySubscriber[] = []

const platform = (globalThis as { process?: { memoryUsage?(): MemoryInfo } }).process

/** Looks at how much memory the process uses, and tells when that is too much, and no longer. */
export class MemoryWatch {
  /** What was used at the last look, if that was too much. */
  private exceeded = 0

  look(maxAllowed: number): MemoryUsageThresholdExceeded | MemoryUsageUnderThreshold | undefined {
    const info = platform!.memoryUsage!()
    const { exceeded } = this
    this.exceeded = info.rss > maxAllowed ? info.rss : 0
    const event =
      info.rss > maxAllowed
        ? info.rss > exceeded && new MemoryUsageThresholdExceeded(maxAllowed, info)
        : exceeded > 0 && new MemoryUsageUnderThreshold(maxAllowed, info, exceeded)
    if (!event) return undefined
    tellSubscribers(memorySubscribers, event)
    return event
  }
}

/** Checks how much memory is allowed. */
export function checkMaxMemoryUsage(bytes: unknown): number | undefined {
  if (bytes === undefined || bytes === null) return undefined
  if (typeof bytes !== 'number' || Number.isNaN(bytes)) throw wrongType('maxMemoryUsage', 'a number of bytes', bytes)
  if (bytes <= 0) throw wrongValue('maxMemoryUsage', 'a number of bytes above 0', bytes)
  if (typeof platform?.memoryUsage !== 'function')
    throw new Error('Expected a platform that tells how much memory is used, got none')
  return bytes
}
