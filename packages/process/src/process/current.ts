import { availableParallelism } from 'node:os'
import { identity } from './identity.ts'

/** This process, or its parent, as seen from here. */
export interface ProcessInfo {
  /** What it is called; the program itself is 'MainProcess'. */
  readonly name: string
  /** Its process id. */
  readonly pid: number
}

/** This process (Python: what multiprocessing.current_process returns). */
export interface CurrentProcess extends ProcessInfo {
  name: string
  /** Whether it is ended with its parent instead of being waited for. */
  readonly daemon: boolean
}

const current: CurrentProcess = {
  get name() {
    return identity.name
  },
  set name(name: string) {
    identity.name = name
  },
  get pid() {
    return process.pid
  },
  get daemon() {
    return identity.daemon
  },
}

/**
 * This process: its name, id and whether it is daemonic (Python: multiprocessing.current_process).
 *
 * @example
 * console.log(`${currentProcess().name} begins`)
 */
export function currentProcess(): CurrentProcess {
  return current
}

/**
 * The process that started this one, or `undefined` in the program itself (Python: multiprocessing.parent_process). So a module that
 * is its own target tells who runs it, as Python's do with `if __name__ == '__main__'`.
 *
 * @example
 * export function work() {}
 * if (parentProcess() === undefined) await main()
 */
export function parentProcess(): ProcessInfo | undefined {
  const { parent } = identity
  return parent === undefined ? undefined : { name: parent.name, pid: parent.pid }
}

/**
 * How many processors this program may use (Python: multiprocessing.cpu_count).
 *
 * @example
 * const pool = new Pool(cpuCount() - 1 || 1)
 */
export function cpuCount(): number {
  return availableParallelism()
}
