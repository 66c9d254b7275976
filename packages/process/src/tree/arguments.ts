/** No arguments. Those of most calls are one of these, and what is known to be the same costs least to send. */
export const NONE: readonly unknown[] = []

const TRUE: readonly unknown[] = [true]
const FALSE: readonly unknown[] = [false]

/** One argument that is true or false. */
export function flag(value: boolean): readonly unknown[] {
  return value ? TRUE : FALSE
}
