import { wrongType, wrongValue } from '../engine/check.ts'
import { notifySubscribers } from './events.ts'

/** The memory usage of the process, in bytes (Node: process.memoryUsage). */
export interface MemoryInfo {
  /** The resident set size. */
  readonly rss: number
  /** The size of V8's heap. */
  readonly heapTotal: number
  /** The used part of V8's heap. */
  readonly heapUsed: number
  /** The memory that objects, such as buffers, hold outside the heap. */
  readonly external: number
}

/** The base of memory events. */
abstract class MemoryUsage {
  /** The memory that the process uses, in bytes: its `rss`. */
  readonly memUsage: number
  /** The memory that it may use, in bytes. */
  readonly maxAllowed: number
  /** The details of its memory usage. */
  readonly memoryInfo: MemoryInfo

  /** @internal */
  constructor(maxAllowed: number, memoryInfo: MemoryInfo) {
    this.memUsage = memoryInfo.rss
    this.maxAllowed = maxAllowed
    this.memoryInfo = memoryInfo
  }
}

/**
 * Reports that the process uses more memory than allowed, and more than at the last check (gevent.events:
 * MemoryUsageThresholdExceeded).
 *
 * @example
 * memorySubscribers.push((event) => {
 *   if (event instanceof MemoryUsageThresholdExceeded) cache.clear()
 * })
 */
export class MemoryUsageThresholdExceeded extends MemoryUsage {}

/**
 * Reports that the process, which used too much memory at the last check, no longer does (gevent.events: MemoryUsageUnderThreshold).
 *
 * @example
 * memorySubscribers.push((event) => {
 *   if (event instanceof MemoryUsageUnderThreshold) log(`${event.maxMemoryUsage - event.memUsage} bytes less`)
 * })
 */
export class MemoryUsageUnderThreshold extends MemoryUsage {
  /** The memory that it used at the last check, in bytes. */
  readonly maxMemoryUsage: number

  /** @internal */
  constructor(maxAllowed: number, memoryInfo: MemoryInfo, maxMemoryUsage: number) {
    super(maxAllowed, memoryInfo)
    this.maxMemoryUsage = maxMemoryUsage
  }
}

/** A function called with each memory event. */
export type MemorySubscriber = (event: MemoryUsageThresholdExceeded | MemoryUsageUnderThreshold) => void

/**
 * The functions called, in order, with the memory events of a `PeriodicMonitor` that has a `maxMemoryUsage`. Add and remove functions
 * as you like.
 *
 * @example
 * memorySubscribers.push((event) => log(`${event.memUsage} bytes`))
 */
export const memorySubscribers: MemorySubscriber[] = []

const platform = (globalThis as { process?: { memoryUsage?(): MemoryInfo } }).process

/** Checks the memory usage of the process, and notifies subscribers when it exceeds the limit and when it is back under it. */
export class MemoryWatch {
  /** The memory used at the last check if that was too much, else 0. */
  private exceeded = 0

  check(maxAllowed: number): MemoryUsageThresholdExceeded | MemoryUsageUnderThreshold | undefined {
    const info = platform!.memoryUsage!()
    const { exceeded } = this
    this.exceeded = info.rss > maxAllowed ? info.rss : 0
    const event =
      info.rss > maxAllowed
        ? info.rss > exceeded && new MemoryUsageThresholdExceeded(maxAllowed, info)
        : exceeded > 0 && new MemoryUsageUnderThreshold(maxAllowed, info, exceeded)
    if (!event) return undefined
    notifySubscribers(memorySubscribers, event)
    return event
  }
}

/** Validates `maxMemoryUsage`. Throws {Error} where the platform does not report its memory usage. */
export function checkMaxMemoryUsage(bytes: unknown): number | undefined {
  if (bytes === undefined || bytes === null) return undefined
  if (typeof bytes !== 'number' || Number.isNaN(bytes)) throw wrongType('maxMemoryUsage', 'a number of bytes', bytes)
  if (bytes <= 0) throw wrongValue('maxMemoryUsage', 'a number of bytes above 0', bytes)
  if (typeof platform?.memoryUsage !== 'function')
    throw new Error('Expected a platform that tells how much memory is used, got none')
  return bytes
}
