import type { Operation, Suspension } from '@greenlit/core'
import { pack } from '../codec/payload.ts'
import { shareClass } from '../codec/shared.ts'
import { SharedObject } from '../shared/shared-object.ts'
import { ObjectRef } from '../tree/object-ref.ts'

/**
 * Represents, in any process, an object in a manager's process (Python: multiprocessing.managers.BaseProxy). If a caller is killed
 * or times out while its call is still running there, the call is killed too.
 *
 * @example
 * function describe(proxy: BaseProxy) {
 *   return proxy instanceof DictProxy ? 'a dict' : 'another object'
 * }
 */
export class BaseProxy extends SharedObject {
  protected get kind(): string {
    return 'BaseProxy'
  }

  /**
   * Calls a method of the object.
   *
   * @param method the name of the method
   * @param args its arguments: anything that can be sent, including other proxies
   * @throws whatever the method throws; {ProcessDiedError} if the manager is gone
   */
  call<T = unknown>(method: string, ...args: unknown[]): Operation<T> {
    return this.ask<T>(method, [], { payload: () => pack(args, this.ref.node) })
  }
}

/** The methods of an object as called through a proxy: each returns an operation. */
export type Proxied<T> = BaseProxy & {
  readonly [K in keyof T as T[K] extends (...args: never[]) => unknown ? K : never]: T[K] extends (
    ...args: infer A
  ) => infer R
    ? (...args: A) => Operation<Outcome<R>>
    : never
}

type Outcome<R> = R extends Generator<Suspension, infer T, unknown> ? T : globalThis.Awaited<R>

/** Makes every method callable by name, for objects of classes that only the manager's process has. */
export function methodsOf<T>(proxy: BaseProxy): Proxied<T> {
  return new Proxy(proxy, {
    get(target, key) {
      // An object with a `then` cannot be returned from a coroutine or a promise unchanged.
      if (typeof key !== 'string' || key in target || key === 'then') return Reflect.get(target, key, target) as unknown
      return (...args: unknown[]) => target.call(key, ...args)
    },
  }) as Proxied<T>
}

shareClass('BaseProxy', BaseProxy, ([, node, key]) => methodsOf(new BaseProxy(ObjectRef.at(node, key))))
