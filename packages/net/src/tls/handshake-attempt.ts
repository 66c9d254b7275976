import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import type tls from 'node:tls'
import { fromNode, osError } from '../errors/make.ts'
import { SSLCertVerificationError, SSLEOFError } from '../errors/ssl-error.ts'
import type { Attempt, StreamDescription } from '../socket/stream-description.ts'
import { CERT_NONE, CERT_OPTIONAL } from './constants.ts'
import { nodeTls } from './node-tls.ts'
import { SecureTransport } from './secure-transport.ts'
import { refusal, type SniSocket } from './server-handshakes.ts'
import type { SSLContext } from './ssl-context.ts'

/** The context and parameters of a handshake. */
export interface HandshakeOptions {
  readonly context: SSLContext
  readonly serverSide: boolean
  readonly serverHostname: string | undefined
  readonly session: Buffer | undefined
}

/** The operation of a greenlet that waits for the handshake. */
export interface HandshakeWaiter {
  secured(): void
  fail(error: unknown): boolean
}

/**
 * One handshake, which runs independently of any greenlet. It ends in a secure connection, or in an error that is thrown in the
 * waiting greenlet or, if there is none, kept as SO_ERROR.
 */
export class HandshakeAttempt implements Attempt {
  waiter: HandshakeWaiter | null = null
  /** Node's socket, once the handshake is done. */
  secure: tls.TLSSocket | null = null
  private readonly description: StreamDescription
  private readonly options: HandshakeOptions
  private readonly socket: SniSocket
  private raw: Duplex | null = null
  private ended = false

  constructor(description: StreamDescription, options: HandshakeOptions, socket: SniSocket) {
    this.description = description
    this.socket = socket
    this.options = options
  }

  get isBackground(): boolean {
    return this.waiter === null
  }

  /** Takes over the plain connection and starts the handshake on it. */
  begin(): void {
    const { description, options } = this
    const transport = description.connected('ENOTCONN')
    transport.checkReader()
    if (transport.error !== null) throw transport.takeError()
    description.localAddress = description.localName
    description.peerAddress = description.peerName
    description.transport = null
    description.attempt = this
    transport.owner = null
    const raw = transport.handOver()
    this.raw = raw
    raw.on('error', ignore)
    raw.once('end', this.onEnd)
    // On a connection that has already ended, Node would wait forever.
    const ended = transport.eof || raw.readableEnded
    if (ended && transport.inbox.length === 0 && raw.readableLength === 0) {
      this.finish(new SSLEOFError())
      return
    }
    if (raw.writableEnded) {
      this.finish(osError('EPIPE'))
      return
    }
    try {
      if (options.serverSide)
        options.context.serverHandshakes.begin(raw, this.socket, (error, secure) => this.complete(error, secure))
      else this.beginAsClient(raw)
    } catch (error) {
      // Conflicting settings of a context only fail here.
      this.finish(fromNode(error))
    }
  }

  private beginAsClient(raw: Duplex): void {
    const { context, serverHostname, session } = this.options
    const { alpnProtocols, verifyMode } = context
    const isName = serverHostname !== undefined && isIP(serverHostname) === 0
    const secure = nodeTls().connect({
      socket: raw,
      secureContext: context.secureContext,
      rejectUnauthorized: verifyMode !== CERT_NONE,
      ...(serverHostname === undefined ? {} : { host: serverHostname }),
      ...(isName ? { servername: serverHostname } : {}),
      ...(context.checkHostname ? {} : { checkServerIdentity: () => undefined }),
      ...(alpnProtocols.length === 0 ? {} : { ALPNProtocols: alpnProtocols }),
      ...(session === undefined ? {} : { session }),
    })
    const leave = () => {
      secure.off('secureConnect', secured)
      secure.off('error', failed)
      secure.off('close', closed)
    }
    const secured = () => {
      leave()
      this.complete(null, secure)
    }
    const failed = (error: Error) => {
      leave()
      secure.on('error', ignore)
      this.complete(error)
    }
    const closed = () => {
      leave()
      secure.on('error', ignore)
      this.complete(new SSLEOFError())
    }
    secure.on('secureConnect', secured)
    secure.on('error', failed)
    secure.on('close', closed)
  }

  private complete(error: Error | null, secure?: tls.TLSSocket): void {
    if (this.ended) {
      secure?.on('error', ignore)
      secure?.destroy()
      return
    }
    if (error !== null) {
      this.finish(handshakeError(error))
      return
    }
    const refused = this.refusedOptional(secure!)
    if (refused !== undefined) {
      secure!.on('error', ignore)
      secure!.destroy()
      this.finish(refused)
      return
    }
    this.ended = true
    this.raw?.off('end', this.onEnd)
    this.secure = secure!
    const { description, waiter } = this
    description.attempt = null
    description.handshakeUnreported = waiter === null
    description.adopt(new SecureTransport(secure!))
    waiter?.secured()
  }

  /** With CERT_OPTIONAL, a certificate that the peer does send must still be valid. */
  private refusedOptional(secure: tls.TLSSocket): Error | undefined {
    if (this.options.context.verifyMode !== CERT_OPTIONAL || secure.authorized) return undefined
    if (secure.getPeerX509Certificate() === undefined) return undefined
    const reason = refusal(secure)
    return reason === undefined ? new SSLCertVerificationError('CERT_INVALID', 'not authorized') : fromNode(reason)
  }

  /** If the stream ended before TLS took it over, only the raw connection reports that; TLS itself would wait forever. */
  private readonly onEnd = (): void => {
    setImmediate(() => this.finish(new SSLEOFError()))
  }

  private finish(error: Error): void {
    if (this.ended) return
    this.ended = true
    this.raw?.destroy()
    const { description, waiter } = this
    description.attempt = null
    if (waiter !== null) waiter.fail(error)
    else description.pendingError = error
    description.changed()
  }

  abort(error: Error): void {
    if (this.ended) return
    this.ended = true
    const { description } = this
    description.attempt = null
    this.raw?.destroy()
    this.waiter?.fail(error)
    description.changed()
  }
}

/** Node reports a connection that ends mid-handshake as an ECONNRESET without a `syscall`. */
function handshakeError(error: Error): Error {
  const { code, syscall } = error as { code?: unknown; syscall?: unknown }
  if (code === 'ECONNRESET' && syscall === undefined) return new SSLEOFError({ cause: error })
  return fromNode(error)
}

function ignore(): void {}
