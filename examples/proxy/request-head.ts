import type { Coroutine } from '@greenlit/core'
import type { Socket } from '@greenlit/net'

const MAX_HEAD = 65_536

/** The first request of a connection to a proxy. */
export interface RequestHead {
  readonly method: string
  /** What was asked for: an absolute URL, or `host:port` for CONNECT. */
  readonly target: string
  readonly headers: readonly string[]
  /** What was received after the head. */
  readonly rest: Buffer
}

/** Reads the head of a request. Returns `undefined` if there is no whole one of at most 64 KiB. */
export function* readRequestHead(client: Socket): Coroutine<RequestHead | undefined> {
  let received = Buffer.alloc(0)
  let end = -1
  while (end === -1) {
    const data = yield* client.recv(MAX_HEAD)
    if (data.length === 0 || received.length + data.length > MAX_HEAD) return undefined
    received = Buffer.concat([received, data])
    end = received.indexOf('\r\n\r\n')
  }
  const [requestLine, ...headers] = received.toString('latin1', 0, end).split('\r\n')
  const [method = '', target = ''] = requestLine!.split(' ')
  return { method, target, headers, rest: received.subarray(end + 4) }
}
