import type { Suspension } from '@greenlit/core'
import type { TimeLimit } from '@greenlit/core/engine'

/** What a call gives: the result of a function, if its type is known (`typeof square`), or else what is said to come. */
export type ResultOf<F> = F extends (...args: never) => infer R
  ? R extends Generator<Suspension, infer T, unknown>
    ? T
    : Awaited<R>
  : F

/** What a function is called with, if its type is known. */
export type ArgumentsOf<F> = [F] extends [(...args: infer A) => unknown] ? A : unknown[]

type IterablesOf<A extends unknown[]> = { [K in keyof A]: Iterable<A[K]> }

/** An iterable for each argument of a function, and options. */
export type MapArguments<F> =
  | IterablesOf<ArgumentsOf<F>>
  | [...iterables: IterablesOf<ArgumentsOf<F>>, options: MapOptions]

/** How `Executor.map` calls a function. */
export interface MapOptions {
  /** How long all of it may take from the call of `map` on, in milliseconds. Default without end. */
  timeout?: TimeLimit
  /** How many calls go to a worker at a time, from 1 up. Default 1. */
  chunksize?: number
}

/** How an executor is shut down. */
export interface ShutdownOptions {
  /** Whether the operation that is returned waits until all workers have ended. Default true. */
  wait?: boolean
  /** Whether what no worker has begun is cancelled. Default false. */
  cancelFutures?: boolean
}
