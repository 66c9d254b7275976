import type { Auth } from '../auth/auth.ts'
import type { CookieJar } from '../cookies/cookie-jar.ts'
import type { Limits } from '../engine/engine.ts'
import type { HTTPAdapter } from './http-adapter.ts'
import type { Settings } from './settings.ts'

/** The part of a session that handling a request needs. */
export interface RequestingSession {
  /** Whether the environment's proxies and certificates are used. */
  readonly trustEnv: boolean
  getAdapter(url: string): HTTPAdapter
  /** The credentials for a host from the environment (netrc). */
  _login(url: URL): Auth | undefined
}

/** What stays the same for a request throughout its redirects and retries. */
export interface RequestContext {
  readonly session: RequestingSession
  readonly settings: Settings
  /** The cookies that may be sent: those of `store`, or a copy with the request's own cookies added. */
  readonly jar: CookieJar
  /** The jar that keeps the cookies set by servers. */
  readonly store: CookieJar
  readonly limits: Limits
  /** Whether redirects are followed. */
  readonly follows: boolean
}
