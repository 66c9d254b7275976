import { fromCallback, type Resume } from '../from-callback.ts'
import { blockingMember } from './members.ts'
import { Settlement, type Started } from './settlement.ts'
import { withSignal } from './signal.ts'
import { OPTIONS, sourceOf } from './source.ts'
import { isAsync, isObject, isPlain, isResource, isThenable } from './values.ts'

type AnyFunction = (...args: unknown[]) => unknown

const PROMISIFIED = Symbol.for('nodejs.util.promisify.custom')
const INSPECT = Symbol.for('nodejs.util.inspect.custom')

const originals = new WeakMap<object, object>()

/** The thing that a view shows; anything else is itself. */
export function originalOf<T>(value: T): T {
  return isObject(value) ? ((originals.get(value) as T | undefined) ?? value) : value
}

/** A kind of views: of things whose functions give promises, or of things whose functions take callbacks. */
export class Views {
  private readonly views = new WeakMap<object, object>()
  private readonly controllers = new WeakMap<object, AbortController>()
  private readonly takeCallbacks: boolean

  constructor(takeCallbacks: boolean) {
    this.takeCallbacks = takeCallbacks
  }

  /** The one view of a thing; for another view, that of what it shows. */
  of(thing: object): object {
    const target = originalOf(thing)
    let view = this.views.get(target)
    if (view === undefined) {
      const shadow = shadowOf(target)
      Object.defineProperty(shadow, INSPECT, { value: () => target, configurable: true })
      view = new Proxy(shadow, new View(target as AnyFunction, this))
      this.views.set(target, view)
      originals.set(view, target)
    }
    return view
  }

  /** What a view shows of a value: for a promise an operation, for what can do something a view, data as it is. */
  readonly show = (value: unknown): unknown => {
    if (!isObject(value)) return value
    const target = originalOf(value)
    const view = this.views.get(target)
    if (view !== undefined) return view
    if (isThenable(target)) return this.showPromise(target, undefined)
    return isResource(target) ? this.of(target) : target
  }

  /** A promise that can do more, as the requests of got and knex, is shown with that. */
  private showPromise(promise: PromiseLike<unknown>, controller: AbortController | undefined): unknown {
    if (Symbol.iterator in promise) return promise
    const isMore = Object.getPrototypeOf(promise) !== Promise.prototype || Object.keys(promise).length > 0
    if (controller !== undefined) this.controllers.set(promise, controller)
    return isMore ? this.of(promise) : this.waitFor(promise)
  }

  /** Waits for a promise of the thing. */
  waitFor(promise: PromiseLike<unknown>): Settlement {
    return this.settle(() => ({ result: promise, controller: this.controllers.get(promise) }), 'a promise')
  }

  private settle(begin: () => Started, name: string): Settlement {
    return new Settlement(begin, this.show, name)
  }

  /** Calls a function of the thing. */
  call(fn: AnyFunction, self: unknown, args: unknown[]): unknown {
    let callee = fn
    if (this.takeCallbacks) {
      const promisified = (fn as { [PROMISIFIED]?: AnyFunction })[PROMISIFIED]
      if (promisified === undefined && takesCallback(fn)) return this.callBack(fn, self, args)
      callee = promisified ?? fn
    }
    const begin = (): Started => {
      const filled = withSignal(callee, self, args)
      return { result: Reflect.apply(callee, self, filled?.args ?? args), controller: filled?.controller }
    }
    // An async function is called when it is waited for; what any other one gives, only a call tells.
    if (isAsync(callee)) return this.settle(begin, callee.name)
    const { result, controller } = begin()
    if (!isObject(result) || this.views.has(result) || !isThenable(result)) return this.show(result)
    // Its operation takes over what becomes of the promise, which may be settled before that is used.
    if (result instanceof Promise) result.catch(ignore)
    return this.showPromise(result, controller)
  }

  private callBack(fn: AnyFunction, self: unknown, args: unknown[]): unknown {
    const begin = {
      [fn.name]: (resume: Resume<unknown>) => {
        const filled = withSignal(fn, self, args)
        const callback = (error: unknown, ...values: unknown[]) =>
          resume(error, values.length > 1 ? values.map(this.show) : this.show(values[0]))
        Reflect.apply(fn, self, [...(filled?.args ?? args), callback])
        return () => filled?.controller.abort()
      },
    }
    return fromCallback<unknown>(begin[fn.name]!)
  }
}

function ignore(): void {}

/** What emitters have, which they inherit into many classes. */
const EMITTING = /^(on|once|off|emit|eventNames)$|Listeners?$/

/** Whether a function's last parameter may be a callback: unless its name or its source says otherwise. */
function takesCallback(fn: AnyFunction): boolean {
  if (isAsync(fn) || fn.name.endsWith('Sync') || EMITTING.test(fn.name)) return false
  const { parameters, hidesParameters } = sourceOf(fn)
  const last = parameters.at(-1)
  return last === undefined ? hidesParameters : !(OPTIONS.test(last) || last.endsWith('istener'))
}

/** What a proxy stands on: callable or constructible as the target is, with no property that would bind the proxy's answers. */
function shadowOf(target: object): object {
  if (typeof target !== 'function') return {}
  try {
    Reflect.construct(Object, [], target)
    return Object.bind(undefined)
  } catch {
    return () => {}
  }
}

/** Answers for the target, whose methods and getters see it, not the view, as `this`: private fields work. */
class View implements ProxyHandler<object> {
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

/** An argument as the target takes it: the things themselves in place of views, also right inside options and lists. */
function unwrapped(value: unknown): unknown {
  if (!isObject(value)) return value
  const original = originalOf(value)
  if (original !== value) return original
  if (Array.isArray(value)) return value.some(isView) ? value.map(originalOf) : value
  if (!isPlain(value) || !Object.values(value).some(isView)) return value
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, originalOf(held)]))
}

function isView(value: unknown): boolean {
  return isObject(value) && originals.has(value)
}
