import { checkDuration, checkOptions, wrongType } from '../engine/check.ts'
import type { Operation } from '../engine/suspension.ts'
import { until } from '../interop/until.ts'
import { watchdogProgram } from './watchdog-program.ts'

/** Options of `startWatchdog`. */
export interface WatchdogOptions {
  /** How long the thread may be blocked, in milliseconds above 0. Default 1000. */
  maxBlockingTime?: number | undefined
  /** The file descriptor to write to. Default 2, standard error. */
  file?: number | undefined
}

/** A running watchdog. */
export interface Watchdog extends Disposable {
  /** Stops watching, at once; the operation returned waits until the watching thread has ended. */
  stop(): Operation<unknown>
}

interface Worker {
  unref(): void
  terminate(): Promise<unknown>
  on(event: 'error', listener: (error: unknown) => void): unknown
}
interface WorkerThreads {
  readonly isMainThread: boolean
  readonly Worker: new (program: string, options: object) => Worker
}

/** The number of heartbeats that the watched thread sends in `maxBlockingTime`. */
const HEARTBEATS = 4

/**
 * Watches this thread from another one, which reports while this thread is blocked: for how long and, on Node's main thread, the
 * current stack. It catches what a `PeriodicMonitor` cannot: endless loops, synchronous calls and plain callbacks. It reports each
 * block once, and does not keep the program alive.
 *
 * Limits: no stack is available during a synchronous call of the platform, and only the stack shows which greenlet is running.
 *
 * @param options see `WatchdogOptions`
 * @throws {TypeError} or {RangeError} immediately for an invalid option; {Error} where there are no worker threads
 * @example
 * using watchdog = startWatchdog({ maxBlockingTime: 200 })
 */
export function startWatchdog(options?: WatchdogOptions): Watchdog {
  const { maxBlockingTime = 1000, file = 2 } = checkOptions(options)
  if (!(checkDuration(maxBlockingTime, 'maxBlockingTime') > 0)) {
    throw new RangeError(`Expected \`maxBlockingTime\` to be a number of milliseconds above 0, got ${maxBlockingTime}`)
  }
  if (!Number.isInteger(file) || file < 0) {
    throw wrongType('file', 'a file descriptor', file)
  }
  const platform = (globalThis as { process?: { getBuiltinModule?(id: string): unknown } }).process
  const threads = platform?.getBuiltinModule?.('node:worker_threads') as WorkerThreads | undefined
  if (threads === undefined) throw new Error('Expected a platform with worker threads to watch from, got none')
  const beats = new Int32Array(new SharedArrayBuffer(4))
  const worker = new threads.Worker(watchdogProgram, {
    eval: true,
    // Without the flags of the program, such as a module loader.
    execArgv: [],
    workerData: { beats, maxBlockingTime, file, canPause: threads.isMainThread },
  })
  // If the watching thread fails, there are no more reports, but the program goes on.
  worker.on('error', () => stop())
  worker.unref()
  const heartbeat = setInterval(() => Atomics.add(beats, 0, 1), maxBlockingTime / HEARTBEATS) as unknown as {
    unref?(): void
  }
  heartbeat.unref?.()
  const stop = () => {
    clearInterval(heartbeat as unknown as Parameters<typeof clearInterval>[0])
    return until(worker.terminate())
  }
  return { stop, [Symbol.dispose]: stop }
}
