import { isLess, pushInto, shiftFrom } from '../engine/heap.ts'

/** A heap of idents that were in use and are free again. */
const free: number[] = []
const idents = new WeakMap<object, number>()
let last = 0

const reclaim = new FinalizationRegistry<number>((ident) => {
  pushInto(free, ident, isLess)
})

/** Returns a small integer for an object, assigned on first use. A collected object's ident is reused. */
export function minimalIdentOf(object: object): number {
  const known = idents.get(object)
  if (known !== undefined) return known
  const ident = free.length > 0 ? shiftFrom(free, isLess) : ++last
  idents.set(object, ident)
  reclaim.register(object, ident)
  return ident
}
