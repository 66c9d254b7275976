import { branded } from '../errors/branded.ts'
import { Full } from '../queue/errors.ts'

/**
 * Thrown when a pool has no room for a greenlet within the given time (gevent: PoolFull).
 *
 * @example
 * const added = yield* attempt(pool.add(worker, { blocking: false }))
 * if (!added.ok && added.error instanceof PoolFull) refuse(worker)
 */
export class PoolFull extends /* @__PURE__ */ branded('PoolFull', Full) {
  override readonly code: string = 'POOL_FULL'

  /** @param message replaces the default message */
  constructor(message = 'The pool is full') {
    super(message)
  }
}
