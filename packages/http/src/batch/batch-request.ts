import type { Coroutine, Operation } from '@greenlit/core'
import { show } from '@greenlit/core/engine'
import { request } from '../api.ts'
import { Request } from '../request/request.ts'
import type { Response } from '../response/response.ts'
import type { RequestOptions } from '../session/options.ts'
import type { Session } from '../session/session.ts'

/**
 * One of many requests: a URL to get; an object with `url`, `method` and request options; a `Request`; an operation that has not been
 * started, such as `get(url)`; or a coroutine function that returns a response.
 */
export type BatchRequest =
  | string
  | URL
  | Request
  | (RequestOptions & { readonly url: string | URL; readonly method?: string | undefined })
  | Operation<Response>
  | (() => Operation<Response> | Coroutine<Response>)

/** Creates the operation for one of many requests. */
export function beginRequest(
  item: BatchRequest,
  options: RequestOptions,
  session: Session | undefined,
): Operation<Response> | Coroutine<Response> {
  const make = (method: string, url: string | URL, own: RequestOptions) =>
    session === undefined || session === null ? request(method, url, own) : session.request(method, url, own)
  if (typeof item === 'string' || item instanceof URL) return make('GET', item, options)
  if (typeof item === 'function') return item()
  if (item instanceof Request) return make(item.method, item.url, { ...options, ...item.parts })
  if (typeof item === 'object' && item !== null) {
    if (Symbol.iterator in item) return item as Operation<Response>
    if ('url' in item) {
      const { url, method = 'GET', ...own } = item
      return make(method, url, { ...options, ...own })
    }
  }
  throw new TypeError(
    `Expected a request to be a URL, an object with one, a Request or an operation, got ${show(item)}`,
  )
}
