import { checkCallableIfGiven } from '../engine/check.ts'
import { runtime } from '../engine/runtime.ts'

/** The class of `Local`: constructing gives an object of the shape, and a subclass has the shape's properties. */
export interface LocalConstructor {
  /**
   * @param initialise sets the first values, or, if it takes nothing, returns them; called once for each greenlet, when that first
   *   touches the object
   * @throws {TypeError} if `initialise` is no function
   */
  new <Shape extends object = Record<string, unknown>>(initialise?: ((local: Shape) => void) | (() => Shape)): Shape
}

/** The constructor of a subclass that is run again for another greenlet, and where its fields are to go. */
let rerun: { subclass: unknown; values: object } | null = null

/** The plain program and the hub share the values of the main greenlet. */
function valuesOf(local: object, initialise: ((values: object) => void) | undefined): object {
  const current = runtime.current
  const { ownExtras } = current === null || current.standsForMain ? runtime.main! : current
  const locals = (ownExtras.locals ??= new WeakMap())
  let values = locals.get(local)
  if (values === undefined) {
    values = Object.create(Object.getPrototypeOf(local)) as object
    locals.set(local, values)
    try {
      initialise?.(values)
    } catch (error) {
      locals.delete(local)
      throw error
    }
  }
  return values
}

/**
 * An object whose properties are each greenlet's own (gevent: local, threading.local). The values of a greenlet go when it ends,
 * or when the object does. The constructor of a subclass is run again for each greenlet, when that first touches the object, so its
 * fields have their first values in each; it is run with what it passed to `super`, and not if it needs more arguments than that.
 * Private `#fields` are no properties: all greenlets share them.
 *
 * @example
 * const local = new Local<{ user?: string }>()
 * local.user = 'main'
 * yield* spawn(function* () {
 *   local.user // undefined
 * })
 *
 * class Request extends Local<object> {
 *   headers = new Map<string, string>() // each greenlet has its own
 * }
 */
export const Local: LocalConstructor = class Local {
  constructor(...args: [initialise?: (local: never) => void]) {
    if (rerun !== null && rerun.subclass === new.target) {
      const { values } = rerun
      rerun = null
      // biome-ignore lint/correctness/noConstructorReturn: the fields of the subclass are set on what is returned
      return values
    }
    const [initialise] = args
    checkCallableIfGiven(initialise, 'initialise')
    const subclass = new.target !== Local && new.target.length <= args.length ? new.target : undefined
    let isMade = false
    const begin = (values: object) => {
      const made: unknown = initialise?.(local as never)
      // One that takes the object may end with what it has just set, as an arrow function does.
      if (initialise?.length === 0 && typeof made === 'object') Object.assign(values, made)
      if (subclass === undefined || !isMade) return
      rerun = { subclass, values }
      try {
        new subclass(...args)
      } finally {
        rerun = null
      }
    }
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
    if (subclass !== undefined) valuesOf(this, begin)
    isMade = true
    // biome-ignore lint/correctness/noConstructorReturn: the properties live elsewhere
    return local
  }
} as never
