import type { Auth } from '../auth/auth.ts'
import type { CookieJar } from '../cookies/cookie-jar.ts'
import type { Limits } from '../engine/engine.ts'
import type { HTTPAdapter } from './http-adapter.ts'
import type { Settings } from './settings.ts'

/** What the handling of a request asks its session for. */
export interface RequestingSession {
  /** Whether the environment's proxies and certificates count. */
  readonly trustEnv: boolean
  getAdapter(url: string): HTTPAdapter
  /** Who asks a host, as the environment says. */
  login(url: URL): Auth | undefined
}

/** What one request of a session, with its redirects and retries, goes by. */
export interface Terms {
  readonly session: RequestingSession
  readonly settings: Settings
  /** The cookies to choose from: the stored ones, or a copy with those of the request. */
  readonly jar: CookieJar
  /** Where those are remembered that the servers set. */
  readonly store: CookieJar
  readonly limits: Limits
}
