import { checkCallable } from '../engine/check.ts'
import type { Greenlet } from './greenlet.ts'

type SpawnCallback = (greenlet: Greenlet<unknown>) => void

/** Who is told of each greenlet that starts; `null` for nobody, which is looked at for each. */
export let spawnCallbacks: Set<SpawnCallback> | null = null

/** See `Greenlet.addSpawnCallback`. */
export function addSpawnCallback(callback: SpawnCallback): void {
  checkCallable(callback, 'callback')
  spawnCallbacks ??= new Set()
  spawnCallbacks.add(callback)
}

/** See `Greenlet.removeSpawnCallback`. */
export function removeSpawnCallback(callback: SpawnCallback): void {
  spawnCallbacks?.delete(callback)
  if (spawnCallbacks?.size === 0) spawnCallbacks = null
}
