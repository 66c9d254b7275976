import type { Operation } from '@greenlit/core'
import type { Response } from './response/response.ts'
import type { RequestOptions } from './session/options.ts'
import { Session } from './session/session.ts'

let shared: Session | undefined

/**
 * Sends a single request. Nothing is kept for the next one except the open connection (requests: request).
 *
 * @param method the HTTP method, such as 'GET'
 * @param url an http or https URL
 * @param options see `RequestOptions`
 * @throws {TypeError} or {RangeError} immediately for an invalid option; a subclass of {RequestException} that says what failed,
 *   including a URL, header or body that cannot be sent. A kill or timeout of the greenlet closes the connection
 * @example
 * const page = yield* request('PROPFIND', 'https://example.org/', { timeout: 5000 })
 */
export function request(method: string, url: string | URL, options?: RequestOptions): Operation<Response> {
  shared ??= new Session()
  return shared.requestAlone(method, url, options)
}

/**
 * Sends a GET request (requests: get). This and the functions below throw what `request` throws.
 *
 * @param url an http or https URL
 * @param options see `RequestOptions`
 * @example
 * const page = yield* get('https://example.org/', { params: { q: 'gevent' }, timeout: 30_000 })
 */
export function get(url: string | URL, options?: RequestOptions): Operation<Response> {
  return request('GET', url, options)
}

/**
 * Sends a HEAD request. Redirects are not followed unless `allowRedirects` is set (requests: head).
 *
 * @example
 * const page = yield* head('https://example.org/')
 */
export function head(url: string | URL, options?: RequestOptions): Operation<Response> {
  return request('HEAD', url, { allowRedirects: false, ...options })
}

/**
 * Sends a POST request with a form, JSON or bytes (requests: post).
 *
 * @example
 * yield* post('https://example.org/items', { json: { name: 'lamp' } })
 */
export function post(url: string | URL, options?: RequestOptions): Operation<Response> {
  return request('POST', url, options)
}

/**
 * Sends a PUT request (requests: put).
 *
 * @example
 * yield* put('https://example.org/items/7', { json: { name: 'lamp' } })
 */
export function put(url: string | URL, options?: RequestOptions): Operation<Response> {
  return request('PUT', url, options)
}

/**
 * Sends a PATCH request (requests: patch).
 *
 * @example
 * yield* patch('https://example.org/items/7', { json: { name: 'lamp' } })
 */
export function patch(url: string | URL, options?: RequestOptions): Operation<Response> {
  return request('PATCH', url, options)
}

/**
 * Sends a DELETE request (requests: delete). `delete` is a reserved word in JavaScript, hence the underscore.
 *
 * @example
 * yield* delete_('https://example.org/items/7')
 */
export function delete_(url: string | URL, options?: RequestOptions): Operation<Response> {
  return request('DELETE', url, options)
}

/**
 * Sends an OPTIONS request (requests: options).
 *
 * @example
 * const allowed = (yield* options('https://example.org/')).headers.get('Allow')
 */
export function options(url: string | URL, requestOptions?: RequestOptions): Operation<Response> {
  return request('OPTIONS', url, requestOptions)
}
