type ErrorClass = abstract new (...args: never[]) => Error

const ordinaryHasInstance = Function.prototype[Symbol.hasInstance]

/**
 * Makes `instanceof` recognise an error class of this package across copies of it, and more than one parent: an instance of a
 * branded class also counts as one of each class named in `alsoKnownAs`, as with Python's multiple inheritance.
 *
 * @param errorClass the class, branded in its static block
 * @param name its name, the same in each copy; the package is part of the mark, since net has a `ConnectionError` too
 * @param alsoKnownAs names of branded classes that it does not extend
 */
export function brand(errorClass: ErrorClass, name: string, alsoKnownAs: readonly string[] = []): void {
  const { prototype } = errorClass
  const own = keyOf(name)
  Object.defineProperty(prototype, 'name', { value: name, writable: true, configurable: true })
  for (const key of [own, ...alsoKnownAs.map(keyOf)]) Object.defineProperty(prototype, key, { value: true })
  Object.defineProperty(errorClass, Symbol.hasInstance, {
    value(this: ErrorClass, value: unknown) {
      if (this !== errorClass) return ordinaryHasInstance.call(this, value)
      return typeof value === 'object' && value !== null && own in value
    },
  })
}

function keyOf(name: string): symbol {
  return Symbol.for(`greenlit.http.${name}`)
}
