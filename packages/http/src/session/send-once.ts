import type { Operation } from '@greenlit/core'
import { now } from '@greenlit/core/engine'
import { checkActed } from '../check-acted.ts'
import type { EngineResponse } from '../engine/engine.ts'
import { ResponseTooLarge } from '../errors/response-too-large.ts'
import type { PreparedRequest } from '../request/prepared-request.ts'
import { Response } from '../response/response.ts'
import { engineRequest } from './engine-request.ts'
import type { HTTPAdapter } from './http-adapter.ts'
import type { RequestContext } from './request-context.ts'

/** Sends a request once, without retries or redirects. */
export function sendOnce(
  context: RequestContext,
  adapter: HTTPAdapter,
  request: PreparedRequest,
): Operation<EngineResponse> {
  const { session, settings, limits } = context
  const { guard } = settings
  if (guard !== undefined) checkActed(guard.check(request.target), '`guard.check`')
  return adapter.engine.send(engineRequest(session, request, settings, limits))
}

/**
 * Makes a `Response` of the head that the engine received, and stores its cookies.
 *
 * @param started when the request was sent
 * @throws {ResponseTooLarge} if the declared Content-Length exceeds `maxSize`
 */
export function receiveResponse(
  context: RequestContext,
  request: PreparedRequest,
  started: number,
  head: EngineResponse,
): Response {
  const { settings, limits, jar, store } = context
  const response = new Response(head, request, limits, settings.maxSize)
  response.elapsed = now() - started
  const { setCookies, contentLength = 0 } = response.framing
  if (setCookies.length > 0) {
    store.extract(setCookies, request.target)
    if (jar !== store) jar.extract(setCookies, request.target)
  }
  if (contentLength > settings.maxSize && hasBody(request.method, response)) {
    head.body.destroy()
    throw new ResponseTooLarge(
      `The body from ${request.target.host} has ${contentLength} bytes, more than ${settings.maxSize}`,
      { request, response },
    )
  }
  return response
}

/** Whether a response has a body to read: those without one may still declare its length (RFC 9110 section 8.6). */
function hasBody(method: string, { statusCode, isRedirect }: Response): boolean {
  return method !== 'HEAD' && statusCode !== 204 && statusCode !== 304 && !isRedirect
}
