/** Numbers that were given out and are free again, smallest first on demand. */
const free: number[] = []
const idents = new WeakMap<object, number>()
let last = 0

const reclaim = new FinalizationRegistry<number>((ident) => {
  free.push(ident)
  free.sort((a, b) => b - a)
})

/** A small whole number for an object, given at first use; a collected object's number is used again. */
export function minimalIdentOf(object: object): number {
  const known = idents.get(object)
  if (known !== undefined) return known
  const ident = free.pop() ?? ++last
  idents.set(object, ident)
  reclaim.register(object, ident)
  return ident
}
