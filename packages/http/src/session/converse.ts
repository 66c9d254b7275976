import { type Coroutine, isControlError, type Suspension, sleep } from '@greenlit/core'
import { now, resumable } from '@greenlit/core/engine'
import type { CookieJar } from '../cookies/cookie-jar.ts'
import type { Engine, EngineResponse, Limits } from '../engine/engine.ts'
import { RequestException } from '../errors/request-exception.ts'
import { ResponseTooLarge } from '../errors/response-too-large.ts'
import { RetryError } from '../errors/retry-error.ts'
import type { PreparedRequest } from '../request/prepared-request.ts'
import { Response } from '../response/response.ts'
import type { Retries } from '../retry/retry.ts'
import { engineRequest } from './engine-request.ts'
import type { Session } from './session.ts'
import type { Settings } from './settings.ts'

/**
 * Gets the response to one request, redirects left to the caller: tries again as its plan says, answers a challenge once, takes the
 * cookies and calls the hooks.
 */
export function* converse(
  session: Session,
  request: PreparedRequest,
  settings: Settings,
  jar: CookieJar,
  limits: Limits,
): Generator<Suspension, Response, unknown> {
  let response = yield* persist(session, request, settings, jar, limits)
  const { auth } = request
  if (auth !== undefined && response.statusCode >= 400) {
    const again = request.copy()
    again.auth = auth
    if (auth.answer(response, again)) {
      const refused = response
      yield* refused.leave(limits)
      response = yield* persist(session, again, settings, jar, limits)
      response.history.push(refused)
    }
  }
  const { response: hooks } = settings.hooks
  if (hooks === undefined || hooks === null) return response
  for (const hook of typeof hooks === 'function' ? [hooks] : hooks) {
    const result = yield* driven(hook(response))
    if (result instanceof Response) response = result
  }
  return response
}

function driven(result: unknown): Coroutine<unknown> {
  return { [Symbol.iterator]: () => resumable(result) } as unknown as Coroutine<unknown>
}

/** Sends a request until there is an answer, or no retry is left. */
function* persist(
  session: Session,
  request: PreparedRequest,
  settings: Settings,
  jar: CookieJar,
  limits: Limits,
): Generator<Suspension, Response, unknown> {
  const adapter = session.getAdapter(request.target.href)
  const plan = settings.retries ?? adapter.maxRetries
  if (plan === undefined) return yield* exchange(session, adapter.engine, request, settings, jar, limits)
  const retries = plan.begin()
  for (;;) {
    let response: Response | undefined
    let failure: RequestException | undefined
    try {
      response = yield* exchange(session, adapter.engine, request, settings, jar, limits)
      if (!retries.wants(request.method, response.statusCode)) return response
    } catch (error) {
      if (isControlError(error) || !(error instanceof RequestException)) throw error
      if (!retries.afterError(error, request.method)) throw error
      failure = error
    }
    const granted = response === undefined || retries.afterStatus()
    const wait = granted ? retries.wait(response?.headers.get('retry-after')) : 0
    const isInTime = limits.deadline === undefined || now() + wait < limits.deadline
    if (!granted || !isInTime) {
      if (response !== undefined && !retries.plan.raiseOnStatus) return response
      if (response !== undefined) yield* response.leave(limits)
      throw exhausted(request, response, failure, retries)
    }
    if (response !== undefined) yield* response.leave(limits)
    if (wait > 0) yield* sleep(wait)
  }
}

function exhausted(
  request: PreparedRequest,
  response: Response | undefined,
  failure: RequestException | undefined,
  retries: Retries,
): RequestException {
  const { host } = request.target
  if (response === undefined) return failure!
  const tries = retries.done + 1
  return new RetryError(`Too many answers of ${response.statusCode} ${response.reason} from ${host}: ${tries} in all`, {
    request,
    response,
  })
}

function* exchange(
  session: Session,
  engine: Engine,
  request: PreparedRequest,
  settings: Settings,
  jar: CookieJar,
  limits: Limits,
): Generator<Suspension, Response, unknown> {
  settings.guard?.check(request.target)
  const started = now()
  let head: EngineResponse
  try {
    head = yield* engine.send(engineRequest(session, request, settings, limits))
  } catch (error) {
    if (error instanceof RequestException) error.request ??= request
    throw error
  }
  const response = new Response(head, request, limits, settings.maxSize)
  response.elapsed = now() - started
  const set = response.headers.getAll('set-cookie')
  if (set.length > 0) {
    session.cookies.extract(set, request.target)
    if (jar !== session.cookies) jar.extract(set, request.target)
  }
  const declared =
    request.method === 'HEAD' || response.isRedirect ? 0 : Number(response.headers.get('content-length') ?? 0)
  if (declared > settings.maxSize) {
    head.body.destroy()
    throw new ResponseTooLarge(
      `The body from ${request.target.host} has ${declared} bytes, more than ${settings.maxSize}`,
      {
        request,
        response,
      },
    )
  }
  return response
}
