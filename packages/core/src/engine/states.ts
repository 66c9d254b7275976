/** The states of an execution. A pushed one has a coroutine call on top that the step loop starts on a flat stack. */
export const UNSTARTED = 0
export const READY = 1
export const RUNNING = 2
export const PARKED = 3
export const PUSHED = 4
export const DEAD = 5

/** Bits of an execution's `flags`: its `transfer` is to be thrown. */
export const FAILS = 1
/** Its top generator is a native one, resumed without looking up its `next`. */
export const NATIVE = 2
/** It has yielded its turn, and continues as soon as it is resumed. */
export const YIELDED = 4
/** Its turns run in the async context held by its extras. */
export const IN_CONTEXT = 8
/** What is to be thrown is a kill or a timeout, not an error that ended its wait. */
export const INTERRUPTED = 512
/** A terminating signal has killed it. */
export const ENDING = 1024

/** Marks that nothing is to be thrown: any value may be thrown, even `undefined`. */
export const NOTHING: unique symbol = Symbol('nothing')
