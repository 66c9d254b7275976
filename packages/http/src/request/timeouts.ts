import { now, show } from '@greenlit/core/engine'
import type { Limits, Rate } from '../engine/engine.ts'
import { isPromiseLike } from '../is-promise-like.ts'

/**
 * How long a request may take, in milliseconds: a number for the whole request, `[connect, read]`, or each by name. `connect` limits
 * the time to make a connection, `read` the time without a byte from the server, `total` everything, redirects included.
 */
export type RequestTimeoutOption =
  | number
  | null
  | readonly [connect: number | null | undefined, read: number | null | undefined]
  | {
      readonly connect?: number | null | undefined
      readonly read?: number | null | undefined
      readonly total?: number | null | undefined
    }

/** The slowest rate allowed for a body: bytes per second, measured over five seconds, or so many bytes in so many milliseconds. */
export type MinRateOption = number | Rate

/** The span over which a rate in bytes per second is measured, in milliseconds spent waiting. */
const RATE_SPAN = 5000

/** Checked time limits, as durations in milliseconds. */
export interface TimeLimits {
  readonly connect: number | undefined
  readonly read: number | undefined
  readonly total: number | undefined
}

const UNLIMITED: TimeLimits = { connect: undefined, read: undefined, total: undefined }

/** Checks a `timeout` option. */
export function timeLimitsOf(timeout: RequestTimeoutOption | undefined): TimeLimits {
  if (timeout === undefined || timeout === null) return UNLIMITED
  if (typeof timeout === 'number') return { ...UNLIMITED, total: checkDuration(timeout, 'timeout') }
  if (typeof timeout !== 'object' || isPromiseLike(timeout)) {
    throw new TypeError(`Expected \`timeout\` to be milliseconds, [connect, read] or an object, got ${show(timeout)}`)
  }
  if (isPair(timeout)) {
    if (timeout.length !== 2) {
      throw new RangeError(`Expected \`timeout\` to be [connect, read], got ${timeout.length} values`)
    }
    return {
      connect: checkDuration(timeout[0], 'timeout.connect'),
      read: checkDuration(timeout[1], 'timeout.read'),
      total: undefined,
    }
  }
  const { connect, read, total } = timeout
  return {
    connect: checkDuration(connect, 'timeout.connect'),
    read: checkDuration(read, 'timeout.read'),
    total: checkDuration(total, 'timeout.total'),
  }
}

/** Checks a `minRate` option. */
export function minRateOf(rate: MinRateOption | undefined): Rate | undefined {
  if (rate === undefined || rate === null || rate === 0) return undefined
  const { bytes, per } = typeof rate === 'number' ? { bytes: (rate * RATE_SPAN) / 1000, per: RATE_SPAN } : rate
  if (typeof bytes === 'number' && bytes > 0 && typeof per === 'number' && per > 0) return { bytes, per }
  throw new RangeError(`Expected \`minRate\` to be bytes per second or { bytes, per }, each above 0, got ${show(rate)}`)
}

const NO_LIMITS: Limits = { connect: undefined, read: undefined, deadline: undefined, minRate: undefined }

/** Starts the clock of a request: turns its `total` limit into a deadline. */
export function startLimits(limits: TimeLimits, minRate: Rate | undefined): Limits {
  if (limits === UNLIMITED && minRate === undefined) return NO_LIMITS
  const { connect, read, total } = limits
  return { connect, read, deadline: total === undefined ? undefined : now() + total, minRate }
}

function isPair(timeout: object): timeout is readonly [number | null | undefined, number | null | undefined] {
  return Array.isArray(timeout)
}

function checkDuration(milliseconds: unknown, name: string): number | undefined {
  if (milliseconds === undefined || milliseconds === null) return undefined
  if (typeof milliseconds !== 'number') {
    throw new TypeError(`Expected \`${name}\` to be a number of milliseconds above 0, got ${show(milliseconds)}`)
  }
  if (!(milliseconds > 0)) {
    throw new RangeError(`Expected \`${name}\` to be a number of milliseconds above 0, got ${milliseconds}`)
  }
  return milliseconds === Infinity ? undefined : milliseconds
}
