import { isLess, pushInto, shiftFrom } from '../engine/heap.ts'

/** A heap of numbers that were given out and are free again. */
const free: number[] = []
const idents = new WeakMap<object, number>()
let last = 0

const reclaim = new FinalizationRegistry<number>((ident) => {
  pushInto(free, ident, isLess)
})

/** A small whole number for an object, given at first use; a collected object's number is used again. */
export function minimalIdentOf(object: object): number {
  const known = idents.get(object)
  if (known !== undefined) return known
  const ident = free.length > 0 ? shiftFrom(free, isLess) : ++last
  idents.set(object, ident)
  reclaim.register(object, ident)
  return ident
}
