import { checkOptions } from '../engine/check.ts'
import { loop } from '../engine/loop.ts'
import { type ExceptionStream, getHub } from '../greenlet/hub.ts'
import { activeCount } from '../greenlet/live.ts'
import { GreenletTree, type TreeFormatOptions } from './greenlet-tree.ts'

/** Options of `printRunInfo`. */
export interface RunInfoOptions extends TreeFormatOptions {
  /** Where to write; default the hub's `exceptionStream`. */
  file?: ExceptionStream | undefined
}

/**
 * Describes every live greenlet (gevent.util: format_run_info): its name, what it waits on, the lines at which its coroutines are
 * suspended (on Node), where and by which greenlet it was spawned, and its spawn tree's locals; and what keeps the hub running.
 *
 * @param options see `TreeFormatOptions`
 * @returns lines of text
 * @example
 * console.log(formatRunInfo().join('\n'))
 */
export function formatRunInfo(options?: TreeFormatOptions): string[] {
  return [
    `Greenlets: ${activeCount()}; timers: ${loop.timers.refCount}; waits for something outside: ${loop.externalWaits}`,
    ...GreenletTree.forest().flatMap((tree) => tree.formatLines(options)),
  ]
}

/**
 * Writes the output of `formatRunInfo` (gevent.util: print_run_info), for example on a signal.
 *
 * @param options see `RunInfoOptions`
 * @example
 * process.on('SIGUSR2', () => printRunInfo())
 */
export function printRunInfo(options?: RunInfoOptions): void {
  const file = checkOptions(options).file ?? getHub().exceptionStream
  file?.write(`${formatRunInfo(options).join('\n')}\n`)
}
