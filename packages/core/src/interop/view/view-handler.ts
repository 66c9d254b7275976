import { isThenable } from '../../engine/suspension.ts'
import { blockingMember } from './members.ts'
import { originalOf, unwrapped } from './originals.ts'
import type { Settlement } from './settlement.ts'
import type { Views } from './views.ts'

/** A thing seen as a function, which it may be. */
export type AnyFunction = (...args: unknown[]) => unknown

/** What a proxy stands on: callable or constructible as the target is, with no property that would bind the proxy's answers. */
export function shadowOf(target: object): object {
  if (typeof target !== 'function') return {}
  try {
    Reflect.construct(Object, [], target)
    return Object.bind(undefined)
  } catch {
    return () => {}
  }
}

/** Answers for the target, whose methods and getters see it, not the view, as `this`: private fields work. */
export class ViewHandler implements ProxyHandler<object> {
  private readonly target: AnyFunction
  private readonly views: Views

  constructor(target: AnyFunction, views: Views) {
    this.target = target
    this.views = views
  }

  get(_shadow: object, key: string | symbol): unknown {
    const { target, views } = this
    if ((key === Symbol.iterator || key === 'then') && isThenable(target)) {
      if (key === Symbol.iterator) return () => views.waitFor(target)[Symbol.iterator]()
      return (...handlers: Parameters<Settlement['then']>) => views.waitFor(target).then(...handlers)
    }
    const blocking = blockingMember(target, key, views.show)
    if (blocking !== undefined) return blocking
    const value: unknown = Reflect.get(target, key, target)
    return key === 'prototype' ? value : views.show(value)
  }

  apply(_shadow: object, self: unknown, args: unknown[]): unknown {
    return this.views.call(this.target, originalOf(self), args.map(unwrapped))
  }

  construct(_shadow: object, args: unknown[], newTarget: AnyFunction): object {
    const direct = originalOf(newTarget) === this.target
    const instance = Reflect.construct(this.target, args.map(unwrapped), direct ? this.target : newTarget)
    return direct ? (this.views.show(instance) as object) : instance
  }

  set(_shadow: object, key: string | symbol, value: unknown): boolean {
    return Reflect.set(this.target, key, originalOf(value), this.target)
  }

  has(_shadow: object, key: string | symbol): boolean {
    return Reflect.has(this.target, key) || blockingMember(this.target, key, this.views.show) !== undefined
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

  getOwnPropertyDescriptor(_shadow: object, key: string | symbol): PropertyDescriptor | undefined {
    const descriptor = Reflect.getOwnPropertyDescriptor(this.target, key)
    if (descriptor === undefined) return undefined
    if ('value' in descriptor && key !== 'prototype') descriptor.value = this.views.show(descriptor.value)
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
}
