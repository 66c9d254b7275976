type ErrorClass = abstract new (...args: never[]) => Error

const ordinaryHasInstance = Function.prototype[Symbol.hasInstance]

/**
 * Makes `instanceof` recognise an error class across copies of the package, as when two versions are installed.
 *
 * @param errorClass the class, branded in its static block; its subclasses are recognised through its prototype
 * @param name what the brand is called, the same in each copy
 */
export function brand(errorClass: ErrorClass, name: string): void {
  const key = Symbol.for(`greenlit.${name}`)
  Object.defineProperty(errorClass.prototype, key, { value: true })
  Object.defineProperty(errorClass.prototype, 'name', { value: name, writable: true, configurable: true })
  Object.defineProperty(errorClass, Symbol.hasInstance, {
    value(this: ErrorClass, value: unknown) {
      if (this !== errorClass) return ordinaryHasInstance.call(this, value)
      return typeof value === 'object' && value !== null && key in value
    },
  })
}
