import { checkCallableIfGiven } from '../engine/check.ts'
import { runtime } from '../engine/runtime.ts'

/** The class of `Local`: constructing it gives an object of the given shape, and a subclass has the properties of that shape. */
export interface LocalConstructor {
  /**
   * @param initialise sets the initial values or, if it takes no parameter, returns them; called once for each greenlet, when
   *   that greenlet first touches the object
   * @throws {TypeError} if `initialise` is not a function
   */
  new <Shape extends object = Record<string, unknown>>(initialise?: ((local: Shape) => void) | (() => Shape)): Shape
}

/** The subclass whose constructor is being run again for another greenlet, and the object its fields go to. */
let rerun: { subclass: unknown; values: object } | null = null

/** The current greenlet's values. Plain code and the hub share those of the main greenlet. */
function valuesOf(local: object, initialise: ((values: object) => void) | undefined): object {
  const current = runtime.current
  const own = (current === null || current._isMain ? runtime.main! : current)._own
  const locals = (own.locals ??= new WeakMap())
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
 * An object whose properties are local to each greenlet (gevent: local, threading.local). A greenlet's values are dropped when it
 * ends, or when the object is collected. The constructor of a subclass runs again for each greenlet, when that greenlet first
 * touches the object, so that its fields get their initial values everywhere. It is run with the arguments it passed to `super`,
 * and not at all if it needs more than those. Private `#fields` are not properties: all greenlets share them.
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
    // A subclass may pass on arguments of its own, for its constructor to be run with again.
    if (new.target === Local) checkCallableIfGiven(initialise, 'initialise')
    const subclass = new.target !== Local && new.target.length <= args.length ? new.target : undefined
    let isMade = false
    const begin = (values: object) => {
      const made: unknown = typeof initialise === 'function' && initialise(local as never)
      // An initialiser that takes the object may happen to return what it has just set, as an arrow function does: ignore that.
      if (typeof made === 'object' && initialise!.length === 0) Object.assign(values, made)
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
        // `Reflect.set` defines a new property through the proxy, which takes five times as long as this assignment.
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

/** What `new Local<Shape>()` makes, as a type: that of the shape itself. */
export type Local<Shape extends object = Record<string, unknown>> = Shape
