import { isThenable } from '../../engine/suspension.ts'
import { blockingMember } from './members.ts'
import { originalOf, unwrapped } from './originals.ts'
import type { Views } from './views.ts'

/** A target treated as a function, which it may be. */
export type AnyFunction = (...args: unknown[]) => unknown

/**
 * The proxy's shadow target: callable if the original is, and without properties whose invariants would restrict what the proxy
 * returns.
 */
export function shadowOf(target: object): object {
  return typeof target === 'function' ? Object.bind(undefined) : {}
}

/**
 * The proxy handler of a view. The target's methods and getters see the target, not the view, as `this`, so private fields work.
 * An object that inherits from the view is seen as itself.
 */
export class ViewHandler implements ProxyHandler<object> {
  private readonly target: AnyFunction
  private readonly views: Views
  private readonly name: string

  constructor(target: AnyFunction, views: Views, name: unknown) {
    this.target = target
    this.views = views
    this.name = String(name)
  }

  get(_shadow: object, key: string | symbol, receiver: unknown): unknown {
    const { target, views } = this
    const own = this.own(key)
    if (own !== undefined) return own
    const value: unknown = Reflect.get(target, key, originalOf(receiver))
    // Under symbols the platform keeps internal state that it would not recognise through a view, such as the bytes of a `Blob`.
    const isInternal = typeof key !== 'string' && typeof value !== 'function'
    return isInternal || key === 'prototype' ? value : views.wrap(value, key)
  }

  apply(_shadow: object, self: unknown, args: unknown[]): unknown {
    return this.views.call(this.target, originalOf(self), args.map(unwrapped), this.name)
  }

  construct(_shadow: object, args: unknown[], newTarget: AnyFunction): object {
    const direct = originalOf(newTarget) === this.target
    const instance = Reflect.construct(this.target, args.map(unwrapped), direct ? this.target : newTarget)
    return direct ? (this.views.wrap(instance) as object) : instance
  }

  set(_shadow: object, key: string | symbol, value: unknown, receiver: unknown): boolean {
    return Reflect.set(this.target, key, originalOf(value), originalOf(receiver))
  }

  has(_shadow: object, key: string | symbol): boolean {
    return Reflect.has(this.target, key) || this.own(key) !== undefined
  }

  deleteProperty(_shadow: object, key: string | symbol): boolean {
    return Reflect.deleteProperty(this.target, key)
  }

  defineProperty(_shadow: object, key: string | symbol, descriptor: PropertyDescriptor): boolean {
    return Reflect.defineProperty(this.target, key, descriptor)
  }

  ownKeys(): (string | symbol)[] {
    return Reflect.ownKeys(this.target)
  }

  getOwnPropertyDescriptor(shadow: object, key: string | symbol): PropertyDescriptor | undefined {
    const descriptor = Reflect.getOwnPropertyDescriptor(this.target, key)
    if (descriptor === undefined) return undefined
    if ('value' in descriptor) descriptor.value = this.get(shadow, key, this.target)
    return { ...descriptor, configurable: true }
  }

  getPrototypeOf(): object | null {
    return Reflect.getPrototypeOf(this.target)
  }

  setPrototypeOf(_shadow: object, prototype: object | null): boolean {
    return Reflect.setPrototypeOf(this.target, originalOf(prototype))
  }

  preventExtensions(): boolean {
    return false
  }

  /** The members that the view adds to its target or replaces. */
  private own(key: string | symbol): unknown {
    const { target, views } = this
    if ((key === Symbol.iterator || key === 'then') && isThenable(target)) {
      return (...handlers: unknown[]) =>
        (views.waitFor(target) as unknown as Record<string | symbol, AnyFunction>)[key]!(...handlers)
    }
    return blockingMember(target, key, views.wrap)
  }
}
