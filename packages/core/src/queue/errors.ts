import { brand } from '../errors/brand.ts'

/** Nothing was in a queue, within the time given (queue: Empty). */
export class Empty extends Error {
  static {
    brand(Empty, 'Empty')
  }
  readonly code: string = 'EMPTY'

  constructor(message = 'The queue is empty') {
    super(message)
  }
}

/** No room was in a queue, within the time given (queue: Full). */
export class Full extends Error {
  static {
    brand(Full, 'Full')
  }
  readonly code: string = 'FULL'

  constructor(message = 'The queue is full') {
    super(message)
  }
}

/** A queue was shut down (queue: ShutDown). */
export class ShutDown extends Error {
  static {
    brand(ShutDown, 'ShutDown')
  }
  readonly code: string = 'SHUT_DOWN'

  constructor(message = 'The queue was shut down') {
    super(message)
  }
}
