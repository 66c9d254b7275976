import { loop } from '../engine/loop.ts'
import { activeCount } from './live.ts'

/** How many spawns of one batch are looked at: a stack costs more than a greenlet, and a burst of thousands has one site. */
const MOST_SITES_A_BATCH = 64
/** Beyond so many living greenlets none is looked at: a stack holds more memory than a greenlet. */
const MOST_LIVING = 256
const MOST_FRAMES = 10

/** Where a greenlet was spawned; the stack is made into text only when somebody reads it. */
export interface SpawnSite {
  readonly stack?: string
}

let batch = -1
let taken = 0

/** Captures the caller of `above`, unless this batch has had its share or there are very many greenlets. */
export function captureSpawnSite(above: unknown): SpawnSite | null {
  if (activeCount() > MOST_LIVING) return null
  if (batch !== loop.batches) {
    batch = loop.batches
    taken = 0
  } else if (taken >= MOST_SITES_A_BATCH) {
    return null
  }
  taken += 1
  const capturer = Error as { captureStackTrace?(holder: object, above: unknown): void; stackTraceLimit: number }
  if (capturer.captureStackTrace === undefined) return null
  const limit = capturer.stackTraceLimit
  capturer.stackTraceLimit = MOST_FRAMES
  const site: SpawnSite = {}
  capturer.captureStackTrace(site, above)
  capturer.stackTraceLimit = limit
  return site
}

/** The spawn site of a greenlet as lines to append to a report; empty if it has none. */
export function spawnSiteOf(greenlet: unknown): string {
  const stack = (greenlet as { spawningStack?: string } | null)?.spawningStack
  return stack === undefined ? '' : `\nspawned at\n${stack}`
}
