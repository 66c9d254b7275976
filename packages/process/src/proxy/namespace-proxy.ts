import type { Operation } from '@greenlit/core'
import { shareClass } from '../codec/shared.ts'
import { ObjectRef } from '../tree/object-ref.ts'
import { BaseProxy } from './base-proxy.ts'

/**
 * A namespace in a manager's process: named values (Python: what `Manager().Namespace()` returns).
 *
 * @example
 * const settings = manager.Namespace({ depth: 3 })
 * yield* settings.set('depth', 4)
 * yield* settings.get('depth') // 4
 */
export class NamespaceProxy extends BaseProxy {
  protected override get kind(): string {
    return 'NamespaceProxy'
  }

  /** The value of a name. Throws {ReferenceError} if there is no such name. */
  get<T = unknown>(name: string): Operation<T> {
    return this.call('get', name)
  }
  /** Sets the value of a name. */
  set(name: string, value: unknown): Operation<undefined> {
    return this.call('set', name, value)
  }
  /** Removes a name. Throws {ReferenceError} if there is no such name. */
  delete(name: string): Operation<undefined> {
    return this.call('delete', name)
  }
  /** All names with their values. */
  copy(): Operation<Record<string, unknown>> {
    return this.call('copy')
  }
}

shareClass('NamespaceProxy', NamespaceProxy, ([, node, key]) => new NamespaceProxy(ObjectRef.at(node, key)))
