import type { Operation, Suspension } from '../engine/suspension.ts'

/** What a function gives when a greenlet runs it: a coroutine's or promise's outcome, or the value itself. */
export type Outcome<R> =
  R extends Operation<infer T> ? T : R extends Generator<Suspension, infer T, unknown> ? T : Awaited<R>
