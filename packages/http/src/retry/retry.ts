import { show } from '@greenlit/core/engine'
import { checkBoolean } from '../check-argument.ts'
import { numberFromZero, wholeNumber } from '../check-number.ts'
import { IDEMPOTENT } from '../engine/idempotent.ts'
import { AddressForbidden } from '../errors/address-forbidden.ts'
import { ChunkedEncodingError } from '../errors/chunked-encoding-error.ts'
import { ConnectTimeout } from '../errors/connect-timeout.ts'
import { ConnectionError } from '../errors/connection-error.ts'
import { RequestTimeout } from '../errors/request-timeout.ts'
import { SSLError } from '../errors/ssl-error.ts'
import { isPromiseLike } from '../is-promise-like.ts'
import { retryAfter } from './retry-after.ts'

/** The options of `Retry` (urllib3: Retry). Times are in milliseconds. */
export interface RetryOptions {
  /** The largest number of retries in all, from 0. Default 10. */
  readonly total?: number | undefined
  /** The number of retries after failing to connect: nothing was sent, so any method is retried. Default: `total`. */
  readonly connect?: number | undefined
  /** The number of retries after a connection broke or a read timed out. Default: `total`. */
  readonly read?: number | undefined
  /** The number of retries because of a status. Default: `total`. */
  readonly status?: number | undefined
  /** The statuses to retry on, besides 413, 429 and 503 with a `Retry-After`. Default 408, 429, 500, 502, 503, 504. */
  readonly statusForcelist?: Iterable<number> | undefined
  /** The methods that may be sent again; `undefined` or `'any'`: all. Default: those that RFC 9110 calls idempotent. */
  readonly allowedMethods?: Iterable<string> | 'any' | undefined
  /** The wait before the first retry, doubled with each further one. Default 100; 0 does not wait. */
  readonly backoffFactor?: number | undefined
  /** The upper bound of that wait. Default 120 000. */
  readonly backoffMax?: number | undefined
  /** The share of the wait that is random, from 0 to 1. Default 0.5. */
  readonly backoffJitter?: number | undefined
  /** Whether to honor `Retry-After`: it sets the wait, and makes 413, 429 and 503 retried in any case. Default true. */
  readonly respectRetryAfterHeader?: boolean | undefined
  /** The upper bound of the wait in a `Retry-After`; longer ones are cut to it. Default 120 000. */
  readonly retryAfterMax?: number | undefined
  /** Whether running out of retries on a status throws a `RetryError`; otherwise the last response is returned. Default true. */
  readonly raiseOnStatus?: boolean | undefined
}

const STATUSES = [408, 429, 500, 502, 503, 504]
/** The statuses whose `Retry-After` says when to send the request again (urllib3: RETRY_AFTER_STATUS_CODES). */
const RETRY_AFTER_STATUSES = new Set([413, 429, 503])
const MAX_WAIT = 120_000

/** The part of a response that decides about a retry. */
interface StatusAndHeaders {
  readonly statusCode: number
  readonly headers: { has(name: string): boolean }
}

/** The remaining retries of a request. */
interface Remaining {
  total: number
  connect: number
  read: number
  status: number
  /** The number of retries so far. */
  done: number
}

/**
 * Says when to retry a request, and how long to wait before (urllib3: Retry). It is immutable: each request counts its own retries.
 *
 * @example
 * const session = new Session({ retries: new Retry(3, { statusForcelist: [503], backoffFactor: 200 }) })
 */
export class Retry {
  readonly total: number
  readonly connect: number
  readonly read: number
  readonly status: number
  readonly statusForcelist: ReadonlySet<number>
  /** `undefined`: all. */
  readonly allowedMethods: ReadonlySet<string> | undefined
  readonly backoffFactor: number
  readonly backoffMax: number
  readonly backoffJitter: number
  readonly respectRetryAfterHeader: boolean
  readonly retryAfterMax: number
  readonly raiseOnStatus: boolean

  /**
   * @param total the largest number of retries in all, which may also be one of the options
   * @param options see `RetryOptions`
   */
  constructor(total?: number, options?: RetryOptions)
  constructor(options?: RetryOptions)
  constructor(given: number | RetryOptions = {}, others: RetryOptions = {}) {
    const options = typeof given === 'number' ? { ...checkPlan(others), total: given } : checkPlan(given)
    this.total = wholeNumber(options.total, 'total', 10)
    this.connect = wholeNumber(options.connect, 'connect', this.total)
    this.read = wholeNumber(options.read, 'read', this.total)
    this.status = wholeNumber(options.status, 'status', this.total)
    this.statusForcelist = new Set(listOf(options.statusForcelist ?? STATUSES, 'statusForcelist', 'number'))
    const methods = 'allowedMethods' in options ? (options.allowedMethods ?? 'any') : IDEMPOTENT
    this.allowedMethods =
      methods === 'any'
        ? undefined
        : new Set(listOf(methods, 'allowedMethods', 'string').map((method) => method.toUpperCase()))
    this.backoffFactor = numberFromZero(options.backoffFactor, 'backoffFactor', 100)
    this.backoffMax = numberFromZero(options.backoffMax, 'backoffMax', MAX_WAIT)
    this.backoffJitter = numberFromZero(options.backoffJitter, 'backoffJitter', 0.5)
    if (this.backoffJitter > 1)
      throw new RangeError(`Expected \`backoffJitter\` to be from 0 to 1, got ${this.backoffJitter}`)
    this.respectRetryAfterHeader = checkBoolean(options.respectRetryAfterHeader, 'respectRetryAfterHeader', true)
    this.retryAfterMax = numberFromZero(options.retryAfterMax, 'retryAfterMax', MAX_WAIT)
    this.raiseOnStatus = checkBoolean(options.raiseOnStatus, 'raiseOnStatus', true)
  }

  /** @internal Starts counting the retries of one request. */
  begin(): Retries {
    return new Retries(this)
  }

  /** @internal The wait before a retry without a `Retry-After`, in milliseconds; retries count from 1. */
  backoff(retry: number): number {
    // A higher power of two is Infinity, and 0 * Infinity is NaN.
    const longest = Math.min(this.backoffMax, this.backoffFactor * 2 ** Math.min(retry - 1, 1023))
    return longest * (1 - this.backoffJitter * Math.random())
  }
}

function checkPlan(options: RetryOptions): RetryOptions {
  if (typeof options !== 'object' || options === null || Symbol.iterator in options || isPromiseLike(options)) {
    throw new TypeError(`Expected the options of Retry to be an object, as { total: 3 }, got ${show(options)}`)
  }
  return options
}

/** @internal The retries of one request. */
export class Retries {
  readonly plan: Retry
  private readonly left: Remaining

  constructor(plan: Retry) {
    this.plan = plan
    this.left = { total: plan.total, connect: plan.connect, read: plan.read, status: plan.status, done: 0 }
  }

  /** The number of retries so far. */
  get done(): number {
    return this.left.done
  }

  /** Returns whether to retry after an error, and counts the retry if so. */
  afterError(error: unknown, method: string): boolean {
    if (!isTransient(error)) return false
    if (neverSent(error)) return this.consume('connect')
    return this.allows(method) && this.consume('read')
  }

  /** Whether the status of a response calls for a retry (urllib3: Retry.is_retry). */
  isRetryable(method: string, { statusCode, headers }: StatusAndHeaders): boolean {
    const { statusForcelist, respectRetryAfterHeader } = this.plan
    if (!this.allows(method)) return false
    if (statusForcelist.has(statusCode)) return true
    if (!respectRetryAfterHeader || this.left.total <= 0) return false
    return RETRY_AFTER_STATUSES.has(statusCode) && headers.has('retry-after')
  }

  /** Returns whether a retry because of a status is left, and counts it if so. */
  afterStatus(): boolean {
    return this.consume('status')
  }

  /** The wait before the retry that was just counted, in milliseconds. */
  wait(retryAfterHeader: string | undefined): number {
    const { plan } = this
    if (plan.respectRetryAfterHeader && retryAfterHeader !== undefined) {
      const asked = retryAfter(retryAfterHeader)
      if (asked !== undefined) return Math.min(asked, plan.retryAfterMax)
    }
    return plan.backoff(this.left.done)
  }

  private allows(method: string): boolean {
    return this.plan.allowedMethods?.has(method) ?? true
  }

  private consume(kind: 'connect' | 'read' | 'status'): boolean {
    const { left } = this
    if (left.total <= 0 || left[kind] <= 0) return false
    left.total -= 1
    left[kind] -= 1
    left.done += 1
    return true
  }
}

/** The plan without retries. */
export const NO_RETRIES: Retry = /* @__PURE__ */ new Retry({ total: 0, statusForcelist: [] })

/** Parses a `retries` option: a number is the total; `false` and 0 mean none; `undefined` and `null` leave the choice to a default. */
export function retriesOf(retries: unknown): Retry | undefined {
  if (retries === undefined || retries === null) return undefined
  if (retries === false || retries === 0) return NO_RETRIES
  if (retries instanceof Retry) return retries
  if (typeof retries === 'number') return new Retry({ total: wholeNumber(retries, 'retries', 0) })
  if (typeof retries === 'object') return new Retry(retries as RetryOptions)
  throw new TypeError(`Expected \`retries\` to be a number, a Retry or its options, got ${show(retries)}`)
}

/** Whether a retry may help: not against bad certificates, forbidden addresses, invalid URLs or damaged data. */
function isTransient(error: unknown): boolean {
  if (error instanceof SSLError || error instanceof AddressForbidden) return false
  return error instanceof ConnectionError || error instanceof RequestTimeout || error instanceof ChunkedEncodingError
}

const BEFORE_SENDING = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
])

/** Whether the request cannot have reached the server. */
function neverSent(error: unknown): boolean {
  if (error instanceof ConnectTimeout) return true
  const { code, syscall } = ((error as Error).cause ?? {}) as { code?: unknown; syscall?: unknown }
  // The network may also become unreachable later.
  if (syscall === 'read' || syscall === 'write') return false
  return syscall === 'connect' || syscall === 'getaddrinfo' || BEFORE_SENDING.has(String(code))
}

/** The values as an array; a plain string is rejected, as it would be split into its characters. */
function listOf<T>(values: Iterable<T>, name: string, type: 'number' | 'string'): T[] {
  if (typeof values !== 'object' || values === null || !(Symbol.iterator in values)) {
    throw new TypeError(`Expected \`${name}\` to be an array or another iterable, got ${show(values)}`)
  }
  const list = [...values]
  for (const value of list) {
    if (typeof value !== type) throw new TypeError(`Expected \`${name}\` to hold ${type}s, got ${show(value)}`)
  }
  return list
}
