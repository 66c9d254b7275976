import type { Execution } from './execution.ts'

/** The registers of the engine, one set per thread. */
export interface Runtime {
  /** The execution whose code runs; `null` in the hub and in plain code. */
  current: Execution | null
  /** Whether the hub runs a callback, which must not block. */
  inHub: boolean
  /** Where the step goes on after the current execution gave up control; `null` is the hub. */
  next: Execution | null
  /** Whether `carriedValue` is an error. */
  carriedFailed: boolean
  /** What a switch, or the end of a greenlet, brings to its target. */
  carriedValue: unknown
  /** The arguments of a switch, should its target turn out to be unstarted. */
  carriedArgs: readonly unknown[] | null
  /** How many coroutine calls deep the native stack is. */
  depth: number
  /** The main greenlet: the plain program. */
  main: Execution | null
  /** The hub as a greenlet. */
  hub: Execution | null
  /** Executions through which plain code waits (`await operation`, `run`), oldest first; a deadlock is reported to these. */
  readonly programs: Set<Execution>
  /** Tells of a switch while tracing is on. */
  trace: ((from: Execution | null, to: Execution | null) => void) | null
  /** What a new greenlet sees of its maker's context variables. */
  inherit: 'copy' | 'empty' | 'share'
  /** Where an error goes that no greenlet is left to take. */
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

/** The latest wait of plain code for which a test holds: that is where the main greenlet is. */
export function latestProgram(test: (program: Execution) => boolean): Execution | undefined {
  return [...runtime.programs].filter(test).at(-1)
}
