import { Pool, spawn, spawnRaw } from '@greenlit/core'
import { checkWhole, show } from '@greenlit/core/engine'

/** Starts a function with the given arguments. */
export type SpawnFunction = <A extends unknown[]>(fn: (...args: A) => unknown, ...args: A) => unknown

/** The `spawn` option of a server; see `GreenletServerOptions.spawn`. */
export type SpawnOption = 'default' | 'raw' | 'inline' | number | Pool | SpawnFunction | null | undefined

/** How a server starts its handlers. */
export interface Spawning {
  /** Starts a handler; `undefined` to run it in the hub. */
  readonly spawn: SpawnFunction | undefined
  readonly pool: Pool | undefined
  /** Whether `spawn` is known to return greenlets, to whose end a link can be attached. */
  readonly spawnsGreenlets: boolean
}

/**
 * Parses the option `spawn`.
 *
 * @throws {TypeError} if it is not a `SpawnOption`; {RangeError} for a negative number
 */
export function parseSpawn(option: unknown): Spawning {
  if (option === 'default') return { spawn, pool: undefined, spawnsGreenlets: true }
  if (option === 'raw') return { spawn: spawnRaw, pool: undefined, spawnsGreenlets: false }
  if (option === 'inline' || option === undefined || option === null)
    return { spawn: undefined, pool: undefined, spawnsGreenlets: false }
  if (typeof option === 'function') return { spawn: option as SpawnFunction, pool: undefined, spawnsGreenlets: false }
  if (typeof option === 'number' && option !== Infinity) checkWhole(option, 'spawn', 0)
  const pool = typeof option === 'number' ? new Pool(option) : option
  if (!(pool instanceof Pool)) {
    throw new TypeError(
      `Expected \`spawn\` to be 'default', 'raw', 'inline', a number, a Pool or a function, got ${show(option)}`,
    )
  }
  return { spawn: (fn, ...args) => pool.spawn(fn, ...args), pool, spawnsGreenlets: true }
}
