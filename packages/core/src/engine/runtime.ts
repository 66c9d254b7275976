import type { Execution } from './execution.ts'

/** The registers of the engine, one set per thread. */
export interface Runtime {
  /** The execution whose code is running; `null` in the hub and in plain code. */
  current: Execution | null
  /** Whether the hub is running a callback, which must not block. */
  inHub: boolean
  /** Where the step loop continues after the current execution has given up control; `null` is the hub. */
  next: Execution | null
  /** Whether `carriedValue` is an error. */
  carriedFailed: boolean
  /** The value or error that a switch, or the end of a greenlet, carries to its target. */
  carriedValue: unknown
  /** The arguments of a switch, in case its target turns out to be unstarted. */
  carriedArgs: readonly unknown[] | null
  /** How deep coroutine calls are nested in the native stack. */
  depth: number
  /** The main greenlet: the plain program. */
  main: Execution | null
  /** The hub's greenlet. */
  hub: Execution | null
  /** Executions through which plain code waits (`await operation`, `run`), oldest first; a deadlock is reported to these. */
  readonly programs: Set<Execution>
  /** Reports a switch while tracing is on. */
  trace: ((from: Execution | null, to: Execution | null) => void) | null
  /** Whether the end of a wait of plain code is reported as well, as a switch to the hub, for those who measure turns. */
  tracesEnds?: boolean
  /** What a new greenlet sees of its creator's context variables. */
  inherit: 'copy' | 'empty' | 'share'
  /** Reports an error that no greenlet is left to take. */
  reportError: (context: unknown, error: unknown) => void
}

export const runtime: Runtime = {
  current: null,
  inHub: false,
  next: null,
  carriedFailed: false,
  carriedValue: undefined,
  carriedArgs: null,
  depth: 0,
  main: null,
  hub: null,
  programs: new Set(),
  trace: null,
  inherit: 'copy',
  reportError(_context, error) {
    queueMicrotask(() => {
      throw error
    })
  },
}

/** Returns the latest wait of plain code for which a test holds: that is where the main greenlet is. */
export function latestProgram(test: (program: Execution) => unknown): Execution | undefined {
  return [...runtime.programs].filter(test).at(-1)
}
