import type { Duplex } from 'node:stream'
import type tls from 'node:tls'
import { type Greenlet, spawn } from '@greenlit/core'
import { show } from '@greenlit/core/engine'
import { CERT_NONE, CERT_REQUIRED } from './constants.ts'
import { nodeTls } from './node-tls.ts'
import type { SSLContext } from './ssl-context.ts'
import type { SSLSocket } from './ssl-socket.ts'

/** Called when a handshake ends, with an error or the secure socket. */
export type HandshakeCallback = (error: Error | null, secure?: tls.TLSSocket) => void

/** Node's handshake timeout, the longest a timer can run: effectively none, as the caller's own limit applies. */
const NEVER = 2 ** 31 - 1

/** The part of an `SSLSocket` that an `sniCallback` may read and replace. */
export interface SniSocket {
  context: SSLContext
}

/** A server that does not listen, and the socket whose handshake it currently performs. */
interface Slot {
  readonly server: tls.Server
  socket: SniSocket | null
  /** The greenlet that runs the `sniCallback`. */
  sniGreenlet: Greenlet | null
}

/**
 * Performs the server side of handshakes. Node verifies client certificates only in a `tls.Server`, so connections are handed to one
 * that does not listen. Its events do not say which connection they belong to; each server therefore handles one handshake at a
 * time and is then reused.
 */
export class ServerHandshakes {
  private readonly idle: Slot[] = []
  private readonly context: SSLContext

  constructor(context: SSLContext) {
    this.context = context
  }

  /** Starts a handshake on a connection. Destroying the connection aborts it. */
  begin(raw: Duplex, socket: SniSocket, callback: HandshakeCallback): void {
    const slot = this.idle.pop() ?? this.makeSlot()
    const { server } = slot
    slot.socket = socket
    const leave = () => {
      server.off('secureConnection', secured)
      server.off('tlsClientError', failed)
      slot.socket = null
      slot.sniGreenlet?.kill({ block: false })
      slot.sniGreenlet = null
      this.idle.push(slot)
    }
    const secured = (secure: tls.TLSSocket) => {
      leave()
      raw.allowHalfOpen = true
      secure.allowHalfOpen = true
      callback(null, secure)
    }
    const failed = (error: Error, secure: tls.TLSSocket) => {
      leave()
      callback(refusal(secure) ?? error)
    }
    server.on('secureConnection', secured)
    server.on('tlsClientError', failed)
    // With half-open streams, a client that ends its side mid-handshake would go unnoticed.
    raw.allowHalfOpen = false
    server.emit('connection', raw)
  }

  private makeSlot(): Slot {
    const { context } = this
    const { alpnProtocols, verifyMode } = context
    const server = nodeTls().createServer({
      ...context.contextOptions,
      ...(alpnProtocols.length === 0 ? {} : { ALPNProtocols: alpnProtocols }),
      requestCert: verifyMode !== CERT_NONE,
      rejectUnauthorized: verifyMode === CERT_REQUIRED,
      handshakeTimeout: NEVER,
      SNICallback: (name, answer) => runSniCallback(context, slot, name, answer),
    })
    const slot: Slot = { server, socket: null, sniGreenlet: null }
    return slot
  }
}

/** The error of a context that a server cannot use. */
export function noCertificate(): RangeError {
  return new RangeError('Expected a certificate for the server side: call loadCertChain first')
}

/** Why a client's certificate was rejected. Node merely closes the connection. */
export function refusal(socket: tls.TLSSocket): Error | undefined {
  const code = socket.authorizationError as unknown
  if (code === null || code === undefined) return undefined
  if (code instanceof Error) return code
  return Object.assign(new Error(String(code).toLowerCase().replaceAll('_', ' ')), { code })
}

function runSniCallback(
  context: SSLContext,
  slot: Slot,
  name: string,
  answer: (error: Error | null, secure?: tls.SecureContext) => void,
): void {
  const { sniCallback } = context
  const { socket } = slot
  if (sniCallback === undefined || socket === null) {
    answer(null)
    return
  }
  const sniGreenlet = spawn(sniCallback, socket as SSLSocket, name, context)
  slot.sniGreenlet = sniGreenlet
  sniGreenlet.rawlink(() => {
    let chosen: tls.SecureContext | undefined
    try {
      if (!sniGreenlet.successful()) throw sniGreenlet.exception
      socket.context = checkResult(sniGreenlet.value ?? socket.context)
      if (socket.context !== context) chosen = chosenContext(socket.context)
    } catch (error) {
      answer(error as Error)
      return
    }
    answer(null, chosen)
  })
}

function checkResult(value: unknown): SSLContext {
  if (isContext(value)) return value
  throw new TypeError(`Expected \`sniCallback\` to answer an SSLContext or undefined, got ${show(value)}`)
}

function chosenContext(context: SSLContext): tls.SecureContext {
  // OpenSSL would silently present the certificate of the other context.
  if (context.contextOptions.cert === undefined) throw noCertificate()
  return context.secureContext
}

function isContext(value: unknown): value is SSLContext {
  return typeof value === 'object' && value !== null && 'secureContext' in value
}
