import type { CookieJar } from '../cookies/cookie-jar.ts'
import type { Limits } from '../engine/engine.ts'
import type { Session } from './session.ts'
import type { Settings } from './settings.ts'

/** The cookies of a request. */
export interface Jars {
  /** Those to choose from: the stored ones, or a copy with those of the request. */
  readonly jar: CookieJar
  /** Where those are remembered that the servers set. */
  readonly store: CookieJar
}

/** What one request of a session, with its redirects and retries, goes by. */
export interface Terms {
  readonly session: Session
  readonly settings: Settings
  readonly cookies: Jars
  readonly limits: Limits
}
