import { type Coroutine, spawn } from '@greenlit/core'
import { createDefaultContext, PROTOCOL_TLS_SERVER, type Socket, SSLContext, type SSLSocket } from '@greenlit/net'
import { Authority } from '../certificates.ts'
import { tcpPair } from '../pair.ts'

export const AUTHORITY: Authority = new Authority()
export const OTHER_AUTHORITY: Authority = new Authority('Another Authority')
export const SERVER = AUTHORITY.issue({ name: 'server', hosts: ['localhost', 'example.test', '127.0.0.1'] })

export function serverContext(certificate = SERVER): SSLContext {
  const context = new SSLContext(PROTOCOL_TLS_SERVER)
  context.loadCertChain(certificate.cert, certificate.key)
  return context
}

export function clientContext(): SSLContext {
  return createDefaultContext({ cadata: AUTHORITY.cert })
}

/** Performs a handshake over a pair and returns the client's and the server's end. */
export function* secure(
  client: SSLContext,
  server: SSLContext,
  serverHostname = 'localhost',
  makePair: () => Coroutine<[Socket, Socket]> = tcpPair,
): Coroutine<[SSLSocket, SSLSocket]> {
  const [left, right] = yield* makePair()
  const accepting = spawn(() => server.wrapSocket(right, { serverSide: true }))
  const connected = yield* client.wrapSocket(left, { serverHostname })
  return [connected, yield* accepting]
}

/** The error that each end of a failing handshake gets. */
export function* refusals(
  client: SSLContext,
  server: SSLContext,
  serverHostname = 'localhost',
): Coroutine<[client: unknown, server: unknown]> {
  const [left, right] = yield* tcpPair()
  const accepting = spawn(function* (): Coroutine<unknown> {
    try {
      const accepted = yield* server.wrapSocket(right, { serverSide: true })
      try {
        yield* accepted.recv(1)
      } finally {
        accepted.close()
      }
      return undefined
    } catch (error) {
      return error
    }
  })
  let refused: unknown
  try {
    const connected = yield* client.wrapSocket(left, { serverHostname })
    try {
      // With TLS 1.3 a client learns that it was rejected only after its own handshake has succeeded.
      yield* connected.recv(1)
    } finally {
      connected.close()
    }
  } catch (error) {
    refused = error
  }
  return [refused, yield* accepting]
}
