import { checkOptions, checkTimeoutFromZero, show, type TimeLimit } from '@greenlit/core/engine'

let defaultTimeout: number | undefined

/**
 * Sets the limit of every socket that is made from now on (Python: socket.setdefaulttimeout).
 *
 * @param timeout milliseconds from 0 up; `undefined` waits without end
 * @throws {TypeError} if it is no number; {RangeError} if it is negative
 * @example
 * setdefaulttimeout(30_000)
 * socket().gettimeout() // 30000
 */
export function setdefaulttimeout(timeout: number | undefined): void {
  defaultTimeout = checkSocketTimeout(timeout)
}

/** The limit that new sockets get, in milliseconds; at first none (Python: socket.getdefaulttimeout). */
export function getdefaulttimeout(): number | undefined {
  return defaultTimeout
}

/** Checks a socket's own limit. */
export function checkSocketTimeout(timeout: unknown): number | undefined {
  if (timeout === undefined || timeout === null || timeout === Infinity) return undefined
  if (typeof timeout !== 'number' || Number.isNaN(timeout)) {
    throw new TypeError(`Expected \`timeout\` to be a number of milliseconds or undefined, got ${show(timeout)}`)
  }
  if (timeout < 0) throw new RangeError(`Timeout value out of range: expected milliseconds from 0 up, got ${timeout}`)
  return timeout
}

/** What every call that may wait takes. */
export interface CallOptions {
  /** How long this call may take, in milliseconds from 0 up; 0 never waits, Infinity has no end. Default: the socket's. */
  timeout?: TimeLimit
}

/** What a receiving call takes. */
export interface RecvOptions extends CallOptions {
  /** A sum of MSG_*. Default 0. */
  flags?: number
}

/** A call's own limit; `undefined` is the socket's, `Infinity` none. */
export function callTimeout(options: CallOptions | undefined): TimeLimit {
  if (options === undefined) return undefined
  const { timeout } = checkOptions(options)
  if (timeout === undefined || timeout === null) return undefined
  return timeout === Infinity ? Infinity : checkTimeoutFromZero(timeout)
}

/** Checks a sum of MSG_*. */
function checkFlags(flags: unknown): number {
  if (flags === undefined) return 0
  if (typeof flags === 'number' && Number.isInteger(flags)) return flags
  throw new TypeError(`Expected \`flags\` to be a sum of MSG_*, got ${show(flags)}`)
}

/** The sum of MSG_* and the limit of a call that takes either flags, or options, or both. */
export function readOptions(
  flags: number | RecvOptions | undefined,
  options: RecvOptions | undefined,
): readonly [flags: number, timeout: TimeLimit] {
  const given = typeof flags === 'object' && flags !== null ? flags : options
  const sum = checkFlags(given === flags ? given?.flags : (flags ?? given?.flags))
  return [sum, callTimeout(given)]
}
