type ErrorClass = abstract new (...args: never[]) => Error

/**
 * Returns a base class that makes `instanceof` recognise an error class across copies of the package, as when two versions are
 * installed. A call marked as pure rather than a static block of the class, so that bundlers can drop unused classes.
 *
 * @param name the name of the class, the same in each copy; anything before a dot belongs to the brand only
 * @param parent the class to extend, default `Error`
 * @example
 * class Busy extends branded('Busy', RangeError) {
 *   readonly code = 'BUSY'
 * }
 */
export function branded<C extends ErrorClass = ErrorConstructor>(name: string, parent: C = Error as unknown as C): C {
  const brand = Symbol.for(`greenlit.${name}`)
  class Branded extends (parent as unknown as ErrorConstructor) {
    static override [Symbol.hasInstance](this: ErrorClass, value: unknown): boolean {
      // biome-ignore-start lint/complexity/noThisInStatic: a subclass of the class asks too, and what has the brand need not be its
      if (Object.getPrototypeOf(this) !== Branded) return super[Symbol.hasInstance](value)
      // biome-ignore-end lint/complexity/noThisInStatic: as above
      return brand in Object(value)
    }
  }
  Object.defineProperties(Branded.prototype, {
    name: { value: name.split('.').at(-1), writable: true, configurable: true },
    [brand]: {},
  })
  return Branded as unknown as C
}

/**
 * Makes the instances of an error class count as those of other branded classes that it does not extend, as with Python's multiple
 * inheritance. A call marked as pure, like that of `branded`.
 *
 * @param errorClass a class that `branded` has returned
 * @param names the names of the other classes, as given to `branded`
 * @returns `errorClass`
 * @example
 * class Full extends alsoKnownAs(branded('Full', RangeError), 'Busy') {}
 */
export function alsoKnownAs<C extends ErrorClass>(errorClass: C, ...names: string[]): C {
  for (const name of names) Object.defineProperty(errorClass.prototype, Symbol.for(`greenlit.${name}`), { value: true })
  return errorClass
}
