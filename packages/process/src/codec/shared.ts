/** A shared object as it is sent: what it is, and whatever its kind needs to find it. */
export type SharedReference = readonly [kind: string, ...data: unknown[]]

/** An object that stays where it is when it is sent: the other side gets another view of it. */
export interface Sendable {
  /** @param destination the process that it goes to, if that is known */
  toReference(destination: string | undefined): SharedReference
}

const SENDABLE = Symbol.for('greenlit.process.sendable')
const revivers = new Map<string, (reference: SharedReference) => object>()

/** Marks a class of shared objects, and says how a view of one is made from what was sent. */
export function shareClass(
  kind: string,
  sharedClass: abstract new (...args: never[]) => Sendable,
  revive: (reference: SharedReference) => object,
): void {
  Object.defineProperty(sharedClass.prototype, SENDABLE, { value: true })
  revivers.set(kind, revive)
}

/** Whether an object is shared rather than copied. */
export function isShared(value: object): value is Sendable {
  return SENDABLE in value
}

/** Makes a view of a shared object. */
export function reviveShared(reference: SharedReference): object {
  return revivers.get(reference[0])!(reference)
}
