import { show } from '@greenlit/core/engine'
import type { Rate, TlsSettings } from '../engine/engine.ts'
import { vettedLookup } from '../guard/vetted-lookup.ts'
import type { Proxies } from '../proxy/select-proxy.ts'
import { minRateOf, type TimeLimits, timeLimitsOf } from '../request/timeouts.ts'
import { type Retry, retriesOf } from '../retry/retry.ts'
import type { AddressGuard, Hooks, RequestOptions, SendOptions } from './options.ts'
import type { SensitiveHeaders } from './redirect.ts'
import { tlsSettingsOf } from './tls-settings.ts'

const DEFAULT_REDIRECTS = 30
const DEFAULT_SIZE = 1024 * 1024 * 1024

/** What a session says about every request. */
export interface SessionDefaults extends SendOptions {
  readonly hooks: Hooks
  readonly trustEnv: boolean
}

/** How one request is sent: its options over those of the session, checked. */
export interface Settings {
  readonly limits: TimeLimits
  readonly minRate: Rate | undefined
  readonly allowRedirects: boolean | undefined
  readonly maxRedirects: number
  readonly stream: boolean
  readonly tls: TlsSettings | undefined
  readonly proxies: Proxies | undefined
  readonly hooks: Hooks
  readonly retries: Retry | undefined
  readonly maxSize: number
  readonly sensitiveHeaders: SensitiveHeaders
  readonly lookup: SendOptions['lookup']
  readonly guard: AddressGuard | undefined
}

/**
 * Puts a request's options over those of its session (requests: merge_environment_settings).
 *
 * @throws {TypeError} or {RangeError} for what is no option, at once
 */
export function settingsOf(session: SessionDefaults, options: RequestOptions): Settings {
  const guard = options.guard ?? session.guard
  return {
    limits: timeLimitsOf(options.timeout === undefined ? session.timeout : options.timeout),
    minRate: minRateOf(options.minRate ?? session.minRate),
    allowRedirects: options.allowRedirects ?? session.allowRedirects,
    maxRedirects: fromZero(options.maxRedirects ?? session.maxRedirects, 'maxRedirects', DEFAULT_REDIRECTS),
    stream: options.stream ?? session.stream ?? false,
    tls: tlsSettingsOf(options.verify ?? session.verify, options.cert ?? session.cert),
    proxies: session.proxies === undefined ? options.proxies : { ...session.proxies, ...options.proxies },
    hooks: hooksOf(options.hooks, session.hooks),
    retries: retriesOf(options.retries ?? session.retries),
    maxSize: fromZero(options.maxSize ?? session.maxSize, 'maxSize', DEFAULT_SIZE),
    sensitiveHeaders: options.sensitiveHeaders ?? session.sensitiveHeaders ?? [],
    lookup: lookupOf(guard, options.lookup, session.lookup),
    guard,
  }
}

/** A request without hooks of its own has those of its session; `null` in their place has none (requests: merge_hooks). */
function hooksOf(own: Hooks | undefined, ofSession: Hooks): Hooks {
  const response = own?.response
  const isEmpty = response === undefined || (Array.isArray(response) && response.length === 0)
  return own === undefined || isEmpty ? ofSession : own
}

function lookupOf(
  guard: AddressGuard | undefined,
  own: SendOptions['lookup'],
  ofSession: SendOptions['lookup'],
): SendOptions['lookup'] {
  if (guard === undefined) return own ?? ofSession
  const custom = own ?? (guard.usesSystem === true ? ofSession : undefined)
  return custom === undefined ? guard.lookup : vettedLookup(guard, custom)
}

function fromZero(value: unknown, name: string, fallback: number): number {
  if (value === undefined || value === null) return fallback
  if (typeof value === 'number' && value >= 0) return value
  throw new RangeError(`Expected \`${name}\` to be a number from 0 up, got ${show(value)}`)
}
