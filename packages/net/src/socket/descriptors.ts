import type { Description } from '../description/description.ts'

const open = new Map<number, Description>()
let last = 2

/** Returns a number that no other socket has had. */
export function nextDescriptor(): number {
  last += 1
  return last
}

/**
 * Assigns a number to a socket of an open description; called the first time the number is needed. It is an identity within this
 * process, not a system file descriptor.
 */
export function assignDescriptor(description: Description): number {
  const descriptor = nextDescriptor()
  open.set(descriptor, description)
  return descriptor
}

/** Frees a number; returns whether it was still in use. */
export function releaseDescriptor(descriptor: number): boolean {
  return open.delete(descriptor)
}

/** Returns whether a number was ever assigned, including to a socket that has since been closed. */
export function wasAssigned(descriptor: number): boolean {
  return descriptor > 2 && descriptor <= last
}

/** Returns the open description that a number refers to, if there is one. */
export function descriptionOf(descriptor: number): Description | undefined {
  return open.get(descriptor)
}
