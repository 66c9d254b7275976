import { runtime } from '../engine/runtime.ts'
import type { RawGreenlet } from './raw-greenlet.ts'

/** What the list of the living holds. */
export interface Living {
  /** @internal Where in the list it stands. */
  livePage: Page | null
  /** @internal And where on that page. */
  liveIndex: number
}

/** So many of them stand together: as many as an array that grows takes at first. */
const PAGE_SIZE = 16

/**
 * A part of the list. The living are not linked to each other: that cost a quarter of the time of a hundred thousand that take turns.
 */
export class Page {
  items: (Living | null)[] = []
  /** How many of them are alive. */
  count = 0
}

let last = new Page()
/** @internal All that hold anyone, in order, and the last. */
export const pages: Set<Page> = new Set([last])
let count = 0

/** Adds a greenlet that was started. */
export function addLiving(greenlet: Living): void {
  if (last.items.length === PAGE_SIZE) pages.add((last = new Page()))
  const page = last
  greenlet.livePage = page
  greenlet.liveIndex = page.items.push(greenlet) - 1
  page.count += 1
  count += 1
}

/** Takes a greenlet out that has ended. */
export function removeLiving(greenlet: Living): void {
  const page = greenlet.livePage!
  page.items[greenlet.liveIndex] = null
  page.count -= 1
  greenlet.livePage = null
  count -= 1
  if (page.count > 0) return
  if (page === last) page.items = []
  else pages.delete(page)
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
  for (const { items } of pages)
    for (const greenlet of items) if (greenlet) living.push(greenlet as unknown as RawGreenlet)
  return living
}
