import { type CapturedStack, captureStack } from '../engine/capture-stack.ts'
import { systemClock } from '../engine/clock.ts'
import { activeCount } from './live.ts'

/**
 * How many spawn sites are captured at first, and how many per second after that: a stack costs more than a greenlet, and a
 * server spawns from one site.
 */
const INITIAL_CAPTURES = 10_000
const CAPTURES_PER_SECOND = 100
/**
 * With more live greenlets than this no site is captured: a stack also takes more memory, and a burst of thousands has one site.
 */
const MAX_LIVING = 128

/** Where a greenlet was spawned. */
export type SpawnSite = CapturedStack

let capturesLeft = INITIAL_CAPTURES
let refilledAt = 0

/** Captures the caller of `above`; returns `null` if there are too many greenlets, or were too many spawns in a short time. */
export function captureSpawnSite(above: unknown): SpawnSite | null {
  if (activeCount() > MAX_LIVING) return null
  if (capturesLeft === 0) {
    const now = systemClock.now()
    if (now - refilledAt < 1000) return null
    refilledAt = now
    capturesLeft = CAPTURES_PER_SECOND
  }
  capturesLeft -= 1
  return captureStack(above)
}

/** A greenlet's spawn site as lines to append to a report; empty if it has none. */
export function spawnSiteOf(greenlet: unknown): string {
  const stack = (greenlet as { spawningStack?: string } | null)?.spawningStack
  return stack ? `\nspawned at\n${stack}` : ''
}
