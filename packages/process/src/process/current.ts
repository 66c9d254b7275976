import { availableParallelism } from 'node:os'
import { identity } from './identity.ts'

/** Describes the current process or its parent. */
export interface ProcessInfo {
  /** Its name; that of the main program is 'MainProcess'. */
  readonly name: string
  /** Its process id. */
  readonly pid: number
  /** Same as `pid`. */
  readonly ident: number
  /** Whether it is alive: this process does not outlive its parent. */
  isAlive(): true
}

/** The current process (Python: the result of multiprocessing.current_process). */
export interface CurrentProcess extends ProcessInfo {
  name: string
  /** Whether it is daemonic: terminated when its parent exits instead of being waited for. */
  readonly daemon: boolean
  /** Its exit code, which it does not have yet. */
  readonly exitcode: undefined
}

/** Inherited, so that what describes a process can be sent to another. */
const LIVING = {
  exitcode: undefined,
  get ident(): number {
    return (this as unknown as ProcessInfo).pid
  },
  isAlive(): true {
    return true
  },
  toString(): string {
    return `<Process name='${(this as unknown as ProcessInfo).name}' started>`
  },
}

function living<T extends object>(own: T): T & typeof LIVING {
  return Object.setPrototypeOf(own, LIVING) as T & typeof LIVING
}

const current: CurrentProcess = living({
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
})

/**
 * Returns the current process: its name, process id and whether it is daemonic (Python: multiprocessing.current_process).
 *
 * @example
 * console.log(`${currentProcess().name} begins`)
 */
export function currentProcess(): CurrentProcess {
  return current
}

/**
 * Returns the process that started this one, or `undefined` in the main program (Python: multiprocessing.parent_process). A module
 * that is its own target uses it as Python modules use `if __name__ == '__main__'`.
 *
 * @example
 * export function work() {}
 * if (parentProcess() === undefined) await main()
 */
export function parentProcess(): ProcessInfo | undefined {
  const { parent } = identity
  return parent && living({ name: parent.name, pid: parent.pid })
}

/**
 * Returns the number of processors that this program may use (Python: multiprocessing.cpu_count).
 *
 * @example
 * const pool = new Pool(cpuCount() - 1 || 1)
 */
export function cpuCount(): number {
  return availableParallelism()
}
