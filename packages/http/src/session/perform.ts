import type { Operation, Suspension } from '@greenlit/core'
import { Call } from '@greenlit/core/engine'
import { authOf } from '../auth/auth.ts'
import type { CookieJar } from '../cookies/cookie-jar.ts'
import type { Limits } from '../engine/engine.ts'
import { TooManyRedirects } from '../errors/too-many-redirects.ts'
import type { PreparedRequest } from '../request/prepared-request.ts'
import { addCookies } from '../request/request.ts'
import { startLimits } from '../request/timeouts.ts'
import type { Response } from '../response/response.ts'
import { converse } from './converse.ts'
import { keepsSecrets, redirectedRequest } from './redirect.ts'
import type { Session } from './session.ts'
import type { Settings } from './settings.ts'

/** Sends a request, follows where it is redirected, and reads the body of the last response unless it is to be streamed. */
export function follow(
  session: Session,
  request: PreparedRequest,
  settings: Settings,
  jar: CookieJar,
): Operation<Response> {
  return new Call<[Session, PreparedRequest, Settings, CookieJar], Response>(run, [session, request, settings, jar])
}

function* run(
  session: Session,
  first: PreparedRequest,
  settings: Settings,
  jar: CookieJar,
): Generator<Suspension, Response, unknown> {
  const limits = startLimits(settings.limits, settings.minRate)
  const follows = settings.allowRedirects ?? first.method !== 'HEAD'
  const history: Response[] = []
  let request = first
  for (;;) {
    const response = yield* converse(session, request, settings, jar, limits)
    if (history.length > 0) response.history.unshift(...history)
    if (!response.isRedirect) return yield* finish(response, settings, limits)
    if (!follows) {
      response.findNext = () => next(session, first, request, response, settings, jar)
      return yield* finish(response, settings, limits)
    }
    if (history.length >= settings.maxRedirects) {
      response.close()
      throw new TooManyRedirects(`Exceeded ${settings.maxRedirects} redirects`, { request, response })
    }
    request = next(session, first, request, response, settings, jar)
    yield* response.leave(limits)
    history.push(response)
  }
}

function* finish(response: Response, settings: Settings, limits: Limits): Generator<Suspension, Response, unknown> {
  if (!settings.stream) yield* response.load(limits)
  return response
}

/** The request that a redirect leads to, with the cookies and the login of its host. */
function next(
  session: Session,
  first: PreparedRequest,
  request: PreparedRequest,
  response: Response,
  settings: Settings,
  jar: CookieJar,
): PreparedRequest {
  const location = response.headers.get('location') as string
  const redirected = redirectedRequest(request, response.statusCode, location, settings.sensitiveHeaders)
  // Cookies without a domain were meant for the host that was asked.
  addCookies(redirected, jar, keepsSecrets(first.target, redirected.target))
  if (!redirected.headers.has('Authorization')) {
    const login = session.login(redirected.target)
    if (login !== undefined) {
      redirected.auth = authOf(login)
      redirected.auth.authenticate(redirected)
    }
  }
  return redirected
}
