/** An empty argument list. Most calls share one of the lists in this file, which makes their headers cheap to encode. */
export const NONE: readonly unknown[] = []

const TRUE: readonly unknown[] = [true]
const FALSE: readonly unknown[] = [false]

/** An argument list with one boolean. */
export function flag(value: boolean): readonly unknown[] {
  return value ? TRUE : FALSE
}
