import { checkOptions, checkTimeoutFromZero, show, type TimeLimit } from '@greenlit/core/engine'

let defaultTimeout: number | undefined

/**
 * Sets the timeout of every socket created from now on (Python: socket.setdefaulttimeout).
 *
 * @param timeout milliseconds, 0 or more; `undefined` for no timeout
 * @throws {TypeError} if `timeout` is not a number; {RangeError} if it is negative
 * @example
 * setdefaulttimeout(30_000)
 * socket().gettimeout() // 30000
 */
export function setdefaulttimeout(timeout: number | undefined): void {
  defaultTimeout = checkSocketTimeout(timeout)
}

/**
 * Returns the timeout of new sockets in milliseconds; none unless it was set (Python: socket.getdefaulttimeout).
 *
 * @example
 * getdefaulttimeout() // undefined
 */
export function getdefaulttimeout(): number | undefined {
  return defaultTimeout
}

/** Validates a socket's timeout. */
export function checkSocketTimeout(timeout: unknown): number | undefined {
  if (timeout === undefined || timeout === null || timeout === Infinity) return undefined
  if (typeof timeout !== 'number' || Number.isNaN(timeout)) {
    throw new TypeError(`Expected \`timeout\` to be a number of milliseconds or undefined, got ${show(timeout)}`)
  }
  if (timeout < 0) throw new RangeError(`Timeout value out of range: expected milliseconds from 0 up, got ${timeout}`)
  return timeout
}

/** Options of every call that may block. */
export interface CallOptions {
  /** How long this call may block, in milliseconds; 0 never blocks, Infinity is no timeout. Default: the socket's timeout. */
  timeout?: TimeLimit
}

/** Options of a receiving call. */
export interface RecvOptions extends CallOptions {
  /** MSG_* flags, combined. Default 0. */
  flags?: number | undefined
}

/** Options of a call that receives into a buffer. */
export interface RecvIntoOptions extends RecvOptions {
  /** The maximum number of bytes; 0, the default, means the whole buffer. */
  nbytes?: number | undefined
}

/** Returns a call's own timeout: `undefined` stands for the socket's, `Infinity` for none. */
export function callTimeout(options: CallOptions | undefined): TimeLimit {
  if (options === undefined) return undefined
  const { timeout } = checkOptions(options)
  if (timeout === undefined || timeout === null) return undefined
  return timeout === Infinity ? Infinity : checkTimeoutFromZero(timeout)
}

/** Validates MSG_* flags. */
function checkFlags(flags: unknown): number {
  if (flags === undefined) return 0
  if (typeof flags === 'number' && Number.isInteger(flags)) return flags
  throw new TypeError(`Expected \`flags\` to be a sum of MSG_*, got ${show(flags)}`)
}

/** Returns the MSG_* flags and the timeout of a call that takes flags, options, or both. */
export function readOptions(
  flags: number | RecvOptions | undefined,
  options: RecvOptions | undefined,
): readonly [flags: number, timeout: TimeLimit] {
  const given = typeof flags === 'object' && flags !== null ? flags : options
  const sum = checkFlags(given === flags ? given?.flags : (flags ?? given?.flags))
  return [sum, callTimeout(given)]
}
