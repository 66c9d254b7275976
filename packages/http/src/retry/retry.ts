import { show } from '@greenlit/core/engine'
import { numberFromZero, wholeNumber } from '../check-number.ts'
import { IDEMPOTENT } from '../engine/idempotent.ts'
import { AddressForbidden } from '../errors/address-forbidden.ts'
import { ChunkedEncodingError } from '../errors/chunked-encoding-error.ts'
import { ConnectTimeout } from '../errors/connect-timeout.ts'
import { ConnectionError } from '../errors/connection-error.ts'
import { ContentDecodingError } from '../errors/content-decoding-error.ts'
import { InvalidProxyURL } from '../errors/invalid-proxy-url.ts'
import { RequestTimeout } from '../errors/request-timeout.ts'
import { SSLError } from '../errors/ssl-error.ts'
import { retryAfter } from './retry-after.ts'

/** When to try again (urllib3: Retry). Times are in milliseconds. */
export interface RetryOptions {
  /** How many retries in all, from 0. Default 10. */
  readonly total?: number | undefined
  /** How many after failing to connect: the request was not sent, so any method is retried. Default: `total`. */
  readonly connect?: number | undefined
  /** How many after a connection broke or stayed silent. Default: `total`. */
  readonly read?: number | undefined
  /** How many because of a status. Default: `total`. */
  readonly status?: number | undefined
  /** The statuses to retry on, besides those that come with a `Retry-After`. Default 408, 429, 500, 502, 503, 504. */
  readonly statusForcelist?: Iterable<number> | undefined
  /** The methods that may be sent twice; `undefined` or `'any'`: each. Default those that RFC 9110 calls idempotent. */
  readonly allowedMethods?: Iterable<string> | 'any' | undefined
  /** The first wait, which doubles with each retry. Default 100; 0 does not wait. */
  readonly backoffFactor?: number | undefined
  /** The longest such wait. Default 120 000. */
  readonly backoffMax?: number | undefined
  /** Which share of the wait is left to chance, from 0 to 1. Default 0.5. */
  readonly backoffJitter?: number | undefined
  /** Whether the server's `Retry-After` decides how long to wait, and has 413, 429 and 503 retried in any case. Default true. */
  readonly respectRetryAfterHeader?: boolean | undefined
  /** The longest wait that a server may ask for; more is cut to it. Default 120 000. */
  readonly retryAfterMax?: number | undefined
  /** Whether the last answer of a status to retry on is a `RetryError`; else it is the response. Default true. */
  readonly raiseOnStatus?: boolean | undefined
}

const STATUSES = [408, 429, 500, 502, 503, 504]
/** Those that say with a `Retry-After` when the request may be sent again (urllib3: RETRY_AFTER_STATUS_CODES). */
const AFTER_A_WHILE = new Set([413, 429, 503])
const LONGEST_WAIT = 120_000

/** A response, as far as it tells whether to try again. */
interface Answer {
  readonly statusCode: number
  readonly headers: { has(name: string): boolean }
}

/** What is left of a request's retries. */
interface Left {
  total: number
  connect: number
  read: number
  status: number
  /** How many there were. */
  done: number
}

/**
 * When a request is tried again, and after what wait (urllib3: Retry). It is a plan: each request counts its own retries.
 *
 * @example
 * const session = new Session({ retries: new Retry({ total: 3, statusForcelist: [503], backoffFactor: 200 }) })
 */
export class Retry {
  readonly total: number
  readonly connect: number
  readonly read: number
  readonly status: number
  readonly statusForcelist: ReadonlySet<number>
  /** `undefined`: each. */
  readonly allowedMethods: ReadonlySet<string> | undefined
  readonly backoffFactor: number
  readonly backoffMax: number
  readonly backoffJitter: number
  readonly respectRetryAfterHeader: boolean
  readonly retryAfterMax: number
  readonly raiseOnStatus: boolean

  /** @param options see `RetryOptions` */
  constructor(options: RetryOptions = {}) {
    if (typeof options !== 'object' || options === null) {
      throw new TypeError(`Expected the options of Retry to be an object, as { total: 3 }, got ${show(options)}`)
    }
    this.total = wholeNumber(options.total, 'total', 10)
    this.connect = wholeNumber(options.connect, 'connect', this.total)
    this.read = wholeNumber(options.read, 'read', this.total)
    this.status = wholeNumber(options.status, 'status', this.total)
    this.statusForcelist = new Set(listOf(options.statusForcelist ?? STATUSES, 'statusForcelist'))
    const methods = 'allowedMethods' in options ? (options.allowedMethods ?? 'any') : IDEMPOTENT
    this.allowedMethods =
      methods === 'any' ? undefined : new Set(listOf(methods, 'allowedMethods').map((method) => method.toUpperCase()))
    this.backoffFactor = numberFromZero(options.backoffFactor, 'backoffFactor', 100)
    this.backoffMax = numberFromZero(options.backoffMax, 'backoffMax', LONGEST_WAIT)
    this.backoffJitter = numberFromZero(options.backoffJitter, 'backoffJitter', 0.5)
    if (this.backoffJitter > 1)
      throw new RangeError(`Expected \`backoffJitter\` to be from 0 to 1, got ${this.backoffJitter}`)
    this.respectRetryAfterHeader = options.respectRetryAfterHeader ?? true
    this.retryAfterMax = numberFromZero(options.retryAfterMax, 'retryAfterMax', LONGEST_WAIT)
    this.raiseOnStatus = options.raiseOnStatus ?? true
  }

  /** @internal Counts the retries of one request. */
  begin(): Retries {
    return new Retries(this)
  }

  /** @internal How long to wait before a retry, in milliseconds, where no server says it; retries count from 1. */
  backoff(retry: number): number {
    // One power more is infinite, and 0 times that is no number.
    const longest = Math.min(this.backoffMax, this.backoffFactor * 2 ** Math.min(retry - 1, 1023))
    return longest * (1 - this.backoffJitter * Math.random())
  }
}

/** @internal The retries of one request. */
export class Retries {
  readonly plan: Retry
  private readonly left: Left

  constructor(plan: Retry) {
    this.plan = plan
    this.left = { total: plan.total, connect: plan.connect, read: plan.read, status: plan.status, done: 0 }
  }

  /** How many there were so far. */
  get done(): number {
    return this.left.done
  }

  /** Whether to try again after an error; counts it if so. */
  afterError(error: unknown, method: string): boolean {
    if (!isTransient(error)) return false
    if (neverSent(error)) return this.use('connect')
    return this.allows(method) && this.use('read')
  }

  /** Whether a response with this status is one to try again on, were there retries left. */
  wants(method: string, { statusCode, headers }: Answer): boolean {
    const { statusForcelist, respectRetryAfterHeader } = this.plan
    if (!this.allows(method)) return false
    if (statusForcelist.has(statusCode)) return true
    if (!respectRetryAfterHeader || this.left.total <= 0) return false
    return AFTER_A_WHILE.has(statusCode) && headers.has('retry-after')
  }

  /** Whether to try again after such a response; counts it if so. */
  afterStatus(): boolean {
    return this.use('status')
  }

  /** How long to wait before the retry that was just granted, in milliseconds. */
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

  private use(kind: 'connect' | 'read' | 'status'): boolean {
    const { left } = this
    if (left.total <= 0 || left[kind] <= 0) return false
    left.total -= 1
    left[kind] -= 1
    left.done += 1
    return true
  }
}

/** Nothing is tried again. */
export const NO_RETRIES: Retry = /* @__PURE__ */ new Retry({ total: 0, statusForcelist: [] })

/** Reads a `retries` option: a number is how many; `false` and 0 are none; `undefined` and `null` leave it to others to say. */
export function retriesOf(retries: unknown): Retry | undefined {
  if (retries === undefined || retries === null) return undefined
  if (retries === false || retries === 0) return NO_RETRIES
  if (retries instanceof Retry) return retries
  if (typeof retries === 'number') return new Retry({ total: wholeNumber(retries, 'retries', 0) })
  if (typeof retries === 'object') return new Retry(retries as RetryOptions)
  throw new TypeError(`Expected \`retries\` to be a number, a Retry or its options, got ${show(retries)}`)
}

/** Certificates, forbidden addresses and damaged data do not get better. */
function isTransient(error: unknown): boolean {
  if (error instanceof SSLError || error instanceof AddressForbidden || error instanceof InvalidProxyURL) return false
  if (error instanceof ContentDecodingError) return false
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
  const cause = (error as Error).cause as { code?: unknown } | undefined
  return typeof cause?.code === 'string' && BEFORE_SENDING.has(cause.code)
}

/** What is listed; a text alone would be taken for its letters. */
function listOf<T>(values: Iterable<T>, name: string): T[] {
  if (typeof values === 'object' && values !== null && Symbol.iterator in values) return [...values]
  throw new TypeError(`Expected \`${name}\` to be an array or another iterable, got ${show(values)}`)
}
