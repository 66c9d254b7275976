import type { Description } from './description.ts'

const open = new Map<number, Description>()
let last = 2

/** A number that no other socket has. */
export function nextDescriptor(): number {
  last += 1
  return last
}

/**
 * Gives an open description a number, once somebody asks for it. It is an identity within this process, not a descriptor of the
 * system.
 */
export function assignDescriptor(description: Description): number {
  const descriptor = nextDescriptor()
  open.set(descriptor, description)
  return descriptor
}

export function releaseDescriptor(descriptor: number): void {
  open.delete(descriptor)
}

/** Whether a number was given out, also one that is closed by now. */
export function wasAssigned(descriptor: number): boolean {
  return descriptor > 2 && descriptor <= last
}

/** The description of a number, if it is open. */
export function descriptionOf(descriptor: number): Description | undefined {
  return open.get(descriptor)
}
