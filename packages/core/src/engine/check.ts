import { isResumable, isThenable } from './suspension.ts'

/**
 * Formats a value for a message the way a reader would write it.
 *
 * @example
 * show('a') // '"a"'
 */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'function') return value.name ? `the function ${value.name}` : 'a function'
  if (isResumable(value)) return 'then' in value ? 'an operation' : 'a generator object'
  if (typeof value === 'object' && value !== null) return `an object of ${value.constructor?.name || 'no class'}`
  return String(value)
}

/**
 * Returns the error for an argument of the wrong type.
 *
 * @example
 * if (typeof size !== 'number') throw wrongType('size', 'a number', size)
 */
export function wrongType(name: string, expected: string, value: unknown, verb?: string): TypeError {
  return new TypeError(expectation(name, expected, value, verb))
}

/**
 * Returns the error for an argument of the right type with a wrong value.
 *
 * @example
 * if (size < 0) throw wrongValue('size', 'at least 0', size)
 */
export function wrongValue(name: string, expected: string, value: unknown): RangeError {
  return new RangeError(expectation(name, expected, value))
}

function expectation(name: string, expected: string, value: unknown, verb = 'be'): string {
  return `Expected \`${name}\` to ${verb} ${expected}, got ${show(value)}`
}

/** A `Timeout` passed as the limit of a blocking call. */
export interface StartableLimit {
  readonly milliseconds: number | undefined
  readonly pending: boolean
  readonly raised: unknown
  start(): void
  close(): void
}

/** How long a blocking call may take: milliseconds, or a `Timeout` that counts as the call's own. */
export type TimeLimit = number | StartableLimit | undefined

/**
 * Checks an optional time limit; `undefined` and `Infinity` mean no limit.
 *
 * @example
 * checkTimeout(100) // 100
 */
export function checkTimeout(timeout: unknown, name = 'timeout'): TimeLimit {
  if (timeout === undefined || timeout === null || timeout === Infinity) return undefined
  if (typeof timeout === 'number' && !Number.isNaN(timeout)) return timeout
  if (typeof timeout === 'object' && 'raised' in timeout) return timeout as StartableLimit
  throw wrongType(name, 'a number of milliseconds, a Timeout or undefined', timeout)
}

const NO_OPTIONS = {}

/**
 * Checks the options of a call; missing ones count as empty. A bare number or boolean, as Python takes it, is rejected because it
 * would have no effect.
 *
 * @example
 * checkOptions(undefined) // {}
 */
export function checkOptions<O extends object>(options: O | undefined | null): Partial<O> {
  if (options === undefined || options === null) return NO_OPTIONS
  if (typeof options === 'object' && !(options instanceof Error || Symbol.iterator in options)) return options
  throw wrongType('options', 'an object of options by name', options)
}

/** Whether an argument is an object of options, given in place of an optional one before it. */
export function isOptions(value: object): boolean {
  return value.constructor === Object && !(Symbol.iterator in value)
}

/**
 * Checks and returns the `timeout` in the options of a call.
 *
 * @example
 * timeoutOf({ timeout: 100 }) // 100
 */
export function timeoutOf(options: { timeout?: TimeLimit } | undefined | null): TimeLimit {
  return checkTimeout(checkOptions(options).timeout)
}

/**
 * Like `checkTimeout`, for limits that must not be negative.
 *
 * @example
 * checkTimeoutFromZero(0) // 0
 */
export function checkTimeoutFromZero(timeout: unknown, name = 'timeout'): TimeLimit {
  const limit = checkTimeout(timeout, name)
  if (typeof limit === 'number' && limit < 0) throw wrongValue(name, 'a number of milliseconds from 0 up', limit)
  return limit
}

/**
 * Checks an integer that must be at least `least`.
 *
 * @example
 * checkWhole(3, 'size', 1) // 3
 */
export function checkWhole(value: unknown, name: string, least: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least) return value
  throw (typeof value === 'number' ? wrongValue : wrongType)(name, `a whole number from ${least} up`, value)
}

/** Checks an optional upper bound; `undefined`, which `Infinity` is too, means none. */
export function checkBound(bound: unknown, name: string): number | undefined {
  return bound === undefined || bound === null || bound === Infinity ? undefined : checkWhole(bound, name, 0)
}

/**
 * Checks an iterable argument and lists its items. Anything that can be waited for is rejected: its iterator is its wait.
 *
 * @example
 * checkIterable(new Set([1, 2]), 'items') // [1, 2]
 */
export function checkIterable<T>(value: Iterable<T>, name: string): T[] {
  const given = value as Partial<Iterable<T>> | undefined | null
  if (typeof given?.[Symbol.iterator] === 'function' && !isThenable(given)) return [...value]
  throw wrongType(name, 'iterable', value)
}

/**
 * Checks a required duration.
 *
 * @example
 * checkDuration(100, 'delay') // 100
 */
export function checkDuration(duration: unknown, name: string): number {
  if (typeof duration !== 'number' || Number.isNaN(duration)) {
    throw wrongType(name, 'a number of milliseconds', duration)
  }
  return duration
}

/**
 * Checks a function argument. If it is the result of a call instead, a coroutine object or a promise, the message says so.
 *
 * @example
 * checkCallable(work(), 'fn') // throws, and says to pass the function itself
 */
export function checkCallable(value: unknown, name: string): void {
  if (typeof value === 'function') return
  const hint =
    isResumable(value) || isThenable(value) ? ': pass the function, not its result, and its arguments after it' : ''
  throw new TypeError(expectation(name, 'a function', value) + hint)
}

/** Checks an optional function argument. */
export function checkCallableIfGiven(value: unknown, name: string): void {
  if (value !== undefined && value !== null) checkCallable(value, name)
}

/** Returns the error for starting a greenlet without a `run`, and for setting `run` after the start. */
export function runMustBeSet(): TypeError {
  return new TypeError('Expected `run` to be set before the greenlet starts')
}

/** Checks an operation or a coroutine object. */
export function checkOperation(value: unknown, name = 'target'): void {
  if (typeof (value as Partial<Iterable<unknown>> | undefined | null)?.[Symbol.iterator] !== 'function')
    throw wrongType(name, 'an operation or a coroutine', value)
}

/**
 * Checks the items of a list. It goes by index: an iterator over a hundred thousand greenlets takes longer than the greenlets do.
 */
export function checkItems<T>(items: T[], name: string, kind: string, isOne: (item: T) => boolean): T[] {
  for (let index = 0; index < items.length; index += 1) {
    if (!isOne(items[index]!)) throw wrongType(name, kind, items[index], 'hold')
  }
  return items
}
