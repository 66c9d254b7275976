import { wrongType } from './check.ts'
import { loop } from './loop.ts'
import { blockingExecution, usedTwice } from './operation.ts'
import { readyFromCallback } from './ready-from-callback.ts'
import { runtime } from './runtime.ts'
import { READY } from './states.ts'
import { isThenable, type Operation, PENDING, type Suspension } from './suspension.ts'
import { type Ear, SharedOperation, type Waiter } from './waiter.ts'

/** A wait for a promise. Its callbacks belong to the place of waiting, so that a wait makes none of its own. */
class Until<T> extends SharedOperation<T> {
  private promise: PromiseLike<T> | null

  constructor(promise: PromiseLike<T>) {
    super()
    this.promise = promise
  }

  next(): IteratorResult<Suspension, T> {
    const execution = blockingExecution()
    if (execution.waiting !== null) return this.goOn(execution)
    const { promise } = this
    if (promise === null) throw usedTwice()
    this.promise = null
    const waiter = anyUntil.park(execution)
    const ear = (waiter.ear ??= earOf(waiter))
    ear.listens = true
    loop.externalWaits += 1
    promise.then(ear.fulfilled as (value: T) => void, ear.rejected)
    return PENDING
  }

  serve(): void {}

  leave(waiter: Waiter): void {
    const ear = waiter.ear!
    if (!ear.listens) return
    ear.listens = false
    loop.externalWaits -= 1
    // The promise still holds the callbacks of this place: the execution gets a new one.
    waiter.execution.waiter = null
  }

  describe(): string {
    return 'until(promise)'
  }
}

/** What a place of waiting is told that it waits with: it outlives each wait, and must not be made to hold what is young. */
const anyUntil = /* @__PURE__ */ new Until<unknown>(/* @__PURE__ */ Promise.resolve())

function earOf(waiter: Waiter): Ear {
  const ear: Ear = {
    listens: false,
    fulfilled: (value) => end(waiter, ear, false, value),
    rejected: (error) => end(waiter, ear, true, error),
  }
  return ear
}

/** A promise is settled: the greenlet that waits for it goes on. */
function end(waiter: Waiter, ear: Ear, failed: boolean, outcome: unknown): void {
  // A killed wait has left this place, and what is settled twice is no promise.
  if (!ear.listens) return
  ear.listens = false
  loop.externalWaits -= 1
  const { execution } = waiter
  if (failed) execution.failure = outcome
  else waiter.outcome = outcome
  execution.state = READY
  if (runtime.current === null) readyFromCallback(execution)
  else loop.ready(execution)
}

/** Waits for a promise; see `until`. */
export function untilSettled<T>(promise: PromiseLike<T>): Operation<Awaited<T>> {
  if (!isThenable(promise)) {
    throw wrongType('promise', 'a promise', promise)
  }
  return new Until(promise) as unknown as Operation<Awaited<T>>
}
