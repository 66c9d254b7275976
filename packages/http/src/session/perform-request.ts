import type { Operation, Suspension } from '@greenlit/core'
import { Call, now } from '@greenlit/core/engine'
import { authOf, authorize } from '../auth/auth.ts'
import type { CookieJar } from '../cookies/cookie-jar.ts'
import { requestBegan, requestEnded } from '../environment/variables.ts'
import { RequestException } from '../errors/request-exception.ts'
import { TooManyRedirects } from '../errors/too-many-redirects.ts'
import { proxyFor } from '../proxy/select-proxy.ts'
import type { PreparedRequest } from '../request/prepared-request.ts'
import { addCookies, type Cookies, completeRequest, withCookies } from '../request/request.ts'
import { startLimits } from '../request/timeouts.ts'
import type { Response } from '../response/response.ts'
import { keepsSecrets, redirectedRequest } from './redirect.ts'
import type { RequestContext, RequestingSession } from './request-context.ts'
import { receiveResponse, sendOnce } from './send-once.ts'
import { needsSingleExchange, sendRequest } from './send-request.ts'
import type { Settings } from './settings.ts'

type Parts = [
  session: RequestingSession,
  request: PreparedRequest,
  settings: Settings,
  /** See `RequestContext`. */
  store: CookieJar,
  draft: Draft | undefined,
]

/** What is to be added to a request that is a draft, see `completeRequest`. */
interface Draft {
  /** The request's own cookies. */
  readonly cookies: Cookies | undefined
}

/**
 * Sends a request, follows redirects, and reads the body of the last response unless it is to be streamed. A draft is completed just
 * before it is sent, with the cookies that the store has by then.
 */
export function performRequest(...parts: Parts): Operation<Response> {
  return new Call<Parts, Response>(run, parts)
}

function* run(
  session: RequestingSession,
  first: PreparedRequest,
  settings: Settings,
  store: CookieJar,
  draft: Draft | undefined,
): Generator<Suspension, Response, unknown> {
  // One reading of the clock serves everything that starts here: a reading costs more than most other steps of a request.
  let sentAt = now()
  const limits = startLimits(settings.limits, settings.minRate)
  const follows = settings.allowRedirects ?? first.method !== 'HEAD'
  const jar = withCookies(store, draft?.cookies)
  const context: RequestContext = { session, settings, jar, store, limits, follows }
  const history: Response[] = []
  let request = first
  let last: Response | undefined
  requestBegan(sentAt)
  try {
    if (draft !== undefined) completeRequest(first, jar)
    for (;;) {
      const adapter = session.getAdapter(request.url)
      const response = needsSingleExchange(context, adapter, request)
        ? receiveResponse(context, request, sentAt, yield* sendOnce(context, adapter, request))
        : yield* sendRequest(context, adapter, request)
      last = response
      if (history.length > 0) response.history.unshift(...history)
      if (response.isRedirect && follows) {
        if (history.length >= settings.maxRedirects) {
          throw new TooManyRedirects(`Exceeded ${settings.maxRedirects} redirects`, { request, response })
        }
        request = nextRequest(context, first, request, response)
        yield* response.drain()
        history.push(response)
        sentAt = now()
        continue
      }
      if (response.isRedirect) {
        const redirected = request
        response.findNext = () => nextRequest(context, first, redirected, response)
      }
      if (!settings.stream && !response.tryLoad()) yield* response.load()
      return response
    }
  } catch (error) {
    if (error instanceof RequestException) error.request ??= request
    last?.abandon(error)
    throw error
  } finally {
    requestEnded()
  }
}

/** The request that a redirect leads to, with the cookies and the login for its host. */
function nextRequest(
  { session, settings, jar }: RequestContext,
  first: PreparedRequest,
  request: PreparedRequest,
  response: Response,
): PreparedRequest {
  const location = response.framing.location!
  const redirected = redirectedRequest(request, response.statusCode, location, settings.sensitiveHeaders)
  // Cookies without a domain were meant for the host of the original request.
  addCookies(redirected, jar, keepsSecrets(first.target, redirected.target))
  // Credentials may be valid for one URL only (digest), so they are computed anew; another host gets its login from the environment.
  const login =
    redirected.auth ?? (redirected.headers.has('Authorization') ? undefined : session._login(redirected.target))
  if (login !== undefined) {
    redirected.auth = authOf(login)
    authorize(redirected.auth, redirected)
  }
  // The header was meant for the proxy of the original request: neither another proxy (https may use one) nor a server may see it.
  if (redirected.headers.has('Proxy-Authorization')) {
    const [before, after] = [first, redirected].map((one) => proxyFor(one.target, settings.proxies, session.trustEnv))
    if (before?.url.href !== after?.url.href) redirected.headers.delete('Proxy-Authorization')
  }
  return redirected
}
