/** The encoded form of a shared object: its kind, the process that owns it, its key there, and any extra data of its kind. */
export type SharedReference = readonly [kind: string, node: string, object: ObjectKey, ...data: unknown[]]

/** The key under which the owner finds an object: a number assigned by the owner, or a name chosen by another process. */
export type ObjectKey = number | string

/** An object that is sent by reference: it stays where it is, and the receiver gets a proxy for it. */
export interface Shareable {
  /**
   * @param destination the process that it is sent to, if known
   * @param carrier otherwise, the process that keeps the message with it until it is received, if known
   */
  toReference(destination: string | undefined, carrier?: string): SharedReference
  /** Called each time a reference to it arrives in this process. */
  arrived?(reference: SharedReference): void
  /** Called if the message that it was sent in will never be received. References that have arrived are not affected. */
  recalled?(reference: SharedReference, destination: string | undefined): void
  /** Called when another process has got the message that it was sent in. */
  moved?(reference: SharedReference, carrier: string): void
}

const SHAREABLE = Symbol.for('greenlit.process.sendable')
const revivers = new Map<string, (reference: SharedReference) => Shareable>()
/** The kinds whose objects must be notified if a message with one will never be received. */
const recallable = new Set<string>()
/** The proxies in use, so that there is only one for each object in this process. */
const views = new Map<string, WeakRef<Shareable>>()
const collected = new FinalizationRegistry<string>((key) => {
  if (views.get(key)?.deref() === undefined) views.delete(key)
})

/** Marks a class as sent by reference, and registers how a proxy is made from a received reference. */
export function shareClass(
  kind: string,
  sharedClass: abstract new (...args: never[]) => Shareable,
  revive: (reference: SharedReference) => Shareable,
): void {
  Object.defineProperty(sharedClass.prototype, SHAREABLE, { value: true })
  revivers.set(kind, revive)
  if ('recalled' in sharedClass.prototype) recallable.add(kind)
}

/** Whether an object is sent by reference rather than copied. */
export function isShared(value: object): value is Shareable {
  return SHAREABLE in value
}

/** Encodes a shared object. */
export function referenceTo(object: Shareable, destination: string | undefined, carrier?: string): SharedReference {
  const reference = object.toReference(destination, carrier)
  remember(keyOf(reference), object)
  return reference
}

/** Returns this process's proxy for a shared object, making one if there is none yet. */
export function reviveShared(reference: SharedReference): Shareable {
  const key = keyOf(reference)
  const view = views.get(key)?.deref() ?? revivers.get(reference[0])!(reference)
  remember(key, view)
  view.arrived?.(reference)
  return view
}

/** Notifies a shared object that a reference to it, sent to an unknown destination, will never be received. */
export function recallShared(reference: SharedReference): void {
  const [kind] = reference
  if (recallable.has(kind)) revivers.get(kind)!(reference).recalled!(reference, undefined)
}

/** Notifies a shared object that another process has got the message with this reference to it, for an unknown destination. */
export function moveShared(reference: SharedReference, carrier: string): void {
  const [kind] = reference
  if (recallable.has(kind)) revivers.get(kind)!(reference).moved!(reference, carrier)
}

function keyOf([kind, node, object]: SharedReference): string {
  return `${kind}:${node}:${object}`
}

function remember(key: string, object: Shareable): void {
  if (views.get(key)?.deref() === object) return
  views.set(key, new WeakRef(object))
  collected.register(object, key)
}
