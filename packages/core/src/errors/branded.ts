type ErrorClass = abstract new (...args: never[]) => Error

const ordinaryHasInstance = Function.prototype[Symbol.hasInstance]

/**
 * Returns a base class that makes `instanceof` recognise an error class across copies of the package, as when two versions are
 * installed. A call marked as pure rather than a static block of the class, so that bundlers can drop unused classes.
 *
 * @param name the name of the class, the same in each copy; anything before a dot belongs to the brand only
 * @param parent the class to extend, default `Error`
 * @param alsoKnownAs names of branded classes that it also counts as without extending them, as with Python's multiple
 *   inheritance
 * @example
 * class Busy extends branded('Busy', RangeError) {
 *   readonly code = 'BUSY'
 * }
 */
export function branded<C extends ErrorClass = ErrorConstructor>(
  name: string,
  parent: C = Error as unknown as C,
  alsoKnownAs: readonly string[] = [],
): C {
  const brand = brandOf(name)
  class Branded extends (parent as unknown as ErrorConstructor) {
    static override [Symbol.hasInstance](this: ErrorClass, value: unknown): boolean {
      // biome-ignore-start lint/complexity/noThisInStatic: a subclass of the class asks too, and what has the brand need not be its
      if (Object.getPrototypeOf(this) !== Branded) return ordinaryHasInstance.call(this, value)
      // biome-ignore-end lint/complexity/noThisInStatic: as above
      return typeof value === 'object' && value !== null && brand in value
    }
  }
  const { prototype } = Branded
  Object.defineProperty(prototype, 'name', { value: name.split('.').at(-1), writable: true, configurable: true })
  for (const key of [brand, ...alsoKnownAs.map(brandOf)]) Object.defineProperty(prototype, key, { value: true })
  return Branded as unknown as C
}

function brandOf(name: string): symbol {
  return Symbol.for(`greenlit.${name}`)
}
