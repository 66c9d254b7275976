import { wrongType } from './check.ts'
import { loop } from './loop.ts'
import { blockingExecution, usedTwice } from './operation.ts'
import { readyFromCallback } from './ready-from-callback.ts'
import { READY } from './states.ts'
import { isThenable, type Operation, PENDING, type Suspension } from './suspension.ts'
import { type PromiseCallbacks, SharedOperation, type Waiter } from './waiter.ts'

/** A wait for a promise. Its callbacks belong to the execution's `Waiter`, so that a wait allocates none of its own. */
class Until<T> extends SharedOperation<T> {
  private promise: PromiseLike<T> | null

  constructor(promise: PromiseLike<T>) {
    super()
    this.promise = promise
  }

  next(): IteratorResult<Suspension, T> {
    const execution = blockingExecution()
    if (execution._waiting !== null) return this.goOn(execution)
    const { promise } = this
    if (promise === null) throw usedTwice()
    this.promise = null
    const waiter = anyUntil.park(execution)
    const callbacks = (waiter.callbacks ??= newCallbacks())
    callbacks.waiter = waiter
    loop.externalWaits += 1
    // Some thenables throw instead of failing, or settle twice: as promises they do neither.
    Promise.resolve(promise).then(callbacks.onFulfilled, callbacks.onRejected)
    return PENDING
  }

  serve(): void {}

  leave(waiter: Waiter): void {
    const callbacks = waiter.callbacks!
    if (callbacks.waiter === null) return
    callbacks.waiter = null
    loop.externalWaits -= 1
    // The promise still holds these callbacks, so they must not hold the execution, which gets a new waiter.
    waiter.execution._waiter = null
  }

  describe(): string {
    return 'until(promise)'
  }
}

/**
 * The operation that waiters record for a promise. They outlive each wait, and an old object must not be made to refer to a young
 * one.
 */
const anyUntil = /* @__PURE__ */ new Until<unknown>(/* @__PURE__ */ Promise.resolve())

function newCallbacks(): PromiseCallbacks {
  const callbacks: PromiseCallbacks = {
    waiter: null,
    onFulfilled: (value) => end(callbacks, value),
    onRejected: (error) => end(callbacks, error, true),
  }
  return callbacks
}

/** Resumes the greenlet that waits for a promise once that is settled. */
function end(callbacks: PromiseCallbacks, outcome: unknown, failed?: boolean): void {
  const { waiter } = callbacks
  // The wait was killed.
  if (waiter === null) return
  callbacks.waiter = null
  loop.externalWaits -= 1
  const { execution } = waiter
  if (failed) execution._failure = outcome
  else waiter.outcome = outcome
  execution._state = READY
  readyFromCallback(execution)
}

/** Waits for a promise; see `until`. */
export function untilSettled<T>(promise: PromiseLike<T>): Operation<Awaited<T>> {
  if (!isThenable(promise)) {
    throw wrongType('promise', 'a promise', promise)
  }
  return new Until(promise) as unknown as Operation<Awaited<T>>
}
