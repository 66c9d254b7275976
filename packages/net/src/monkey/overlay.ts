/** An object with the members of another behind its own. */
export type Overlay<B, M> = Omit<B, keyof M> & M

/** Puts members of its own before those of a view. */
export function overlay<B extends object, M extends object>(view: B, members: M): Overlay<B, M> {
  return new Proxy(members, {
    get: (own, name) => Reflect.get(name in own ? own : view, name),
    has: (own, name) => name in own || name in view,
    set: () => false,
  }) as unknown as Overlay<B, M>
}
