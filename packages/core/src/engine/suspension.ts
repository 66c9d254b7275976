declare const suspension: unique symbol

/** What a coroutine yields to the hub while it waits. It cannot be created by hand: nothing is ever yielded bare. */
export interface Suspension {
  readonly [suspension]: never
}

/**
 * The return type of a `function*` that blocks: run it with `spawn(fn)` or delegate to it with `yield* fn()`.
 *
 * @example
 * function* greet(name: string): Coroutine<string> {
 *   yield* sleep(10)
 *   return `hello ${name}`
 * }
 */
export type Coroutine<T> = Generator<Suspension, T, unknown>

/**
 * A call that may block: `yield*` it in a coroutine, or `await` it in plain code. It is lazy (nothing happens until then), can be
 * used only once, and completes without suspending when it can.
 *
 * @example
 * const item = yield* queue.get() // in a coroutine
 * await sleep(10) // in plain code
 */
export interface Operation<T> extends PromiseLike<T> {
  [Symbol.iterator](): Iterator<Suspension, T, unknown>
}

/** What the step loop drives: a generator, or an operation that is its own iterator. */
export interface Resumable {
  next(value?: unknown): IteratorResult<unknown, unknown>
  throw(error: unknown): IteratorResult<unknown, unknown>
}

const GeneratorFunction = function* () {}.constructor
/** A constructor for testing with `instanceof` for a native generator. V8 does not inline that test for an arrow function. */
function NativeGenerator() {}
NativeGenerator.prototype = GeneratorFunction.prototype.prototype

/**
 * The one `next` that all native generators share. The generators of each function have a hidden class of their own, so looking
 * it up in a place that sees many of them costs as much as half the switch, and the first lookup in those of a new function, such
 * as a closure created for one spawn, as much as ten switches. `instanceof` looks up nothing in them.
 */
export const nextOfGenerator: Resumable['next'] = NativeGenerator.prototype.next

/** Whether a function's result is a native generator that the function itself created. */
export function isFreshGenerator(fn: unknown, result: unknown): boolean {
  return result instanceof NativeGenerator && fn instanceof GeneratorFunction
}

/** Whether a value can be driven: a coroutine object or an operation. */
export function isResumable(value: unknown): value is Resumable {
  const candidate = value as Partial<Resumable> | undefined | null
  return (
    value instanceof NativeGenerator ||
    (typeof candidate === 'object' && typeof candidate?.next === 'function' && typeof candidate.throw === 'function')
  )
}

/** Whether a value can be waited for like a promise. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | undefined | null)?.then === 'function'
}

/**
 * The one result of every suspension: V8's `yield*` passes it through untouched, so sharing it is free. JavaScriptCore copies it, so
 * that only its value identifies a suspension.
 */
export const PENDING = { done: false, value: {} } as unknown as IteratorYieldResult<Suspension>

/** Whether the result of a generator is a suspension, not one of the items that it produces. */
export function isPending(result: unknown): boolean {
  return (result as { value?: unknown } | undefined | null)?.value === PENDING.value
}

/** The one result of every finished operation; its value is read at once, and the hub clears it after a batch. */
export const DONE: { done: true; value: unknown } = { done: true, value: undefined }

/** The result of an operation that returns nothing. */
export const DONE_WITH_NOTHING = { done: true, value: undefined } as IteratorReturnResult<undefined>

/** The result of an operation that returns `true`. */
export const DONE_WITH_TRUE = { done: true, value: true } as IteratorReturnResult<true>

/** Fills the shared result: `yield*` reads it before anything else can run. */
export function finished<T>(value: T): IteratorReturnResult<T> {
  DONE.value = value
  return DONE as IteratorReturnResult<T>
}
