import type { Duplex } from 'node:stream'
import type tls from 'node:tls'
import { spawn } from '@greenlit/core'
import { CERT_NONE, CERT_REQUIRED } from './constants.ts'
import { nodeTls } from './node-tls.ts'
import type { SSLContext } from './ssl-context.ts'

/** The end of a handshake: an error, or the secure socket. */
export type Shaken = (error: Error | null, secure?: tls.TLSSocket) => void

/** A server of Node's that never listens gives up after this long, which is never: the caller's limit counts. */
const NEVER = 2 ** 31 - 1

/**
 * The server's side of handshakes. Node verifies clients only in a `tls.Server`, so connections are given to one that does not
 * listen. It does not say which connection an event is for; each therefore serves one at a time, and is used again.
 */
export class ServerHandshakes {
  private readonly idle: tls.Server[] = []
  private readonly context: SSLContext

  constructor(context: SSLContext) {
    this.context = context
  }

  /** Shakes hands on a connection; destroying it calls that off. */
  begin(raw: Duplex, shaken: Shaken): void {
    const server = this.idle.pop() ?? this.makeServer()
    const leave = () => {
      server.off('secureConnection', secured)
      server.off('tlsClientError', failed)
      this.idle.push(server)
    }
    const secured = (socket: tls.TLSSocket) => {
      leave()
      socket.allowHalfOpen = true
      shaken(null, socket)
    }
    const failed = (error: Error, socket: tls.TLSSocket) => {
      leave()
      shaken(refusal(socket) ?? error)
    }
    server.on('secureConnection', secured)
    server.on('tlsClientError', failed)
    // A client that ends in the middle of the handshake would never be noticed in a half-open stream.
    raw.allowHalfOpen = false
    server.emit('connection', raw)
  }

  private makeServer(): tls.Server {
    const { context } = this
    const { alpnProtocols, verifyMode } = context
    return nodeTls().createServer({
      ...context.contextOptions,
      ...(alpnProtocols.length === 0 ? {} : { ALPNProtocols: alpnProtocols }),
      requestCert: verifyMode !== CERT_NONE,
      rejectUnauthorized: verifyMode === CERT_REQUIRED,
      handshakeTimeout: NEVER,
      SNICallback: (name, answer) => choose(context, name, answer),
    })
  }
}

/** Why a client's certificate was refused; Node only hangs up. */
export function refusal(socket: tls.TLSSocket): Error | undefined {
  const code = socket.authorizationError as unknown
  if (code === null || code === undefined) return undefined
  if (code instanceof Error) return code
  return Object.assign(new Error(String(code).toLowerCase().replaceAll('_', ' ')), { code })
}

function choose(
  context: SSLContext,
  name: string,
  answer: (error: Error | null, secure?: tls.SecureContext) => void,
): void {
  const { sniCallback } = context
  if (sniCallback === undefined) {
    answer(null)
    return
  }
  const chosen = spawn(sniCallback, name, context)
  chosen.rawlink(() => {
    if (chosen.successful()) answer(null, (chosen.value as SSLContext | undefined)?.secureContext)
    else answer(chosen.exception as Error)
  })
}
