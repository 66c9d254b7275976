import { runtime } from '../engine/runtime.ts'
import type { RawGreenlet } from './raw-greenlet.ts'

/** An entry in the list of live greenlets. */
export interface LiveEntry {
  /** @internal The page of the list that it is on. */
  _page: Page | null
  /** @internal Its index on that page. */
  _index: number
}

/** How many entries a page has: the initial capacity of a growing array. */
const PAGE_SIZE = 16

/**
 * A page of the list. Linking the live greenlets to each other instead cost a quarter of the time of a hundred thousand greenlets
 * taking turns.
 */
export class Page {
  items: (LiveEntry | null)[] = []
  /** How many of its entries are alive. */
  count = 0
}

let last = new Page()
/** @internal All pages with live entries, in order, and the last page. */
export const pages: Set<Page> = new Set([last])
let count = 0

/** Adds a greenlet that has been started. */
export function addLive(greenlet: LiveEntry): void {
  if (last.items.length === PAGE_SIZE) pages.add((last = new Page()))
  const page = last
  greenlet._page = page
  greenlet._index = page.items.push(greenlet) - 1
  page.count += 1
  count += 1
}

/** Removes a greenlet that has ended. */
export function removeLive(greenlet: LiveEntry): void {
  const page = greenlet._page!
  page.items[greenlet._index] = null
  page.count -= 1
  greenlet._page = null
  count -= 1
  if (page.count > 0) return
  if (page === last) page.items = []
  else pages.delete(page)
}

/**
 * Returns the number of live greenlets, including the main one; raw greenlets do not count (Python: threading.active_count).
 *
 * @example
 * const idle = activeCount() === 1
 */
export function activeCount(): number {
  return count + 1
}

/**
 * Returns the live greenlets: the main one, then those started and not yet ended, oldest first; raw greenlets are left out
 * (Python: threading.enumerate).
 *
 * @example
 * for (const greenlet of enumerate()) console.log(String(greenlet))
 */
export function enumerate(): (RawGreenlet & { readonly name?: string })[] {
  const living = [runtime.main as RawGreenlet]
  for (const { items } of pages)
    for (const greenlet of items) if (greenlet) living.push(greenlet as unknown as RawGreenlet)
  return living
}
