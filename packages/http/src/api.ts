import type { Operation } from '@greenlit/core'
import type { Response } from './response/response.ts'
import type { RequestOptions } from './session/options.ts'
import { Session } from './session/session.ts'

let shared: Session | undefined

/**
 * Makes a request on its own: nothing is remembered but the open connection (requests: request).
 *
 * @param method as 'GET'
 * @param url where to, http or https
 * @param options see `RequestOptions`
 * @throws {TypeError} or {RangeError} at once for a wrong option; {RequestException} of the kind that says what failed, also for a
 *   URL, header or body that cannot be sent. A kill or timeout of the greenlet closes the connection
 * @example
 * const page = yield* request('PROPFIND', 'https://example.org/', { timeout: 5000 })
 */
export function request(method: string, url: string | URL, options?: RequestOptions): Operation<Response> {
  shared ??= new Session()
  return shared.requestAlone(method, url, options)
}

/**
 * Gets a page (requests: get). It throws as `request` does, and so do those below.
 *
 * @param url where from
 * @param options see `RequestOptions`
 * @example
 * const page = yield* get('https://example.org/', { params: { q: 'gevent' }, timeout: 30_000 })
 */
export function get(url: string | URL, options?: RequestOptions): Operation<Response> {
  return request('GET', url, options)
}

/**
 * Asks for the head of a page; redirects are not followed unless `allowRedirects` says so (requests: head).
 *
 * @example
 * const page = yield* head('https://example.org/')
 */
export function head(url: string | URL, options?: RequestOptions): Operation<Response> {
  return request('HEAD', url, { allowRedirects: false, ...options })
}

/**
 * Posts a form, JSON or bytes (requests: post).
 *
 * @example
 * yield* post('https://example.org/items', { json: { name: 'lamp' } })
 */
export function post(url: string | URL, options?: RequestOptions): Operation<Response> {
  return request('POST', url, options)
}

/**
 * Puts a body at a URL (requests: put).
 *
 * @example
 * yield* put('https://example.org/items/7', { json: { name: 'lamp' } })
 */
export function put(url: string | URL, options?: RequestOptions): Operation<Response> {
  return request('PUT', url, options)
}

/**
 * Changes what is at a URL (requests: patch).
 *
 * @example
 * yield* patch('https://example.org/items/7', { json: { name: 'lamp' } })
 */
export function patch(url: string | URL, options?: RequestOptions): Operation<Response> {
  return request('PATCH', url, options)
}

/**
 * Deletes what is at a URL (requests: delete; `delete` is a word of JavaScript).
 *
 * @example
 * yield* delete_('https://example.org/items/7')
 */
export function delete_(url: string | URL, options?: RequestOptions): Operation<Response> {
  return request('DELETE', url, options)
}

/**
 * Asks what a URL allows (requests: options).
 *
 * @example
 * const allowed = (yield* options('https://example.org/')).headers.get('Allow')
 */
export function options(url: string | URL, requestOptions?: RequestOptions): Operation<Response> {
  return request('OPTIONS', url, requestOptions)
}
