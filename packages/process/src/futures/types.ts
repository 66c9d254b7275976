import type { Suspension } from '@greenlit/core'
import type { TimeLimit } from '@greenlit/core/engine'

/** The result of a call: the function's own, if `F` is a function type (`typeof square`); otherwise `F` itself. */
export type ResultOf<F> = F extends (...args: never) => infer R
  ? R extends Generator<Suspension, infer T, unknown>
    ? T
    : Awaited<R>
  : F

/** The arguments of a call: the function's own, if `F` is a function type; otherwise anything. */
export type ArgumentsOf<F> = [F] extends [(...args: infer A) => unknown] ? A : unknown[]

type IterablesOf<A extends unknown[]> = { [K in keyof A]: Iterable<A[K]> }

/** The arguments of `Executor.map`: one iterable for each of the function's arguments, then optionally `MapOptions`. */
export type MapArguments<F> =
  | IterablesOf<ArgumentsOf<F>>
  | [...iterables: IterablesOf<ArgumentsOf<F>>, options: MapOptions]

/** The options of `Executor.map`. */
export interface MapOptions {
  /** The time limit for the whole iteration, in milliseconds from the call of `map`. Default: none. */
  timeout?: TimeLimit
  /** The number of calls sent to a worker at a time, at least 1. Default 1. */
  chunksize?: number | undefined
  /**
   * How many of these chunks may be scheduled whose results have not been asked for yet, at least 1; further items are only then
   * taken. Default: no limit, all items are taken at once.
   */
  buffersize?: number | undefined
}

/** The options of `Executor.shutdown`. */
export interface ShutdownOptions {
  /** Whether the returned operation waits until all workers have exited. Default true. */
  wait?: boolean | undefined
  /** Whether to cancel the calls that no worker has started. Default false. */
  cancelFutures?: boolean | undefined
}
