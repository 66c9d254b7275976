import { runtime } from '../engine/runtime.ts'
import type { RawGreenlet } from './raw-greenlet.ts'

/** What the list of the living is linked through. */
export interface Living {
  /** @internal */
  liveNext: Living | null
  /** @internal */
  livePrevious: Living | null
}

let first: Living | null = null
let last: Living | null = null
let count = 0

/** Adds a greenlet that was started. */
export function addLiving(greenlet: Living): void {
  greenlet.livePrevious = last
  if (last === null) first = greenlet
  else last.liveNext = greenlet
  last = greenlet
  count += 1
}

/** Takes a greenlet out that has ended. */
export function removeLiving(greenlet: Living): void {
  if (greenlet.livePrevious === null) first = greenlet.liveNext
  else greenlet.livePrevious.liveNext = greenlet.liveNext
  if (greenlet.liveNext === null) last = greenlet.livePrevious
  else greenlet.liveNext.livePrevious = greenlet.livePrevious
  greenlet.liveNext = null
  greenlet.livePrevious = null
  count -= 1
}

/**
 * How many greenlets are alive, the main one included; raw ones do not count (Python: threading.active_count).
 *
 * @example
 * const idle = activeCount() === 1
 */
export function activeCount(): number {
  return count + 1
}

/**
 * The greenlets that are alive: the main one, then the started ones that have not ended, oldest first; no raw ones (Python:
 * threading.enumerate).
 *
 * @example
 * for (const greenlet of enumerate()) console.log(String(greenlet))
 */
export function enumerate(): RawGreenlet[] {
  const living = [runtime.main as RawGreenlet]
  for (let at = first; at !== null; at = at.liveNext) living.push(at as unknown as RawGreenlet)
  return living
}
