import type { CookieJar } from '../cookies/cookie-jar.ts'
import type { Limits } from '../engine/engine.ts'
import type { Session } from './session.ts'
import type { Settings } from './settings.ts'

/** What one request of a session, with its redirects and retries, goes by. */
export interface Terms {
  readonly session: Session
  readonly settings: Settings
  /** The cookies to choose from: the session's, or a copy with those of the request. */
  readonly jar: CookieJar
  readonly limits: Limits
}
