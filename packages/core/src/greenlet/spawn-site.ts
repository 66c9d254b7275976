import { type CapturedStack, captureStack } from '../engine/capture-stack.ts'
import { systemClock } from '../engine/clock.ts'
import { activeCount } from './live.ts'

/** How many are looked at in all, and how many more each second: a stack costs more than a greenlet, and a server has one site. */
const MOST_SITES = 10_000
const MORE_EACH_SECOND = 100
/** Beyond so many living greenlets none is looked at: a stack holds more memory, too, and a burst of thousands has one site. */
const MOST_LIVING = 128
const MOST_FRAMES = 10

/** Where a greenlet was spawned. */
export type SpawnSite = CapturedStack

let left = MOST_SITES
let counted = 0

/** Captures the caller of `above`, unless there are very many greenlets, or were, in short time. */
export function captureSpawnSite(above: unknown): SpawnSite | null {
  if (activeCount() > MOST_LIVING) return null
  if (left === 0) {
    const now = systemClock.now()
    if (now - counted < 1000) return null
    counted = now
    left = MORE_EACH_SECOND
  }
  left -= 1
  return captureStack(above, MOST_FRAMES)
}

/** The spawn site of a greenlet as lines to append to a report; empty if it has none. */
export function spawnSiteOf(greenlet: unknown): string {
  const stack = (greenlet as { spawningStack?: string } | null)?.spawningStack
  return stack === undefined ? '' : `\nspawned at\n${stack}`
}
