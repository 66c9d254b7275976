import type { Coroutine, Operation, Suspension } from '../engine/suspension.ts'

/** What a function gives when a greenlet runs it: a coroutine's or promise's outcome, or the value itself. */
export type Outcome<R> =
  R extends Operation<infer T> ? T : R extends Generator<Suspension, infer T, unknown> ? T : Awaited<R>

/** What a function may give for a greenlet that runs it to end with a `T`. */
export type Eventually<T> = Operation<T> | Coroutine<T> | PromiseLike<T> | T
