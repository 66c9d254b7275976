import { runtime } from '../engine/runtime.ts'
import type { RawGreenlet } from './raw-greenlet.ts'

/** What the list of the living holds. */
export interface Living {
  /** @internal Where in the list it stands. */
  page: Page | null
  /** @internal And where on that page. */
  place: number
}

/** So many of them stand together. */
const PAGE_SIZE = 32

/**
 * A part of the list. The living are not linked to each other: that cost a quarter of the time of a hundred thousand that take turns.
 */
export class Page {
  readonly places: (Living | null)[] = new Array(PAGE_SIZE).fill(null)
  /** How many of the places were given. */
  given = 0
  /** How many are taken. */
  count = 0
  previous: Page | null
  next: Page | null = null

  constructor(previous: Page | null) {
    this.previous = previous
  }
}

let first = new Page(null)
let last = first
let count = 0

/** Adds a greenlet that was started. */
export function addLiving(greenlet: Living): void {
  let page = last
  if (page.given === PAGE_SIZE) {
    last = page.next = new Page(page)
    page = last
  }
  greenlet.page = page
  greenlet.place = page.given
  page.places[page.given] = greenlet
  page.given += 1
  page.count += 1
  count += 1
}

/** Takes a greenlet out that has ended. */
export function removeLiving(greenlet: Living): void {
  const page = greenlet.page!
  page.places[greenlet.place] = null
  page.count -= 1
  greenlet.page = null
  count -= 1
  if (page.count > 0) return
  if (page === last) page.given = 0
  else leaveOut(page)
}

function leaveOut(page: Page): void {
  if (page.previous === null) first = page.next!
  else page.previous.next = page.next
  page.next!.previous = page.previous
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
  for (let page: Page | null = first; page !== null; page = page.next) {
    for (const greenlet of page.places) if (greenlet !== null) living.push(greenlet as unknown as RawGreenlet)
  }
  return living
}
