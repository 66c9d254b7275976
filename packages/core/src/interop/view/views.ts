import { isThenable } from '../../engine/suspension.ts'
import type { Resume } from '../../greenlet/callback-wait.ts'
import { fromCallback } from '../from-callback.ts'
import { originalOf, originals } from './originals.ts'
import { Settlement, type Started } from './settlement.ts'
import { withSignal } from './signal.ts'
import { OPTIONS, sourceOf } from './source.ts'
import { isAsync, isObject, isResource, tagOf } from './values.ts'
import { type AnyFunction, shadowOf, ViewHandler } from './view-handler.ts'

const PROMISIFIED = Symbol.for('nodejs.util.promisify.custom')
const INSPECT = Symbol.for('nodejs.util.inspect.custom')

/** A kind of views: of things whose functions give promises, or of things whose functions take callbacks. */
export class Views {
  private readonly views = new WeakMap<object, object>()
  private readonly controllers = new WeakMap<object, AbortController>()
  private readonly takeCallbacks: boolean

  constructor(takeCallbacks: boolean) {
    this.takeCallbacks = takeCallbacks
  }

  /** The one view of a thing; for another view, that of what it shows. `name` is by what it was found. */
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

  /** What a view shows of a value: for a promise an operation, for what can do something a view, data as it is. */
  readonly wrap = (value: unknown, name?: unknown): unknown => {
    if (!isObject(value)) return value
    const target = originalOf(value)
    const view = this.views.get(target)
    if (view !== undefined) return view
    if (isThenable(target)) return this.wrapPromise(target, undefined, '')
    return isResource(target) ? this.of(target, name) : target
  }

  /** A promise that can do more, as the requests of got and knex, is shown with that. */
  private wrapPromise(promise: PromiseLike<unknown>, controller: AbortController | undefined, name: string): unknown {
    if (Symbol.iterator in promise) return promise
    const isMore = Object.getPrototypeOf(promise) !== Promise.prototype || Object.keys(promise).length > 0
    if (controller !== undefined) this.controllers.set(promise, controller)
    return isMore ? this.of(promise) : this.waitFor(promise, name)
  }

  /** Waits for a promise of the thing. */
  waitFor(promise: PromiseLike<unknown>, name = ''): Settlement {
    const begin = () => ({ result: promise, controller: this.controllers.get(promise) })
    return new Settlement(begin, this.wrap, name)
  }

  /** Calls a function of the thing. */
  call(fn: AnyFunction, self: unknown, args: unknown[], name: string): unknown {
    const promisified = this.takeCallbacks ? (fn as { [PROMISIFIED]?: AnyFunction })[PROMISIFIED] : undefined
    const callee = promisified ?? fn
    const begin = (callback?: AnyFunction): Started => {
      const { args: filled, controller } = withSignal(callee, self, args, name)
      return { result: Reflect.apply(callee, self, callback ? [...filled, callback] : filled), controller }
    }
    if (this.takeCallbacks && callee === fn && takesCallback(fn, self, fn.name || name)) {
      return this.callBack(begin, fn.name)
    }
    // An async function is called when it is waited for; what any other one gives, only a call tells.
    if (isAsync(callee)) return new Settlement(begin, this.wrap, callee.name)
    const { result, controller } = begin()
    if (!isThenable(result) || this.views.has(result)) return this.wrap(result)
    // Its operation takes over what becomes of the promise, which may be settled before that is used.
    if (tagOf(result) === '[object Promise]') (result as Promise<unknown>).catch(ignore)
    return this.wrapPromise(result, controller, callee.name)
  }

  private callBack(begin: (callback: AnyFunction) => Started, name: string): unknown {
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

/** What emitters and streams have, which they inherit into many classes; and what says that it does not wait. */
const NEVER_TAKES_CALLBACK = /^(on|once|off|emit|(un)?pipe)$|(Listeners?|Encoding|Sync)$/

/** Whether a function's last parameter may be a callback: unless its name or its source says otherwise. */
function takesCallback(fn: AnyFunction, self: unknown, name: string): boolean {
  if (isAsync(fn) || NEVER_TAKES_CALLBACK.test(name) || ('destroyed' in Object(self) && name === 'destroy'))
    return false
  const { parameters, hidesParameters } = sourceOf(fn)
  const last = parameters.at(-1)
  return last === undefined ? hidesParameters : !OPTIONS.test(last)
}
