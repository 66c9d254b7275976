import type { Description } from './description.ts'

const open = new Map<number, Description>()
let last = 2

/** Gives an open description a number. It is an identity within this process, not a descriptor of the system. */
export function assignDescriptor(description: Description): number {
  last += 1
  open.set(last, description)
  return last
}

export function releaseDescriptor(descriptor: number): void {
  open.delete(descriptor)
}

/** The description of a number, if it is open. */
export function descriptionOf(descriptor: number): Description | undefined {
  return open.get(descriptor)
}
