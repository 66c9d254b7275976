/** A shared object as it is sent: its kind, the process that owns it, its key there, and what its kind needs beside that. */
export type SharedReference = readonly [kind: string, node: string, object: ObjectKey, ...data: unknown[]]

/** Under what an owner finds an object: a number that it gave, or a name that somebody else made up. */
export type ObjectKey = number | string

/** An object that stays where it is when it is sent: the other side gets a view of it. */
export interface Sendable {
  /** @param destination the process that it goes to, if that is known */
  toReference(destination: string | undefined): SharedReference
  /** It has arrived here, once more. */
  arrived?(reference: SharedReference): void
  /** It has not gone anywhere, as nobody gets what it stood in. What has arrived is not touched. */
  recalled?(reference: SharedReference, destination: string | undefined): void
}

const SENDABLE = Symbol.for('greenlit.process.sendable')
const revivers = new Map<string, (reference: SharedReference) => Sendable>()
/** The kinds that must be told if nobody gets what was sent. */
const recallable = new Set<string>()
/** The views that are in use, so that there is one of each object here. */
const views = new Map<string, WeakRef<Sendable>>()
const collected = new FinalizationRegistry<string>((key) => {
  if (views.get(key)?.deref() === undefined) views.delete(key)
})

/** Marks a class of shared objects, and says how a view of one is made from what was sent. */
export function shareClass(
  kind: string,
  sharedClass: abstract new (...args: never[]) => Sendable,
  revive: (reference: SharedReference) => Sendable,
): void {
  Object.defineProperty(sharedClass.prototype, SENDABLE, { value: true })
  revivers.set(kind, revive)
  if ('recalled' in sharedClass.prototype) recallable.add(kind)
}

/** Whether an object is shared rather than copied. */
export function isShared(value: object): value is Sendable {
  return SENDABLE in value
}

/** What is sent of a shared object. */
export function referenceTo(object: Sendable, destination: string | undefined): SharedReference {
  const reference = object.toReference(destination)
  remember(keyOf(reference), object)
  return reference
}

/** The view of a shared object here; made if there is none yet. */
export function reviveShared(reference: SharedReference): Sendable {
  const key = keyOf(reference)
  const view = views.get(key)?.deref() ?? revivers.get(reference[0])!(reference)
  remember(key, view)
  view.arrived?.(reference)
  return view
}

/** Nobody gets a shared object that was sent to nobody knows whom. */
export function recallShared(reference: SharedReference): void {
  const [kind] = reference
  if (recallable.has(kind)) revivers.get(kind)!(reference).recalled!(reference, undefined)
}

function keyOf([kind, node, object]: SharedReference): string {
  return `${kind}:${node}:${object}`
}

function remember(key: string, object: Sendable): void {
  if (views.get(key)?.deref() === object) return
  views.set(key, new WeakRef(object))
  collected.register(object, key)
}
