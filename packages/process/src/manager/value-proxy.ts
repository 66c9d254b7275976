import type { Operation } from '@greenlit/core'
import { shareClass } from '../codec/shared.ts'
import { Place } from '../tree/place.ts'
import { BaseProxy } from './base-proxy.ts'

/**
 * A value in a manager's process (Python: what `Manager().Value()` gives).
 *
 * @example
 * const best = manager.Value('i', 0)
 * yield* best.set((yield* best.get()) + 1)
 */
export class ValueProxy<T = unknown> extends BaseProxy {
  protected override get kind(): string {
    return 'ValueProxy'
  }

  /** What it is now. */
  get(): Operation<T> {
    return this.call('get', 'value')
  }
  /** Sets it. */
  set(value: T): Operation<undefined> {
    return this.call('set', 'value', value)
  }
}

shareClass('ValueProxy', ValueProxy, ([, node, object]) => new ValueProxy(Place.at(node, object)))
