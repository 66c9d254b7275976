/**
 * Binary heaps in plain arrays: the first entry comes before all others.
 *
 *     not heap[2n + 1] or heap[2n + 2] before heap[n]
 */
type IsBefore<E> = (a: E, b: E) => boolean

/** Puts an entry in. Nothing moves until it has been compared, so that an error of `isBefore` leaves all as it was. */
export function pushInto<E>(heap: E[], entry: E, isBefore: IsBefore<E>): void {
  let place = heap.length
  while (place > 0 && isBefore(entry, heap[parentOf(place)]!)) place = parentOf(place)
  for (let at = heap.length; at > place; at = parentOf(at)) heap[at] = heap[parentOf(at)]!
  heap[place] = entry
}

/** Takes the first entry out; there must be one. All stays as it was if `isBefore` throws: nothing moves before the last comparison. */
export function shiftFrom<E>(heap: E[], isBefore: IsBefore<E>): E {
  const end = heap.length - 1
  const last = heap[end]!
  let place = 0
  // Down to the end and up from there, as in Python: the last mostly belongs there, so half of the comparisons are spared.
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

/** Orders numbers, the least first. */
export function isLess(a: number, b: number): boolean {
  return a < b
}

function parentOf(place: number): number {
  return (place - 1) >> 1
}
