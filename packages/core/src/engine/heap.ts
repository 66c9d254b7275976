/**
 * Binary heaps in plain arrays: the first entry comes before all others.
 *
 *     not heap[2n + 1] or heap[2n + 2] before heap[n]
 */
type IsBefore<E> = (a: E, b: E) => boolean

/** Inserts an entry. Nothing moves before the last comparison, so an error thrown by `isBefore` leaves the heap as it was. */
export function pushInto<E>(heap: E[], entry: E, isBefore: IsBefore<E>): void {
  let place = heap.length
  while (place > 0 && isBefore(entry, heap[parentOf(place)]!)) place = parentOf(place)
  for (let at = heap.length; at > place; at = parentOf(at)) heap[at] = heap[parentOf(at)]!
  heap[place] = entry
}

/**
 * Removes and returns the first entry; there must be one. Nothing moves before the last comparison, so an error thrown by
 * `isBefore` leaves the heap as it was.
 */
export function shiftFrom<E>(heap: E[], isBefore: IsBefore<E>): E {
  const end = heap.length - 1
  const last = heap[end]!
  let place = 0
  // Down to the bottom and up from there, as in Python: the last entry mostly belongs near the bottom, which saves half the
  // comparisons.
  for (let child = 1; child < end; child = 2 * place + 1) {
    place = child + 1 < end && isBefore(heap[child + 1]!, heap[child]!) ? child + 1 : child
  }
  while (place > 0 && isBefore(last, heap[place]!)) place = parentOf(place)
  let entry = last
  for (let at = place; at >= 0; at = parentOf(at)) {
    const above = heap[at]!
    heap[at] = entry
    entry = above
  }
  heap.pop()
  return entry
}

/** Orders numbers in ascending order. */
export function isLess(a: number, b: number): boolean {
  return a < b
}

function parentOf(place: number): number {
  return (place - 1) >> 1
}
