import type tls from 'node:tls'
import type { Operation } from '@greenlit/core'
import { show } from '@greenlit/core/engine'
import { sslError } from '../errors/ssl-error.ts'
import type { Socket } from '../socket/socket.ts'
import { type CertChain, certChain } from './cert-chain.ts'
import {
  CERT_NONE,
  CERT_OPTIONAL,
  CERT_REQUIRED,
  PROTOCOL_TLS_CLIENT,
  PROTOCOL_TLS_SERVER,
  type TLSVersionName,
  type VerifyMode,
} from './constants.ts'
import { nodeTls } from './node-tls.ts'
import { type PemSource, readPem, readPemFolder } from './pem.ts'
import { ServerHandshakes } from './server-handshakes.ts'
import type { SSLSocket } from './ssl-socket.ts'
import { type WrapOptions, wrapWith } from './wrap-with.ts'

/** Where trusted certificates are. */
export interface VerifyLocations {
  /** A file of certificates (PEM), or its contents. */
  cafile?: PemSource
  /** A folder of such files. */
  capath?: string
  /** The certificates themselves (PEM). */
  cadata?: PemSource
}

/**
 * Chooses the certificate by the name that a client asks for (Python: sni_callback): sets `socket.context`, or answers an
 * `SSLContext`; `undefined` keeps this one. It may be a coroutine function. What it throws ends the handshake.
 */
export type SniCallback = (socket: SSLSocket, serverName: string, context: SSLContext) => unknown

/**
 * Certificates, keys and rules for TLS connections (Python: ssl.SSLContext). A change counts for connections that are wrapped
 * later. `createDefaultContext` makes one with safe rules.
 *
 * @example
 * const context = new SSLContext(PROTOCOL_TLS_SERVER)
 * context.loadCertChain('server.crt', 'server.key')
 * const secure = yield* context.wrapSocket(client, { serverSide: true })
 */
export class SSLContext {
  /** PROTOCOL_TLS_CLIENT or PROTOCOL_TLS_SERVER. */
  readonly protocol: number
  /** Asked by servers when a client names a host; see `SniCallback`. Default none. */
  sniCallback: SniCallback | undefined
  private readonly settings: tls.SecureContextOptions & { ca: Buffer[] | undefined } = { ca: [] }
  private readonly tickets = Buffer.from(crypto.getRandomValues(new Uint8Array(48)))
  private mode: VerifyMode
  private checksHost: boolean
  private protocols: readonly string[] = []
  private made: tls.SecureContext | null = null
  private servers: ServerHandshakes | null = null

  /** @param protocol PROTOCOL_TLS_CLIENT (default; verifies) or PROTOCOL_TLS_SERVER */
  constructor(protocol: number = PROTOCOL_TLS_CLIENT) {
    if (protocol !== PROTOCOL_TLS_CLIENT && protocol !== PROTOCOL_TLS_SERVER) {
      throw new RangeError(
        `Expected \`protocol\` to be PROTOCOL_TLS_CLIENT or PROTOCOL_TLS_SERVER, got ${show(protocol)}`,
      )
    }
    this.protocol = protocol
    this.checksHost = protocol === PROTOCOL_TLS_CLIENT
    this.mode = this.checksHost ? CERT_REQUIRED : CERT_NONE
  }

  /** How the peer's certificate counts: CERT_NONE, CERT_OPTIONAL or CERT_REQUIRED. */
  get verifyMode(): VerifyMode {
    return this.mode
  }

  set verifyMode(mode: VerifyMode) {
    if (mode !== CERT_NONE && mode !== CERT_OPTIONAL && mode !== CERT_REQUIRED) {
      throw new RangeError(`Expected \`verifyMode\` to be one of CERT_*, got ${show(mode)}`)
    }
    if (mode === CERT_NONE && this.checksHost) {
      throw new RangeError('Cannot set verifyMode to CERT_NONE when checkHostname is enabled')
    }
    this.mode = mode
    this.servers = null
  }

  /** Whether a client checks that the certificate is for the host; needs CERT_REQUIRED, and sets it. */
  get checkHostname(): boolean {
    return this.checksHost
  }

  set checkHostname(on: boolean) {
    this.checksHost = Boolean(on)
    if (this.checksHost && this.mode === CERT_NONE) this.mode = CERT_REQUIRED
  }

  /** The oldest version to agree to; default Node's, 'TLSv1.2'. */
  get minimumVersion(): TLSVersionName | undefined {
    return this.settings.minVersion as TLSVersionName | undefined
  }

  set minimumVersion(version: TLSVersionName) {
    this.change('minVersion', checkVersion(version, 'minimumVersion'))
  }

  /** The newest version to agree to; default 'TLSv1.3'. */
  get maximumVersion(): TLSVersionName | undefined {
    return this.settings.maxVersion as TLSVersionName | undefined
  }

  set maximumVersion(version: TLSVersionName) {
    this.change('maxVersion', checkVersion(version, 'maximumVersion'))
  }

  /**
   * Loads the own certificate and its key (Python: load_cert_chain).
   *
   * @param certfile see `CertChain`
   * @param keyfile see `CertChain`, or the other two by name
   * @param password of an encrypted key
   * @throws {OSError} if a file cannot be read; {SSLError} if they are not a certificate and its key
   */
  loadCertChain(
    certfile: PemSource | CertChain,
    keyfile?: PemSource | Omit<CertChain, 'certfile'>,
    password?: string,
  ): void {
    const own = certChain(certfile, keyfile, password)
    makeContext(own)
    Object.assign(this.settings, own)
    this.forget()
  }

  /**
   * Trusts certificates, beside those it trusts already (Python: load_verify_locations).
   *
   * @param locations a file, or a file, a folder and contents by name
   * @throws {TypeError} if nothing is given; {OSError} if a file cannot be read; {SSLError} if it holds no certificate
   */
  loadVerifyLocations(locations: PemSource | VerifyLocations): void {
    const given = typeof locations === 'string' || locations instanceof Uint8Array ? { cafile: locations } : locations
    const { cafile, capath, cadata } = given ?? {}
    if (cafile === undefined && capath === undefined && cadata === undefined) {
      throw new TypeError('cafile, capath and cadata cannot be all omitted')
    }
    const found = capath === undefined ? [] : readPemFolder(capath, 'capath')
    for (const [name, source] of Object.entries({ cafile, cadata })) {
      if (source !== undefined) found.push(readPem(source, name))
    }
    makeContext({ ca: found })
    const known = this.settings.ca ?? rootCertificates()
    this.change('ca', [...known, ...found])
  }

  /** Trusts the authorities that Node comes with (Python: load_default_certs). */
  loadDefaultCerts(): void {
    const { ca } = this.settings
    this.change('ca', ca === undefined || ca.length === 0 ? undefined : [...rootCertificates(), ...ca])
  }

  /**
   * Names the application protocols to agree on, the best first (Python: set_alpn_protocols).
   *
   * @param protocols names of 1 to 255 bytes, as 'h2'
   * @throws {RangeError} for others
   */
  setAlpnProtocols(protocols: readonly string[]): void {
    for (const protocol of protocols) {
      const length = typeof protocol === 'string' ? Buffer.byteLength(protocol) : 0
      if (length === 0 || length > 255) {
        throw new RangeError(`Expected \`protocols\` to be names of 1 to 255 bytes, got ${show(protocol)}`)
      }
    }
    this.protocols = [...protocols]
    this.servers = null
  }

  /**
   * Chooses the ciphers (Python: set_ciphers).
   *
   * @param ciphers in OpenSSL's form, as 'ECDHE+AESGCM'
   * @throws {SSLError} if none is known
   */
  setCiphers(ciphers: string): void {
    makeContext({ ciphers })
    this.change('ciphers', ciphers)
  }

  /**
   * Secures a connected socket, and waits for the handshake (Python: SSLContext.wrap_socket). The socket given can no longer be
   * used; its limit counts for the handshake. One that is not connected yet shakes hands in `connect`, one that listens in
   * `accept`. A kill, a timeout and a failure close the connection.
   *
   * @param sock a stream socket; bytes it has received already belong to TLS
   * @param options see `WrapOptions`
   * @throws {SSLError} and its subclasses; {TimeoutError}; {RangeError} without `serverHostname` where the host is to be checked
   */
  wrapSocket(sock: Socket, options: WrapOptions = {}): Operation<SSLSocket> {
    return wrapWith(this, sock, options)
  }

  /** @internal Whether it can be a server. */
  get hasCertificate(): boolean {
    return this.settings.cert !== undefined || this.sniCallback !== undefined
  }

  /** @internal */
  get alpnProtocols(): string[] {
    return [...this.protocols]
  }

  /** @internal What Node makes of the certificates and rules; kept until they change. */
  get secureContext(): tls.SecureContext {
    this.made ??= makeContext(this.contextOptions)
    return this.made
  }

  /** @internal */
  get contextOptions(): tls.SecureContextOptions & { ticketKeys: Buffer } {
    const { ca, ...others } = this.settings
    return { ...others, ...(ca === undefined ? {} : { ca }), ticketKeys: this.tickets }
  }

  /** @internal The server's side of handshakes. */
  get serverHandshakes(): ServerHandshakes {
    this.servers ??= new ServerHandshakes(this)
    return this.servers
  }

  private change<K extends keyof tls.SecureContextOptions>(name: K, value: tls.SecureContextOptions[K]): void {
    Object.assign(this.settings, { [name]: value })
    this.forget()
  }

  /** What was made of the settings no longer holds. */
  private forget(): void {
    this.made = null
    this.servers = null
  }
}

function rootCertificates(): Buffer[] {
  return nodeTls().rootCertificates.map((each) => Buffer.from(each))
}

function checkVersion(version: unknown, name: string): TLSVersionName {
  if (version === 'TLSv1.2' || version === 'TLSv1.3') return version
  throw new RangeError(`Expected \`${name}\` to be 'TLSv1.2' or 'TLSv1.3', got ${show(version)}`)
}

/** Makes Node's context; what it cannot read is an `SSLError`. */
function makeContext(options: tls.SecureContextOptions): tls.SecureContext {
  try {
    return nodeTls().createSecureContext(options)
  } catch (error) {
    throw sslError(error) ?? error
  }
}
