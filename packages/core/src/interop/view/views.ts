import { isThenable } from '../../engine/suspension.ts'
import type { Resume } from '../../greenlet/callback-wait.ts'
import { fromCallback } from '../from-callback.ts'
import { originalOf, originals } from './originals.ts'
import { PromiseCall, type StartedCall } from './promise-call.ts'
import { withSignal } from './signal.ts'
import { OPTIONS, sourceOf } from './source.ts'
import { isAsync, isObject, isResource, tagOf } from './values.ts'
import { type AnyFunction, shadowOf, ViewHandler } from './view-handler.ts'

const PROMISIFIED = Symbol.for('nodejs.util.promisify.custom')
const INSPECT = Symbol.for('nodejs.util.inspect.custom')

/** The views of one kind: of objects whose functions return promises, or of objects whose functions take callbacks. */
export class Views {
  private readonly views = new WeakMap<object, object>()
  private readonly controllers = new WeakMap<object, AbortController>()
  private readonly takeCallbacks: boolean

  constructor(takeCallbacks: boolean) {
    this.takeCallbacks = takeCallbacks
  }

  /**
   * Returns the one view of a thing; for a view of the other kind, the view of its original. `name` is the key the thing was
   * found under.
   */
  of(thing: object, name?: unknown): object {
    const target = originalOf(thing)
    let view = this.views.get(target)
    if (view === undefined) {
      const shadow = shadowOf(target)
      Object.defineProperty(shadow, INSPECT, { value: () => target, configurable: true })
      view = new Proxy(shadow, new ViewHandler(target as AnyFunction, this, name))
      this.views.set(target, view)
      originals.set(view, target)
    }
    return view
  }

  /**
   * Wraps a value that a view returns: a promise becomes an operation, an object that can do work a view; data stays as it is.
   */
  readonly wrap = (value: unknown, name?: unknown): unknown => {
    if (!isObject(value)) return value
    const target = originalOf(value)
    const view = this.views.get(target)
    if (view !== undefined) return view
    if (isThenable(target)) return this.wrapPromise(target, undefined, '')
    return isResource(target) ? this.of(target, name) : target
  }

  /** Wraps a promise. One with further members, such as the requests of got and knex, becomes a view that keeps them. */
  private wrapPromise(promise: PromiseLike<unknown>, controller: AbortController | undefined, name: string): unknown {
    if (Symbol.iterator in promise) return promise
    const isMore = Object.getPrototypeOf(promise) !== Promise.prototype || Object.keys(promise).length > 0
    if (controller !== undefined) this.controllers.set(promise, controller)
    return isMore ? this.of(promise) : this.waitFor(promise, name)
  }

  /** Waits for a promise of the target. */
  waitFor(promise: PromiseLike<unknown>, name = ''): PromiseCall {
    const begin = () => ({ result: promise, controller: this.controllers.get(promise) })
    return new PromiseCall(begin, this.wrap, name)
  }

  /** Calls a function of the target. */
  call(fn: AnyFunction, self: unknown, args: unknown[], name: string): unknown {
    const promisified = this.takeCallbacks ? (fn as { [PROMISIFIED]?: AnyFunction })[PROMISIFIED] : undefined
    const callee = promisified ?? fn
    const begin = (callback?: AnyFunction): StartedCall => {
      const { args: filled, controller } = withSignal(callee, self, args, name)
      return { result: Reflect.apply(callee, self, callback ? [...filled, callback] : filled), controller }
    }
    if (this.takeCallbacks && callee === fn && takesCallback(fn, self, fn.name || name)) {
      return this.callBack(begin, fn.name)
    }
    // An async function is called when its operation is used. What any other function returns is only known after the call.
    if (isAsync(callee)) return new PromiseCall(begin, this.wrap, callee.name)
    const { result, controller } = begin()
    if (!isThenable(result) || this.views.has(result)) return this.wrap(result)
    // The operation takes responsibility for the promise, which may be rejected before the operation is used.
    if (tagOf(result) === '[object Promise]') (result as Promise<unknown>).catch(ignore)
    return this.wrapPromise(result, controller, callee.name)
  }

  private callBack(begin: (callback: AnyFunction) => StartedCall, name: string): unknown {
    const named = {
      [name]: (resume: Resume<unknown>) => {
        const { controller } = begin((error, ...values) =>
          resume(error, values.length > 1 ? values.map(this.wrap) : this.wrap(values[0])),
        )
        return () => controller?.abort()
      },
    }
    return fromCallback<unknown>(named[name]!)
  }
}

function ignore(): void {}

/** Members of emitters and streams, which many classes inherit, and names that say the function does not wait. */
const NEVER_TAKES_CALLBACK = /^(on|once|off|emit|(un)?pipe)$|(Listeners?|Encoding|Sync)$/

/** Whether a function's last parameter may be a callback, unless its name or its source says otherwise. */
function takesCallback(fn: AnyFunction, self: unknown, name: string): boolean {
  if (isAsync(fn) || NEVER_TAKES_CALLBACK.test(name) || ('destroyed' in Object(self) && name === 'destroy'))
    return false
  const { parameters, hidesParameters } = sourceOf(fn)
  const last = parameters.at(-1)
  // The `next` of an async generator does not declare its parameter either.
  return last === undefined ? hidesParameters && !Object(self)[Symbol.asyncIterator] : !OPTIONS.test(last)
}
