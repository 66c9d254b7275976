import type { Operation } from '@greenlit/core'
import { shareClass } from '../codec/shared.ts'
import { ObjectRef } from '../tree/object-ref.ts'
import { BaseProxy } from './base-proxy.ts'

/**
 * A value in a manager's process (Python: what `Manager().Value()` returns).
 *
 * @example
 * const best = manager.Value('i', 0)
 * yield* best.set((yield* best.get()) + 1)
 */
export class ValueProxy<T = unknown> extends BaseProxy {
  protected override get kind(): string {
    return 'ValueProxy'
  }

  /** Its current value. */
  get(): Operation<T> {
    return this.call('get', 'value')
  }
  /** Sets its value. */
  set(value: T): Operation<undefined> {
    return this.call('set', 'value', value)
  }
}

shareClass('ValueProxy', ValueProxy, ([, node, key]) => new ValueProxy(ObjectRef.at(node, key)))
