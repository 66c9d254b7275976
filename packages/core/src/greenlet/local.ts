import { checkCallable } from '../engine/check.ts'
import { runtime } from '../engine/runtime.ts'

/** The class of `Local`: constructing gives an object of the shape, and a subclass has the shape's properties. */
export interface LocalConstructor {
  /**
   * @param initialise sets the first values; called once for each greenlet, when that first touches the object
   * @throws {TypeError} if `initialise` is no function
   */
  new <Shape extends object = Record<string, unknown>>(initialise?: (local: Shape) => void): Shape
}

/** The plain program and the hub share the values of the main greenlet. */
function valuesOf(local: object, initialise: (() => void) | undefined): object {
  const current = runtime.current
  const { ownExtras } = current === null || current.standsForMain ? runtime.main! : current
  const locals = (ownExtras.locals ??= new WeakMap())
  let values = locals.get(local)
  if (values === undefined) {
    values = Object.create(Object.getPrototypeOf(local)) as object
    locals.set(local, values)
    try {
      initialise?.()
    } catch (error) {
      locals.delete(local)
      throw error
    }
  }
  return values
}

/**
 * An object whose properties are each greenlet's own (gevent: local, threading.local). The values of a greenlet go when it ends,
 * or when the object does. A subclass may add methods and accessors; its fields are set for the greenlet that makes the object only,
 * so set first values in `initialise`.
 *
 * @example
 * const local = new Local<{ user?: string }>()
 * local.user = 'main'
 * yield* spawn(function* () {
 *   local.user // undefined
 * })
 */
export const Local: LocalConstructor = class Local {
  constructor(initialise?: (local: never) => void) {
    if (initialise !== undefined) checkCallable(initialise, 'initialise')
    const begin = initialise && (() => initialise(local as never))
    const values = (target: object) => valuesOf(target, begin)
    const local: object = new Proxy(this, {
      get(target, key, receiver) {
        const own = values(target) as Record<PropertyKey, unknown>
        return Object.hasOwn(own, key) ? own[key] : Reflect.get(own, key, receiver)
      },
      set(target, key, value, receiver) {
        const own = values(target) as Record<PropertyKey, unknown>
        // A new property is defined through the proxy, which takes five times as long.
        if (!Object.hasOwn(own, key) || receiver !== local) return Reflect.set(own, key, value, receiver)
        own[key] = value
        return true
      },
      has: (target, key) => Reflect.has(values(target), key),
      deleteProperty: (target, key) => Reflect.deleteProperty(values(target), key),
      ownKeys: (target) => Reflect.ownKeys(values(target)),
      getOwnPropertyDescriptor: (target, key) => Reflect.getOwnPropertyDescriptor(values(target), key),
      defineProperty: (target, key, descriptor) => Reflect.defineProperty(values(target), key, descriptor),
    })
    // biome-ignore lint/correctness/noConstructorReturn: the properties live elsewhere
    return local
  }
} as never
