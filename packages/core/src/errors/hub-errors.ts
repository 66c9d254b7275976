import { brand } from './brand.ts'

/**
 * The plain program waits and nothing is left that could wake it. The message lists every parked greenlet: its name, what it
 * waits on and where it was spawned (gevent: LoopExit).
 */
export class LoopExit extends Error {
  static {
    brand(LoopExit, 'LoopExit')
  }
  readonly code: string = 'LOOP_EXIT'
}

/** A blocking call was made where nothing can wait: in a callback of the hub, or in plain code (gevent: BlockingSwitchOutError). */
export class BlockingSwitchOutError extends Error {
  static {
    brand(BlockingSwitchOutError, 'BlockingSwitchOutError')
  }
  readonly code: string = 'BLOCKING_SWITCH_OUT'
}

/** A greenlet that waits for one thing was switched to by another (gevent: InvalidSwitchError). */
export class InvalidSwitchError extends Error {
  static {
    brand(InvalidSwitchError, 'InvalidSwitchError')
  }
  readonly code: string = 'INVALID_SWITCH'
}

/** Two greenlets wait on something that serves only one at a time (gevent: ConcurrentObjectUseError). */
export class ConcurrentObjectUseError extends Error {
  static {
    brand(ConcurrentObjectUseError, 'ConcurrentObjectUseError')
  }
  readonly code: string = 'CONCURRENT_OBJECT_USE'
}
