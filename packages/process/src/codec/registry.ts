// A namespace import: this package has classes of the same names, and with named imports a bundler would rename them.
import * as core from '@greenlit/core'
import { checkCallable, checkOptions, show } from '@greenlit/core/engine'

/**
 * How instances of a class are sent to another process. Error classes ignore both functions: an error is always sent with its
 * properties.
 */
export interface Registration<I extends object = object, D = unknown> {
  /** Returns what to send for an instance: anything that can itself be sent. Default: its own properties. */
  encode?(instance: I): D
  /**
   * Makes an instance from what was sent. Default: an object of the class with these properties, made without calling its
   * constructor.
   */
  decode?(data: D): I
}

/** A registered class. */
export interface Registered {
  readonly name: string
  readonly prototype: object
  encode(instance: object): unknown
  decode(data: unknown): object
  /** Whether its instances may not be sent. */
  readonly refuses?: boolean
}

const byPrototype = new Map<object, Registered>()
const byName = new Map<string, Registered>()

/**
 * Registers a class, so that its instances can be sent to other processes as such; instances of other classes arrive as plain
 * objects (Python: copyreg.pickle). Register the class in a module that is loaded on both sides.
 *
 * @param name the name of the class in messages, the same on both sides
 * @param registeredClass the class; subclasses need a registration of their own
 * @param registration see `Registration`
 * @throws {RangeError} if the name is taken by another class; {TypeError} for an invalid argument
 * @example
 * registerClass('Point', Point, { encode: ({ x, y }) => ({ x, y }), decode: ({ x, y }) => new Point(x, y) })
 */
export function registerClass<I extends object, D = unknown>(
  name: string,
  registeredClass: abstract new (...args: never[]) => I,
  registration?: Registration<I, D>,
): void {
  if (typeof name !== 'string' || name === '')
    throw new TypeError(`Expected \`name\` to be a string that is not empty, got ${show(name)}`)
  checkCallable(registeredClass, 'registeredClass')
  const known = byName.get(name)
  const prototype = registeredClass.prototype as object
  if (known !== undefined && byPrototype.get(prototype) !== known)
    throw new RangeError(`Expected \`name\` to be free, got ${show(name)}: another class is registered under it`)
  const { encode, decode } = checkOptions(registration)
  for (const [way, fn] of Object.entries({ encode, decode }))
    if (fn !== undefined && fn !== null) checkCallable(fn, way)
  const registered: Registered = {
    name,
    prototype,
    encode: (encode as Registered['encode'] | undefined) ?? ((instance) => ({ ...instance })),
    decode:
      (decode as Registered['decode'] | undefined) ??
      ((data) => Object.assign(Object.create(prototype) as object, data)),
  }
  byPrototype.set(prototype, registered)
  byName.set(name, registered)
}

/** The registration of the class with this prototype; those of its base classes do not count. */
export function registrationOf(prototype: object): Registered | undefined {
  return byPrototype.get(prototype)
}

/** The registration under a name. */
export function registrationNamed(name: string): Registered | undefined {
  return byName.get(name)
}

registerClass('URL', URL, { encode: (url) => url.href, decode: (href) => new URL(href as string) })

/** The classes of the core that work within one process only: elsewhere their instances would be useless plain objects. */
const OF_GREENLETS = [
  core.AsyncResult,
  core.Barrier,
  core.BoundedSemaphore,
  core.Channel,
  core.Condition,
  core.DummySemaphore,
  core.Event,
  core.LifoQueue,
  core.Lock,
  core.PriorityQueue,
  core.Queue,
  core.RLock,
  core.Semaphore,
  core.SimpleQueue,
]

refuseToSend(
  OF_GREENLETS,
  (name) => `a ${name} of @greenlit/core is for one process; @greenlit/process has those that may be sent.`,
)
refuseToSend([core.Greenlet, core.Group, core.Pool])

/** Refuses to send instances of classes that would be useless plain objects in another process. */
export function refuseToSend(
  classes: readonly { readonly name: string; readonly prototype: object }[],
  explain = (name: string): string => `a ${name} stays in the process that made it.`,
): void {
  for (const { name, prototype } of classes) {
    const refuse = (): never => {
      throw new TypeError(explain(name))
    }
    byPrototype.set(prototype, { name, prototype, encode: refuse, decode: refuse, refuses: true })
  }
}
