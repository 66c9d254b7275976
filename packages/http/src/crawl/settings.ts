import { Event } from '@greenlit/core'
import { checkCallable, show } from '@greenlit/core/engine'
import { checkBoolean, checkSession } from '../check-argument.ts'
import { numberFromZero, wholeNumber } from '../check-number.ts'
import type { AddressGuard } from '../guard/address-guard.ts'
import { PublicAddressGuard } from '../guard/public-address-guard.ts'
import { minRateOf, type RequestTimeoutOption, timeLimitsOf } from '../request/timeouts.ts'
import { Retry } from '../retry/retry.ts'
import { Session } from '../session/session.ts'
import { checkQueryOrder } from '../url/canonical-url.ts'
import { HostFilter } from './host-filter.ts'
import type { CrawlOptions } from './options.ts'
import type { Autothrottle } from './pacing.ts'

const MEBIBYTE = 1024 * 1024
/** The statuses of failures that may be temporary. */
const TEMPORARY_STATUSES = [408, 429, 500, 502, 503, 504, 522, 524]

type Defaulted =
  | 'concurrency'
  | 'perHost'
  | 'delay'
  | 'maxDepth'
  | 'maxPages'
  | 'robots'
  | 'sitemaps'
  | 'maxSize'
  | 'userAgent'
  | 'follow'
  | 'progressInterval'
  | 'queryOrder'

/** `CrawlOptions` after validation, with defaults filled in. */
export interface CrawlSettings
  extends Omit<CrawlOptions, Defaulted | 'seeds' | 'guard' | 'allowedHosts' | 'session' | 'autothrottle'>,
    Required<{ [Key in Defaulted]: NonNullable<CrawlOptions[Key]> }> {
  readonly seeds: readonly (string | URL)[]
  readonly timeout: RequestTimeoutOption
  readonly guard: AddressGuard | undefined
  readonly hosts: HostFilter
  readonly session: Session
  /** Whether the crawl created the session, and so must close it. */
  readonly ownsSession: boolean
  readonly autothrottle: Autothrottle | undefined
  readonly retry: Retry
}

/** Validates the options of a crawl. */
export function settingsOf(options: CrawlOptions): CrawlSettings {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`Expected the options of the crawl to be an object, got ${show(options)}`)
  }
  const { handle, onProgress, onVisit, follow = true, timeout = 30_000 } = options
  const { queryOrder = 'sort' } = options
  checkQueryOrder(queryOrder)
  const given = checkSession(options.session)
  const session = given ?? new Session()
  const userAgent = options.userAgent ?? session.headers.get('User-Agent') ?? 'greenlit'
  checkUserAgent(userAgent)
  for (const [name, fn] of Object.entries({ handle, onProgress, onVisit })) {
    if (fn !== undefined) checkCallable(fn, name)
  }
  if (typeof follow !== 'boolean' && typeof follow !== 'function') {
    throw new TypeError(`Expected \`follow\` to be true, false or a function, got ${show(follow)}`)
  }
  if (options.stop !== undefined && !(options.stop instanceof Event)) {
    throw new TypeError(`Expected \`stop\` to be an Event, got ${show(options.stop)}`)
  }
  timeLimitsOf(timeout)
  minRateOf(options.minRate)
  checkStore(options)
  return {
    ...options,
    seeds: seedsOf(options.seeds),
    follow,
    queryOrder,
    timeout,
    userAgent,
    resume: checkBoolean(options.resume, 'resume', false),
    hosts: new HostFilter(options.allowedHosts),
    concurrency: wholeNumber(options.concurrency, 'concurrency', 16, 1),
    perHost: wholeNumber(options.perHost, 'perHost', 8, 1),
    delay: numberFromZero(options.delay, 'delay', 0),
    maxDepth: wholeNumber(options.maxDepth, 'maxDepth', Infinity, 0),
    maxPages: wholeNumber(options.maxPages, 'maxPages', Infinity, 1),
    maxSize: numberFromZero(options.maxSize, 'maxSize', 10 * MEBIBYTE),
    progressInterval: Math.max(numberFromZero(options.progressInterval, 'progressInterval', 1000), 1),
    robots: checkBoolean(options.robots, 'robots', true),
    sitemaps: checkBoolean(options.sitemaps, 'sitemaps', false),
    guard: guardOf(options.guard, session.lookup),
    session,
    ownsSession: given === undefined,
    autothrottle: autothrottleOf(options.autothrottle),
    retry: new Retry({
      total: wholeNumber(options.retries, 'retries', 2, 0),
      statusForcelist: TEMPORARY_STATUSES,
      backoffFactor: numberFromZero(options.retryDelay, 'retryDelay', 1000),
      retryAfterMax: numberFromZero(options.retryAfterMax, 'retryAfterMax', 120_000),
    }),
  }
}

function checkUserAgent(value: unknown): void {
  if (typeof value === 'string' && /^[A-Za-z_-][\t -~\x80-\xff]*$/.test(value)) return
  throw new TypeError(
    `Expected \`userAgent\` to be a string that begins with a letter and fits a header, got ${show(value)}`,
  )
}

/** Checks the options that say where the state of the crawl is kept. */
function checkStore({ frontier, journal, resume }: CrawlOptions): void {
  if (frontier !== undefined && journal !== undefined) {
    throw new TypeError('Expected `frontier` or `journal`, got both')
  }
  if (journal !== undefined && (typeof journal !== 'string' || journal === '')) {
    throw new TypeError(`Expected \`journal\` to be the name of a file, got ${show(journal)}`)
  }
  if (frontier !== undefined && !isFrontier(frontier)) {
    throw new TypeError(`Expected \`frontier\` to have add, lease, ack, retry, fail and stats, got ${show(frontier)}`)
  }
  if (resume === true && journal === undefined) {
    throw new TypeError('Expected `journal` to be set where `resume` is')
  }
}

function autothrottleOf(given: CrawlOptions['autothrottle']): CrawlSettings['autothrottle'] {
  if (given === undefined || given === false) return undefined
  if (given === true) return autothrottleOf({})
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`Expected \`autothrottle\` to be true, false or its options, got ${show(given)}`)
  }
  const { targetConcurrency = 1, maxDelay } = given
  if (!(typeof targetConcurrency === 'number' && targetConcurrency > 0)) {
    throw new RangeError(`Expected \`targetConcurrency\` to be a number above 0, got ${show(targetConcurrency)}`)
  }
  return { targetConcurrency, maxDelay: numberFromZero(maxDelay, 'maxDelay', 60_000) }
}

function isFrontier(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return ['add', 'lease', 'ack', 'retry', 'fail', 'stats'].every(
    (name) => typeof (value as Record<string, unknown>)[name] === 'function',
  )
}

function seedsOf(seeds: CrawlOptions['seeds']): readonly (string | URL)[] {
  if (typeof seeds === 'string' || seeds instanceof URL) return [seeds]
  if (typeof seeds !== 'object' || seeds === null || !(Symbol.iterator in seeds)) {
    throw new TypeError(`Expected \`seeds\` to be a URL or an array of URLs, got ${show(seeds)}`)
  }
  const urls = [...seeds]
  for (const url of urls) {
    if (typeof url !== 'string' && !(url instanceof URL)) {
      throw new TypeError(`Expected \`seeds\` to hold strings and URLs, got ${show(url)}`)
    }
  }
  return urls
}

function guardOf(guard: CrawlOptions['guard'], lookup: Session['lookup']): AddressGuard | undefined {
  if (guard === undefined || guard === true) return new PublicAddressGuard({ lookup })
  if (guard === false) return undefined
  if (typeof guard === 'object' && guard !== null) {
    if ('check' in guard && 'lookup' in guard) return guard
    if ('allow' in guard) return new PublicAddressGuard({ allow: guard.allow, lookup })
  }
  throw new TypeError(`Expected \`guard\` to be true, false, { allow } or a guard, got ${show(guard)}`)
}
