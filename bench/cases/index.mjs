import { depthCases } from './depth.mjs'
import { spawnCases } from './spawn.mjs'
import { switchCases } from './switch.mjs'
import { syncCases } from './sync.mjs'
import { timerCases } from './timers.mjs'

/**
 * Every case by name: its title, the unit of its number, the most that our number may be of the other's, flags for Node, and
 * its variants, each a function that answers the number.
 */
export const cases = { ...switchCases, ...spawnCases, ...syncCases, ...depthCases, ...timerCases }
