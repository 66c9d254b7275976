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

/** Takes the first entry out; there must be one. It stays in if `isBefore` throws. */
export function shiftFrom<E>(heap: E[], isBefore: IsBefore<E>): E {
  const first = heap[0]!
  const last = heap.pop()!
  const { length } = heap
  if (length === 0) return first
  let place = 0
  try {
    // Down to the end and up from there, as in Python: the last mostly belongs there, so half of the comparisons are spared.
    for (let child = 1; child < length; child = 2 * place + 1) {
      if (child + 1 < length && isBefore(heap[child + 1]!, heap[child]!)) child += 1
      heap[place] = heap[child]!
      place = child
    }
    while (place > 0 && isBefore(last, heap[parentOf(place)]!)) {
      heap[place] = heap[parentOf(place)]!
      place = parentOf(place)
    }
    heap[place] = last
  } catch (error) {
    heap[place] = last
    heap.push(first)
    throw error
  }
  return first
}

/** Orders numbers, the least first. */
export function isLess(a: number, b: number): boolean {
  return a < b
}

function parentOf(place: number): number {
  return (place - 1) >> 1
}
