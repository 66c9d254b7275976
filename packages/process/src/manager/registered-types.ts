import { show } from '@greenlit/core/engine'
import type { RegisteredType } from './server.ts'

/** The class `Manager` or one of its subclasses. */
interface ManagerClass {
  readonly prototype: { create(typeid: string, ...args: unknown[]): unknown }
}

const typesByClass = new WeakMap<object, Map<string, RegisteredType>>()

/** The types registered with a manager class or the classes that it extends, up to `base`. */
export function typesOf(managerClass: object, base: object): ReadonlyMap<string, RegisteredType> {
  const inherited = managerClass === base ? [] : typesOf(Object.getPrototypeOf(managerClass) as object, base)
  return new Map([...inherited, ...(typesByClass.get(managerClass) ?? [])])
}

/** Registers a type with a manager class, and defines a method of that name on it. */
export function registerType(
  managerClass: ManagerClass,
  typeid: unknown,
  base: ManagerClass,
  type: RegisteredType,
): void {
  if (typeof typeid !== 'string' || typeid === '')
    throw new TypeError(`Expected \`typeid\` to be a string that is not empty, got ${show(typeid)}`)
  if (typeid in base.prototype && !typesOf(managerClass, base).has(typeid))
    throw new RangeError(`Expected \`typeid\` to be free, got ${show(typeid)}`)
  const types = typesByClass.get(managerClass) ?? new Map<string, RegisteredType>()
  typesByClass.set(managerClass, types.set(typeid, type))
  Object.defineProperty(managerClass.prototype, typeid, {
    configurable: true,
    value(this: ManagerClass['prototype'], ...args: unknown[]) {
      return this.create(typeid, ...args)
    },
  })
}
