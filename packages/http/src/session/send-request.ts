import { type Suspension, sleep } from '@greenlit/core'
import { drive, now } from '@greenlit/core/engine'
import { checkActed } from '../check-acted.ts'
import { RequestException } from '../errors/request-exception.ts'
import { RetryError } from '../errors/retry-error.ts'
import type { PreparedRequest } from '../request/prepared-request.ts'
import { addCookies } from '../request/request.ts'
import { Response } from '../response/response.ts'
import { NO_RETRIES } from '../retry/retry.ts'
import type { HTTPAdapter } from './http-adapter.ts'
import type { RequestContext } from './request-context.ts'
import { receiveResponse, sendOnce } from './send-once.ts'
import { responseHooks } from './settings.ts'

/** Whether a single exchange is enough for a request: no retries, no authentication challenge to answer, no hooks. */
export function needsSingleExchange(
  { settings }: RequestContext,
  adapter: HTTPAdapter,
  request: PreparedRequest,
): boolean {
  const retries = settings.retries ?? adapter.maxRetries ?? NO_RETRIES
  return retries === NO_RETRIES && request.auth === undefined && responseHooks(settings.hooks).length === 0
}

/**
 * Gets the response to one request. It retries as the retry plan says, answers an authentication challenge once and calls the hooks;
 * following redirects is left to the caller.
 */
export function* sendRequest(
  context: RequestContext,
  adapter: HTTPAdapter,
  request: PreparedRequest,
): Generator<Suspension, Response, unknown> {
  let response = yield* sendWithRetries(context, adapter, request)
  try {
    const { auth } = request
    if (auth !== undefined && response.statusCode >= 400) {
      const again = request.copy()
      const isAnswered = auth.answer(response, again)
      checkActed(isAnswered, 'an authentication')
      if (isAnswered) {
        const refused = response
        // Some servers tie the challenge to a cookie.
        addCookies(again, context.jar, false)
        yield* refused.drain()
        response = yield* sendWithRetries(context, adapter, again)
        response.history.push(refused)
      }
    }
    const { settings } = context
    const hooks = responseHooks(settings.hooks)
    if (hooks.length === 0) return response
    // A plain function cannot wait for the body.
    if (!settings.stream) yield* response.isRedirect && context.follows ? response.drain() : response.load()
    const { stream, verify, cert, proxies, limits: timeout } = settings
    for (const hook of hooks) {
      const result = yield* drive(hook(response, { stream, verify, cert, proxies, timeout }))
      if (!(result instanceof Response) || result === response) continue
      const replaced = response
      response = result
      yield* replaced.drain()
    }
    return response
  } catch (error) {
    // The caller never gets this response, so nobody else can close it.
    response.abandon(error)
    throw error
  }
}

/** Sends a request until there is a response to return or no retry is left. */
function* sendWithRetries(
  context: RequestContext,
  adapter: HTTPAdapter,
  request: PreparedRequest,
): Generator<Suspension, Response, unknown> {
  const { settings, limits } = context
  const plan = settings.retries ?? adapter.maxRetries ?? NO_RETRIES
  const retries = plan.begin()
  for (;;) {
    const tries = retries.done + 1
    let response: Response | undefined
    let failure: RequestException | undefined
    try {
      const answer = receiveResponse(context, request, now(), yield* sendOnce(context, adapter, request))
      if (!retries.isRetryable(request.method, answer)) {
        // A body that breaks off is a failed read like any other. That of a redirect is not needed, nor is a stream ours to read.
        if (plan !== NO_RETRIES && !settings.stream && !(answer.isRedirect && context.follows))
          yield* loadOrAbandon(answer)
        return answer
      }
      response = answer
    } catch (error) {
      if (!(error instanceof RequestException && retries.afterError(error, request.method))) throw error
      failure = error
    }
    const granted = response === undefined || retries.afterStatus()
    const wait = granted ? retries.wait(response?.headers.get('retry-after')) : 0
    const isInTime = limits.deadline === undefined || now() + wait < limits.deadline
    if (!granted || !isInTime) {
      if (response === undefined) throw failure
      if (!plan.raiseOnStatus) return response
      yield* response.drain()
      throw exhausted(request, response, tries)
    }
    if (response !== undefined) yield* response.drain()
    if (wait > 0) yield* sleep(wait)
  }
}

function* loadOrAbandon(response: Response): Generator<Suspension, void, unknown> {
  try {
    yield* response.load()
  } catch (error) {
    response.abandon(error)
    throw error
  }
}

function exhausted(request: PreparedRequest, response: Response, tries: number): RetryError {
  const { statusCode, reason } = response
  return new RetryError(`Too many answers of ${statusCode} ${reason} from ${request.target.host}: ${tries} in all`, {
    request,
    response,
  })
}
