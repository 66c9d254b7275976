import { checkCallable, show } from '@greenlit/core/engine'
import { checkBoolean } from '../check-argument.ts'
import { numberFromZero, wholeNumber } from '../check-number.ts'
import type { Rate } from '../engine/engine.ts'
import type { AddressGuard } from '../guard/address-guard.ts'
import { vettedLookup } from '../guard/vetted-lookup.ts'
import { isEmpty } from '../is-empty.ts'
import { isPromiseLike } from '../is-promise-like.ts'
import type { Proxies } from '../proxy/select-proxy.ts'
import { minRateOf, type TimeLimits, timeLimitsOf } from '../request/timeouts.ts'
import { type Retry, retriesOf } from '../retry/retry.ts'
import type { Hooks, RequestOptions, ResponseHook, SendOptions, SessionHooks } from './options.ts'
import type { SensitiveHeaders } from './redirect.ts'
import { type TlsChoice, tlsSettingsOf } from './tls-settings.ts'

export const DEFAULT_REDIRECTS = 30
const NO_HOOKS: readonly ResponseHook[] = []
const NO_HEADERS: readonly string[] = []
const DEFAULT_SIZE = 1024 * 1024 * 1024

/** The defaults that a session has for every request. */
export interface SessionDefaults extends SendOptions {
  readonly hooks: Hooks
  readonly proxies: Proxies
  readonly trustEnv: boolean
}

/** How one request is sent: its options merged over those of the session, and checked. */
export interface Settings extends TlsChoice {
  readonly limits: TimeLimits
  readonly minRate: Rate | undefined
  readonly allowRedirects: boolean | undefined
  readonly maxRedirects: number
  readonly stream: boolean
  readonly proxies: Proxies | undefined
  readonly hooks: Hooks
  readonly retries: Retry | undefined
  readonly maxSize: number
  readonly sensitiveHeaders: SensitiveHeaders
  readonly lookup: SendOptions['lookup']
  readonly guard: AddressGuard | undefined
}

/**
 * Merges a request's options over those of its session (requests: merge_environment_settings).
 *
 * @throws {TypeError} or {RangeError} for an invalid option
 */
export function settingsOf(session: SessionDefaults, options: RequestOptions): Settings {
  const guard = checkGuard(options.guard ?? session.guard)
  const verify = options.verify ?? session.verify
  const cert = options.cert ?? session.cert
  return {
    limits: timeLimitsOf(options.timeout === undefined ? session.timeout : options.timeout),
    minRate: minRateOf(options.minRate ?? session.minRate),
    allowRedirects: checkBoolean(options.allowRedirects ?? session.allowRedirects, 'allowRedirects', undefined),
    maxRedirects: wholeNumber(options.maxRedirects ?? session.maxRedirects, 'maxRedirects', DEFAULT_REDIRECTS),
    stream: checkBoolean(options.stream ?? session.stream, 'stream', false),
    verify,
    cert,
    tls: tlsSettingsOf(verify, cert),
    proxies: proxiesOf(options.proxies, session.proxies),
    hooks: hooksOf(options.hooks, session.hooks),
    retries: retriesOf(options.retries ?? session.retries),
    maxSize: numberFromZero(options.maxSize ?? session.maxSize, 'maxSize', DEFAULT_SIZE),
    sensitiveHeaders: sensitiveOf(options.sensitiveHeaders ?? session.sensitiveHeaders),
    lookup: lookupOf(guard, options.lookup, session.lookup),
    guard,
  }
}

/** A request without hooks of its own has those of its session; `response: null` means no hooks (requests: merge_hooks). */
function hooksOf(own: Hooks | undefined, ofSession: Hooks): Hooks {
  const response = own === undefined || own === null ? undefined : checkHooks(own).response
  const isEmpty = response === undefined || (Array.isArray(response) && response.length === 0)
  return own === undefined || isEmpty ? checkHooks(ofSession) : own
}

function checkHooks(hooks: Hooks): Hooks {
  if (typeof hooks !== 'object' || hooks === null || isPromiseLike(hooks)) {
    throw new TypeError(`Expected \`hooks\` to be an object, got ${show(hooks)}`)
  }
  for (const name in hooks) {
    if (name !== 'response') throw new RangeError(`Expected \`hooks\` to have \`response\` alone, got ${show(name)}`)
    for (const hook of responseHooks(hooks) as readonly unknown[]) {
      if (typeof hook !== 'function') {
        throw new TypeError(`Expected \`hooks.response\` to be a function or several, got ${show(hook)}`)
      }
    }
  }
  return hooks
}

/** The functions that are called with each response. */
export function responseHooks({ response }: Hooks): readonly ResponseHook[] {
  if (response === undefined || response === null) return NO_HOOKS
  return Array.isArray(response) ? response : [response as ResponseHook]
}

/**
 * Makes the hooks of a session, to which more may be added.
 *
 * @throws {TypeError} or {RangeError} if they are invalid
 */
export function sessionHooks(hooks: Hooks): SessionHooks {
  return { response: [...responseHooks(checkHooks(hooks))] }
}

/** Rejects invalid proxies: ignoring one would silently send the request without a proxy. */
function proxiesOf(own: Proxies | undefined, ofSession: Proxies): Proxies | undefined {
  const hasOwn = own !== undefined && own !== null
  if (!hasOwn && isEmpty(ofSession)) return undefined
  checkProxies(ofSession)
  if (hasOwn) checkProxies(own)
  return { ...ofSession, ...own }
}

function checkProxies(proxies: Proxies): void {
  if (typeof proxies !== 'object' || proxies instanceof URL || Symbol.iterator in proxies || isPromiseLike(proxies)) {
    throw new TypeError(`Expected \`proxies\` to be an object, as { http: 'http://...' }, got ${kindOf(proxies)}`)
  }
  for (const [key, proxy] of Object.entries(proxies)) {
    if (proxy === undefined || proxy === null || typeof proxy === 'string') continue
    if (key === 'noProxy' || key === 'no_proxy') {
      throw new TypeError(
        `Expected \`proxies.${key}\` to be a string, as 'localhost, 10.0.0.0/8', got ${kindOf(proxy)}`,
      )
    }
    if (!(proxy instanceof URL)) {
      throw new TypeError(`Expected \`proxies\` to have a string or a URL for ${show(key)}, got ${kindOf(proxy)}`)
    }
  }
}

/** Describes a wrong value by its type only: a proxy's URL may contain a password. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'an array'
  return `a ${typeof value === 'object' ? value?.constructor?.name : typeof value}`
}

function sensitiveOf(headers: SensitiveHeaders | undefined): SensitiveHeaders {
  if (headers === undefined) return NO_HEADERS
  if (headers === 'all') return headers
  if (Array.isArray(headers) && headers.every((name) => typeof name === 'string')) return headers
  throw new TypeError(`Expected \`sensitiveHeaders\` to be 'all' or an array of names, got ${show(headers)}`)
}

function checkGuard(guard: AddressGuard | null | undefined): AddressGuard | undefined {
  if (guard === undefined || guard === null) return undefined
  if (typeof guard.check === 'function' && typeof guard.lookup === 'function') return guard
  throw new TypeError(`Expected \`guard\` to be a guard, as new PublicAddressGuard(), got ${show(guard)}`)
}

function lookupOf(
  guard: AddressGuard | undefined,
  own: SendOptions['lookup'],
  ofSession: SendOptions['lookup'],
): SendOptions['lookup'] {
  const custom = own ?? (guard === undefined || guard.usesSystem === true ? ofSession : undefined)
  if (custom === undefined || custom === null) return guard?.lookup
  checkCallable(custom, 'lookup')
  return guard === undefined ? custom : vettedLookup(guard, custom)
}
