/** An object with the members of another behind its own. */
export type Overlay<B, M> = Omit<B, keyof M> & M

/** Puts members of its own before those of a view. None can be set, as a module's cannot. */
export function overlay<B extends object, M extends object>(view: B, members: M): Overlay<B, M> {
  return new Proxy(members, new OverlayHandler(view)) as unknown as Overlay<B, M>
}

/** Answers for its own members, and for the rest as the view does. */
export class OverlayHandler implements ProxyHandler<object> {
  protected readonly view: object

  constructor(view: object) {
    this.view = view
  }

  get(own: object, name: string | symbol, _overlay: unknown): unknown {
    return Reflect.get(Object.hasOwn(own, name) ? own : this.view, name)
  }

  has(own: object, name: string | symbol): boolean {
    return Object.hasOwn(own, name) || name in this.view
  }

  set(_own: object, _name: string | symbol, _value: unknown): boolean {
    return false
  }

  ownKeys(own: object): (string | symbol)[] {
    return [...new Set([...Reflect.ownKeys(own), ...Reflect.ownKeys(this.view)])]
  }

  getOwnPropertyDescriptor(own: object, name: string | symbol): PropertyDescriptor | undefined {
    return Reflect.getOwnPropertyDescriptor(Object.hasOwn(own, name) ? own : this.view, name)
  }

  getPrototypeOf(): object | null {
    return Reflect.getPrototypeOf(this.view)
  }
}
