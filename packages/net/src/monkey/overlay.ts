/** `B` with some of its members replaced or extended by those of `M`. */
export type Overlay<B, M> = Omit<B, keyof M> & M

/** Creates an object with the given members in front of those of a view. Like those of a module, none can be assigned. */
export function overlay<B extends object, M extends object>(view: B, members: M): Overlay<B, M> {
  return new Proxy(members, new OverlayHandler(view)) as unknown as Overlay<B, M>
}

/** Proxy handler that looks names up in its own members first, then in the view. */
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
