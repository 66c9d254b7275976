/** The states of an execution. A pushed one has a coroutine call on top that the step starts on a flat stack. */
export const UNSTARTED = 0
export const READY = 1
export const RUNNING = 2
export const PARKED = 3
export const PUSHED = 4
export const DEAD = 5

/** Marks that nothing is to be thrown: any value may be thrown, `undefined` too. */
export const NOTHING: unique symbol = Symbol('nothing')
