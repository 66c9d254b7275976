import { now, show } from '@greenlit/core/engine'
import type { Limits } from '../engine/engine.ts'

/**
 * How long a request may take, in milliseconds: a number for all of it, `[connect, read]`, or each by name. `connect` bounds
 * making the connection, `read` silence of the server, `total` everything, redirects included.
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

/** Checks a timeout and starts its clock. */
export function limitsOf(timeout: RequestTimeoutOption | undefined): Limits {
  if (timeout === undefined || timeout === null) return { connect: undefined, read: undefined, deadline: undefined }
  if (typeof timeout === 'number')
    return { connect: undefined, read: undefined, deadline: now() + check(timeout, 'timeout')! }
  if (Array.isArray(timeout)) {
    if (timeout.length !== 2)
      throw new RangeError(`Expected \`timeout\` to be [connect, read], got ${timeout.length} values`)
    return { connect: check(timeout[0], 'connect'), read: check(timeout[1], 'read'), deadline: undefined }
  }
  if (typeof timeout !== 'object')
    throw new TypeError(`Expected \`timeout\` to be milliseconds, [connect, read] or an object, got ${show(timeout)}`)
  const { connect, read, total } = timeout as Exclude<RequestTimeoutOption, number | null | readonly unknown[]>
  const most = check(total, 'total')
  return {
    connect: check(connect, 'connect'),
    read: check(read, 'read'),
    deadline: most === undefined ? undefined : now() + most,
  }
}

function check(milliseconds: unknown, name: string): number | undefined {
  if (milliseconds === undefined || milliseconds === null) return undefined
  if (typeof milliseconds !== 'number' || !(milliseconds > 0)) {
    throw new RangeError(`Expected \`${name}\` to be a number of milliseconds above 0, got ${show(milliseconds)}`)
  }
  return milliseconds === Infinity ? undefined : milliseconds
}
