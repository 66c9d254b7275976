// By their package's name: those of this package have the same ones, which a bundler would change.
import * as core from '@greenlit/core'
import { checkCallable, checkOptions, show } from '@greenlit/core/engine'

/** How instances of a class go to another process. Those of an error class always go with their properties, and without either of these. */
export interface Registration<I extends object = object, D = unknown> {
  /** What is sent of an instance: anything that can be sent itself. Default: its own properties. */
  encode?(instance: I): D
  /** Makes an instance of what was sent. Default: an object of the class with these properties, without its constructor. */
  decode?(data: D): I
}

/** A class that was registered. */
export interface Registered {
  readonly name: string
  readonly prototype: object
  encode(instance: object): unknown
  decode(data: unknown): object
}

const byPrototype = new Map<object, Registered>()
const byName = new Map<string, Registered>()

/**
 * Lets instances of a class go to other processes as such; those of other classes arrive as plain objects (Python: copyreg.pickle).
 * Register in a module that is loaded on both sides.
 *
 * @param name what the class is called in messages, the same on both sides
 * @param registeredClass the class; its subclasses need a registration of their own
 * @param registration see `Registration`
 * @throws {RangeError} if another class has the name; {TypeError} for a bad argument
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

/** The registration of an object's own class. */
export function registrationOf(prototype: object): Registered | undefined {
  return byPrototype.get(prototype)
}

/** The registration under a name. */
export function registrationNamed(name: string): Registered | undefined {
  return byName.get(name)
}

registerClass('URL', URL, { encode: (url) => url.href, decode: (href) => new URL(href as string) })

/** What greenlets of one process share: elsewhere it would be a plain object that nobody can use. */
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

for (const { name, prototype } of OF_GREENLETS) {
  const refuse = (): never => {
    throw new TypeError(`a ${name} of @greenlit/core is for one process; @greenlit/process has those that may be sent.`)
  }
  byPrototype.set(prototype, { name, prototype, encode: refuse, decode: refuse })
}
