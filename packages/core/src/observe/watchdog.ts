import { checkDuration, checkOptions, wrongType } from '../engine/check.ts'
import { watchdogProgram } from './watchdog-program.ts'

/** How to watch. */
export interface WatchdogOptions {
  /** How long the thread may be held, in milliseconds. Default 1000. */
  maxBlockingTime?: number
  /** The file descriptor to write to. Default 2, standard error. */
  file?: number
}

/** Watches until it is stopped. */
export interface Watchdog extends Disposable {
  /** Ends the watching. */
  stop(): void
}

interface Worker {
  unref(): void
  terminate(): unknown
  on(event: 'error', listener: (error: unknown) => void): unknown
}
interface WorkerThreads {
  readonly isMainThread: boolean
  readonly Worker: new (program: string, options: object) => Worker
}

/** How often in its time the thread shows that it lives. */
const BEATS = 4

/**
 * Watches this thread from another one, which reports while the thread is held: how long, and on Node's main thread the stack of
 * what holds it. This sees what a `PeriodicMonitor` cannot: an endless loop, a synchronous call, a plain callback. It reports once for each
 * time that the thread is held, and keeps no program alive.
 *
 * What it cannot see: in a synchronous call of the platform there is no stack to tell, and which greenlet runs shows only in the stack.
 *
 * @param options see `WatchdogOptions`
 * @throws {TypeError} or {RangeError} at once, if an option is none; {Error} where there are no worker threads
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
    // The flags of the program, such as a module loader, are not for this one.
    execArgv: [],
    workerData: { beats, maxBlockingTime, file, canPause: threads.isMainThread },
  })
  // Without a watcher there are no reports; the program itself goes on.
  worker.on('error', () => stop())
  worker.unref()
  const heart = setInterval(() => Atomics.add(beats, 0, 1), maxBlockingTime / BEATS) as unknown as { unref?(): void }
  heart.unref?.()
  const stop = () => {
    clearInterval(heart as unknown as Parameters<typeof clearInterval>[0])
    worker.terminate()
  }
  return { stop, [Symbol.dispose]: stop }
}
