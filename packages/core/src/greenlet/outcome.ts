import type { Coroutine, Operation, Suspension } from '../engine/suspension.ts'

/** The outcome of a greenlet whose function returns an `R`: that of a coroutine or a promise, or the value itself. */
export type Outcome<R> =
  R extends Operation<infer T> ? T : R extends Generator<Suspension, infer T, unknown> ? T : Awaited<R>

/** What a function may return for the greenlet that runs it to end with a `T`. */
export type Eventually<T> = Operation<T> | Coroutine<T> | PromiseLike<T> | T
