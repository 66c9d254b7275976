/** Shows a value in a message the way a reader would write it. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function ${value.name}`
  if (typeof value === 'object' && value !== null) return `an object of ${value.constructor?.name || 'no class'}`
  return String(value)
}

/** A `Timeout` given as the limit of a blocking call. */
export interface StartableLimit {
  readonly milliseconds: number | undefined
  readonly pending: boolean
  readonly raised: unknown
  start(): void
  close(): void
}

/** How long a blocking call may take: milliseconds, or a `Timeout` that counts as the call's own. */
export type TimeLimit = number | StartableLimit | undefined

/** Checks an optional limit; `undefined` and `Infinity` mean without end. */
export function checkTimeout(timeout: unknown, name = 'timeout'): TimeLimit {
  if (timeout === undefined || timeout === null || timeout === Infinity) return undefined
  if (typeof timeout === 'number' && !Number.isNaN(timeout)) return timeout
  if (typeof timeout === 'object' && 'milliseconds' in timeout && 'raised' in timeout) return timeout as StartableLimit
  throw new TypeError(
    `Expected \`${name}\` to be a number of milliseconds, a Timeout or undefined, got ${show(timeout)}`,
  )
}

/** As `checkTimeout`, for limits that must not be negative. */
export function checkTimeoutFromZero(timeout: unknown, name = 'timeout'): TimeLimit {
  const limit = checkTimeout(timeout, name)
  if (typeof limit === 'number' && limit < 0) {
    throw new RangeError(`Expected \`${name}\` to be a number of milliseconds from 0 up, got ${limit}`)
  }
  return limit
}

/** Checks a duration that must be given. */
export function checkDuration(duration: unknown, name: string): number {
  if (typeof duration !== 'number' || Number.isNaN(duration)) {
    throw new TypeError(`Expected \`${name}\` to be a number of milliseconds, got ${show(duration)}`)
  }
  return duration
}

/** Checks something to call; a coroutine that was called already gets words that say so. */
export function checkCallable(value: unknown, name: string): void {
  if (typeof value === 'function') return
  const called = typeof value === 'object' && value !== null && Symbol.iterator in value && 'next' in value
  throw new TypeError(
    called
      ? `Expected \`${name}\` to be a function, got a generator object: pass the function itself and its arguments, not its result`
      : `Expected \`${name}\` to be a function, got ${show(value)}`,
  )
}
