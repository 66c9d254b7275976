import type { TimeLimit } from '@greenlit/core/engine'
import type { ResultCallbacks } from './result.ts'

/** Options of `apply`. */
export interface ApplyOptions {
  /** How long to wait for the result, in milliseconds. Default no limit. */
  timeout?: TimeLimit
}

/** Options of `map` and `starmap`. */
export interface MapOptions {
  /** How many items to send to a worker at a time, from 1 up. Default: a quarter of each worker's share. */
  chunksize?: number | undefined
  /** How long to wait for all results, in milliseconds. Default no limit. */
  timeout?: TimeLimit
}

/** Options of `mapAsync` and `starmapAsync`. */
export interface MapAsyncOptions<T> extends ResultCallbacks<T[]> {
  /** How many items to send to a worker at a time, from 1 up. Default: as for `map`. */
  chunksize?: number | undefined
}
