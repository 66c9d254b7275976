import type { Resumable, Suspension } from './suspension.ts'
import { untilSettled } from './until.ts'

/** Serves as the generator of a function that returned at once. */
class Immediate implements Resumable {
  private readonly value: unknown

  constructor(value: unknown) {
    this.value = value
  }

  next(): IteratorResult<unknown, unknown> {
    return { done: true, value: this.value }
  }

  throw(error: unknown): IteratorResult<unknown, unknown> {
    throw error
  }
}

/**
 * Makes what a function returned drivable: a coroutine or an operation is itself, a promise is waited for, anything else is
 * the outcome.
 */
export function resumable(result: unknown): Resumable {
  if (typeof result !== 'object' || result === null) return new Immediate(result)
  const candidate = result as Partial<Resumable> & { then?: unknown; [Symbol.iterator]?: () => unknown }
  if (typeof candidate.next === 'function' && typeof candidate.throw === 'function') return candidate as Resumable
  if (typeof candidate.then !== 'function') return new Immediate(result)
  if (typeof candidate[Symbol.iterator] === 'function') return candidate[Symbol.iterator]!() as Resumable
  return untilSettled(result as PromiseLike<unknown>) as unknown as Resumable
}

/** Lets `yield*` run what a function returned to its end, whatever that is. */
export function drive<T>(result: unknown): Iterable<Suspension, T> {
  return { [Symbol.iterator]: () => resumable(result) as Iterator<Suspension, T> }
}
