import { channel } from 'node:diagnostics_channel'

/** The methods for which undici itself sends `Content-Length: 0`. */
const SENT_BY_UNDICI = new Set(['PUT', 'POST', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH'])

/** The message that undici publishes for each request it creates, whose headers can still be extended (Diagnostics Channel). */
interface Created {
  readonly request: { readonly headers: string[] }
}

const created = channel('undici:request:create')

/** Whether undici omits the `Content-Length: 0` of a request. */
export function omitsZeroLength(method: string): boolean {
  return !SENT_BY_UNDICI.has(method)
}

/**
 * Calls `dispatch`, which creates one undici request synchronously, and adds headers to that request.
 *
 * @param lines alternating names and values
 */
export function withAddedHeaders(lines: readonly string[], dispatch: () => void): void {
  let isAdded = false
  const add = (message: unknown): void => {
    if (isAdded) return
    isAdded = true
    ;(message as Created).request.headers.push(...lines)
  }
  created.subscribe(add)
  try {
    dispatch()
  } finally {
    created.unsubscribe(add)
  }
}
