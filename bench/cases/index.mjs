import { depthCases } from './depth.mjs'
import { spawnCases } from './spawn.mjs'
import { switchCases } from './switch.mjs'
import { syncCases } from './sync.mjs'
import { timerCases } from './timers.mjs'

/**
 * All cases by name. Each has a title, the unit of its result, the highest allowed ratio of our result to the other one's
 * (`most`), flags for Node, and its variants, each a function that returns the result.
 */
export const cases = { ...switchCases, ...spawnCases, ...syncCases, ...depthCases, ...timerCases }
