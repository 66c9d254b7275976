import { isThenable } from '../../engine/suspension.ts'
import type { Resume } from '../../greenlet/callback-wait.ts'
import { fromCallback } from '../from-callback.ts'
import { originalOf, originals } from './originals.ts'
import { Settlement, type Started } from './settlement.ts'
import { withSignal } from './signal.ts'
import { OPTIONS, sourceOf } from './source.ts'
import { isAsync, isObject, isResource } from './values.ts'
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

  /** The one view of a thing; for another view, that of what it shows. */
  of(thing: object): object {
    const target = originalOf(thing)
    let view = this.views.get(target)
    if (view === undefined) {
      const shadow = shadowOf(target)
      Object.defineProperty(shadow, INSPECT, { value: () => target, configurable: true })
      view = new Proxy(shadow, new ViewHandler(target as AnyFunction, this))
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
    if (isThenable(target)) return this.showPromise(target, undefined, '')
    return isResource(target) ? this.of(target) : target
  }

  /** A promise that can do more, as the requests of got and knex, is shown with that. */
  private showPromise(promise: PromiseLike<unknown>, controller: AbortController | undefined, name: string): unknown {
    if (Symbol.iterator in promise) return promise
    const isMore = Object.getPrototypeOf(promise) !== Promise.prototype || Object.keys(promise).length > 0
    if (controller !== undefined) this.controllers.set(promise, controller)
    return isMore ? this.of(promise) : this.waitFor(promise, name)
  }

  /** Waits for a promise of the thing. */
  waitFor(promise: PromiseLike<unknown>, name = ''): Settlement {
    return this.settle(() => ({ result: promise, controller: this.controllers.get(promise) }), name)
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
    return this.showPromise(result, controller, callee.name)
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
