import { Call } from '../engine/call.ts'
import { checkCallable, wrongType } from '../engine/check.ts'
import { isResumable, isThenable, type Operation, type Suspension } from '../engine/suspension.ts'
import { isControlError } from '../errors/control-error.ts'

/** An error class. */
export type ErrorClass<E extends Error = Error> = abstract new (...args: never[]) => E

/** The error type of one or several error classes. */
export type ErrorOf<C> =
  C extends ErrorClass<infer E>
    ? E
    : C extends readonly (infer K)[]
      ? K extends ErrorClass<infer E>
        ? E
        : never
      : never

/** The result type of a function whose errors of type `E` are returned. */
export type Wrapped<R, E> =
  R extends Operation<infer T>
    ? Operation<T | E>
    : R extends Generator<Suspension, infer T, unknown>
      ? Operation<T | E>
      : R extends PromiseLike<infer T>
        ? Promise<T | E>
        : R | E

/**
 * Wraps a function so that it returns errors of some classes instead of throwing them (gevent.util: wrap_errors). Useful with
 * `pool.map` when some of the calls may fail.
 *
 * @param errors the error class, or classes, to return; any other error is rethrown. `Error` stands for all but `ControlError`s, as
 *   `Exception` does in Python
 * @param fn a plain, async or coroutine function; `this` is passed on
 * @returns a function with the same parameters; for a coroutine function, its calls are operations
 * @throws {TypeError} immediately if `errors` is not a class or an array of classes, or `fn` not a function
 * @example
 * const fetched = yield* pool.map(wrapErrors(RequestException, fetchPage), urls)
 */
export function wrapErrors<C extends ErrorClass | readonly ErrorClass[], A extends unknown[], R>(
  errors: C,
  fn: (...args: A) => R,
): (...args: A) => Wrapped<R, ErrorOf<C>> {
  const classes: readonly ErrorClass[] = typeof errors === 'function' ? [errors] : errors
  if (!Array.isArray(classes) || !classes.every((errorClass) => typeof errorClass === 'function')) {
    throw wrongType('errors', 'a class of errors or several', errors)
  }
  checkCallable(fn, 'fn')
  const caught = (error: unknown): unknown => {
    const classMatches = (errorClass: ErrorClass): boolean =>
      error instanceof errorClass && (errorClass !== Error || !isControlError(error))
    if (classes.some(classMatches)) return error
    throw error
  }
  return function (this: unknown, ...args: A): Wrapped<R, ErrorOf<C>> {
    let result: unknown
    try {
      result = fn.apply(this, args)
    } catch (error) {
      return caught(error) as Wrapped<R, ErrorOf<C>>
    }
    if (isWaitable(result)) result = new Call(wrapped, [result, caught])
    else if (isThenable(result)) result = result.then(undefined, caught)
    return result as Wrapped<R, ErrorOf<C>>
  }
}

function* wrapped(
  target: Iterable<Suspension, unknown>,
  caught: (error: unknown) => unknown,
): Generator<Suspension, unknown, unknown> {
  try {
    return yield* target
  } catch (error) {
    return caught(error)
  }
}

/** Whether a value is a coroutine or an operation. Arrays and strings are iterable too, but do not block. */
function isWaitable(value: unknown): value is Iterable<Suspension, unknown> {
  if (typeof (value as Partial<Iterable<unknown>> | undefined | null)?.[Symbol.iterator] !== 'function') return false
  return isThenable(value) || isResumable(value)
}
