import { brand } from '../errors/brand.ts'
import { Full } from '../queue/errors.ts'

/** A pool had no room for a greenlet, within the time given (gevent: PoolFull). */
export class PoolFull extends Full {
  static {
    brand(PoolFull, 'PoolFull')
  }
  override readonly code: string = 'POOL_FULL'

  constructor(message = 'The pool is full') {
    super(message)
  }
}
