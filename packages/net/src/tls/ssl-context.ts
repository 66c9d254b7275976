import type { Operation } from '@greenlit/core'
import { checkCallable, show } from '@greenlit/core/engine'
import type { InetSocket, Socket } from '../socket/socket.ts'
import {
  CERT_NONE,
  CERT_OPTIONAL,
  CERT_REQUIRED,
  PROTOCOL_TLS_CLIENT,
  PROTOCOL_TLS_SERVER,
  type VerifyMode,
} from './constants.ts'
import { ContextSettings } from './context-settings.ts'
import { ServerHandshakes } from './server-handshakes.ts'
import type { InetSSLSocket, SSLSocket } from './ssl-socket.ts'
import { type WrapOptions, wrapWith } from './wrap-with.ts'

/**
 * Chooses the certificate by the server name that a client requests (Python: sni_callback): sets `socket.context` or returns an
 * `SSLContext`; `undefined` keeps the current one. Only the certificates of the context that it chooses apply; verification and
 * protocols stay those of the first. It may be a coroutine function. If it throws, the handshake fails.
 */
export type SniCallback = (socket: SSLSocket, serverName: string, context: SSLContext) => unknown

/**
 * Certificates, keys and settings for TLS connections (Python: ssl.SSLContext). Changes apply to sockets wrapped afterwards.
 * `createDefaultContext` creates one with secure defaults.
 *
 * @example
 * const context = new SSLContext(PROTOCOL_TLS_SERVER)
 * context.loadCertChain('server.crt', 'server.key')
 * const secure = yield* context.wrapSocket(client, { serverSide: true })
 */
export class SSLContext extends ContextSettings {
  /** PROTOCOL_TLS_CLIENT or PROTOCOL_TLS_SERVER. */
  readonly protocol: number
  private mode: VerifyMode
  private checksHost: boolean
  private protocols: readonly string[] = []
  private handshakes: ServerHandshakes | null = null
  private serverNameCallback: SniCallback | undefined

  /** @param protocol PROTOCOL_TLS_CLIENT (default; verifies certificates) or PROTOCOL_TLS_SERVER */
  constructor(protocol: number = PROTOCOL_TLS_CLIENT) {
    super()
    if (protocol !== PROTOCOL_TLS_CLIENT && protocol !== PROTOCOL_TLS_SERVER) {
      throw new RangeError(
        `Expected \`protocol\` to be PROTOCOL_TLS_CLIENT or PROTOCOL_TLS_SERVER, got ${show(protocol)}`,
      )
    }
    this.protocol = protocol
    this.checksHost = protocol === PROTOCOL_TLS_CLIENT
    this.mode = this.checksHost ? CERT_REQUIRED : CERT_NONE
  }

  /** Called on the server side when a client names a host; see `SniCallback`. Default none. Throws {TypeError} for a non-function. */
  get sniCallback(): SniCallback | undefined {
    return this.serverNameCallback
  }

  set sniCallback(callback: SniCallback | undefined) {
    if (callback !== undefined && callback !== null) checkCallable(callback, 'sniCallback')
    this.serverNameCallback = callback ?? undefined
  }

  /**
   * How the peer's certificate is treated: CERT_NONE, CERT_OPTIONAL or CERT_REQUIRED. Setting it to anything else throws {TypeError}
   * or {RangeError}, as does CERT_NONE while `checkHostname` is on.
   */
  get verifyMode(): VerifyMode {
    return this.mode
  }

  set verifyMode(mode: VerifyMode) {
    if (mode !== CERT_NONE && mode !== CERT_OPTIONAL && mode !== CERT_REQUIRED) {
      const message = `Expected \`verifyMode\` to be one of CERT_*, got ${show(mode)}`
      throw typeof mode === 'number' ? new RangeError(message) : new TypeError(message)
    }
    if (mode === CERT_NONE && this.checksHost) {
      throw new RangeError('Cannot set verifyMode to CERT_NONE when checkHostname is enabled')
    }
    this.mode = mode
    this.handshakes = null
  }

  /** Whether a client checks that the certificate matches the host. Turning it on changes CERT_NONE to CERT_REQUIRED. */
  get checkHostname(): boolean {
    return this.checksHost
  }

  set checkHostname(on: boolean) {
    this.checksHost = Boolean(on)
    if (this.checksHost && this.mode === CERT_NONE) this.verifyMode = CERT_REQUIRED
  }

  /**
   * Sets the application protocols to negotiate, in order of preference (Python: set_alpn_protocols).
   *
   * @param protocols names of 1 to 255 ASCII characters each, such as 'h2'
   * @throws {TypeError} if it is not an array of strings; {RangeError} for any other name
   */
  setAlpnProtocols(protocols: readonly string[]): void {
    if (!Array.isArray(protocols)) {
      throw new TypeError(`Expected \`protocols\` to be a list of names, got ${show(protocols)}`)
    }
    for (const protocol of protocols as readonly string[]) {
      const message = `Expected \`protocols\` to be names of 1 to 255 ASCII characters, got ${show(protocol)}`
      if (typeof protocol !== 'string') throw new TypeError(message)
      if (!/^[\0-\x7f]{1,255}$/.test(protocol)) throw new RangeError(message)
    }
    this.protocols = [...protocols]
    this.handshakes = null
  }

  /**
   * Wraps a connected socket in TLS and waits for the handshake (Python: SSLContext.wrap_socket). The given socket is detached and can
   * no longer be used; its timeout applies to the handshake. A socket that is not connected yet performs the handshake in `connect`,
   * a listening one in `accept`. A kill, a timeout or a failure closes the connection.
   *
   * @param sock a stream socket; bytes already received but not yet read are treated as TLS data
   * @param options see `WrapOptions`
   * @throws {SSLError} and its subclasses; {TimeoutError}; {RangeError} if the host is to be checked but `serverHostname` is missing
   */
  wrapSocket(sock: InetSocket, options?: WrapOptions): Operation<InetSSLSocket>
  wrapSocket(sock: Socket, options?: WrapOptions): Operation<SSLSocket>
  wrapSocket(sock: Socket, options: WrapOptions = {}): Operation<SSLSocket> {
    return wrapWith(this, sock, options)
  }

  /** @internal */
  override get hasCertificate(): boolean {
    return super.hasCertificate || this.sniCallback !== undefined
  }

  /** @internal */
  get alpnProtocols(): string[] {
    return [...this.protocols]
  }

  /** @internal Performs the server side of handshakes. */
  get serverHandshakes(): ServerHandshakes {
    this.handshakes ??= new ServerHandshakes(this)
    return this.handshakes
  }

  /** @internal */
  protected override invalidate(): void {
    super.invalidate()
    this.handshakes = null
  }
}
