import type { Operation, Suspension } from '@greenlit/core'
import { pack } from '../codec/payload.ts'
import { shareClass } from '../codec/shared.ts'
import { SharedObject } from '../shared/shared-object.ts'
import { Place } from '../tree/place.ts'

/**
 * What stands, in any process, for an object in a manager's process (Python: multiprocessing.managers.BaseProxy). A kill
 * or timeout of a caller ends its call there too, if that still runs.
 */
export class BaseProxy extends SharedObject {
  protected get kind(): string {
    return 'BaseProxy'
  }

  /**
   * Calls a method of the object.
   *
   * @param method its name
   * @param args its arguments: whatever can be sent, and other proxies
   * @throws what the method throws; {ProcessDiedError} if the manager is gone
   */
  call<T = unknown>(method: string, ...args: unknown[]): Operation<T> {
    return this.ask<T>(method, [], { payload: () => pack(args, this.place.node) })
  }
}

/** The methods of an object as they are called from elsewhere: all of them are operations. */
export type Proxied<T> = BaseProxy & {
  readonly [K in keyof T as T[K] extends (...args: never[]) => unknown ? K : never]: T[K] extends (
    ...args: infer A
  ) => infer R
    ? (...args: A) => Operation<Outcome<R>>
    : never
}

type Outcome<R> = R extends Generator<Suspension, infer T, unknown> ? T : globalThis.Awaited<R>

/** Lets any method be called by its name, for objects of classes that only the manager's process knows. */
export function methodsOf<T>(proxy: BaseProxy): Proxied<T> {
  return new Proxy(proxy, {
    get(target, key) {
      // Nothing that has a `then` can be given by a coroutine or promise unchanged.
      if (typeof key !== 'string' || key in target || key === 'then') return Reflect.get(target, key, target) as unknown
      return (...args: unknown[]) => target.call(key, ...args)
    },
  }) as Proxied<T>
}

shareClass('BaseProxy', BaseProxy, ([, node, object]) => methodsOf(new BaseProxy(Place.at(node, object))))
