import { channel } from 'node:diagnostics_channel'

/** The methods of which undici itself says that their body is empty. */
const SAID = new Set(['PUT', 'POST', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH'])

/** What undici publishes of each request that it makes, and whose headers may still be added to (its documentation: Diagnostics Channel). */
interface Created {
  readonly request: { readonly headers: string[] }
}

const created = channel('undici:request:create')

/** Whether undici leaves the `Content-Length: 0` of a request out. */
export function leavesLengthOut(method: string): boolean {
  return !SAID.has(method)
}

/** Runs what makes one request of undici's, at once, and adds the length of its empty body. */
export function sayingEmpty(dispatch: () => void): void {
  let isSaid = false
  const say = (message: unknown): void => {
    if (isSaid) return
    isSaid = true
    ;(message as Created).request.headers.push('Content-Length', '0')
  }
  created.subscribe(say)
  try {
    dispatch()
  } finally {
    created.unsubscribe(say)
  }
}
