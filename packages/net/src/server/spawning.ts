import { Group, Pool, spawn, spawnRaw } from '@greenlit/core'
import { checkWhole, show } from '@greenlit/core/engine'

/** Starts a function with the given arguments. */
export type SpawnFunction = <A extends unknown[]>(fn: (...args: A) => unknown, ...args: A) => unknown

/** The `spawn` option of a server; see `GreenletServerOptions.spawn`. */
export type SpawnOption = 'default' | 'raw' | 'inline' | number | Pool | Group | SpawnFunction | null | undefined

/** How a server starts its handlers. */
export interface Spawning {
  /** Starts a handler; `undefined` to run it in the hub. */
  readonly spawn: SpawnFunction | undefined
  /** What `stop` waits for. */
  readonly group: Pool | Group | undefined
  /** Whether `spawn` is known to return greenlets, to whose end a link can be attached. */
  readonly spawnsGreenlets: boolean
}

/**
 * Parses the option `spawn`.
 *
 * @throws {TypeError} if it is not a `SpawnOption`; {RangeError} for a negative number
 */
export function parseSpawn(option: unknown): Spawning {
  if (option === 'default') return { spawn, group: undefined, spawnsGreenlets: true }
  if (option === 'raw') return { spawn: spawnRaw, group: undefined, spawnsGreenlets: false }
  if (option === 'inline' || option === undefined || option === null)
    return { spawn: undefined, group: undefined, spawnsGreenlets: false }
  if (typeof option === 'function') return { spawn: option as SpawnFunction, group: undefined, spawnsGreenlets: false }
  if (typeof option === 'number' && option !== Infinity) checkWhole(option, 'spawn', 0)
  const group = typeof option === 'number' ? new Pool(option) : option
  if (!(group instanceof Pool || group instanceof Group)) {
    throw new TypeError(
      `Expected \`spawn\` to be 'default', 'raw', 'inline', a number, a Pool, a Group or a function, got ${show(option)}`,
    )
  }
  return { spawn: (fn, ...args) => group.spawn(fn, ...args), group, spawnsGreenlets: true }
}
