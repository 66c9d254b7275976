import type { X509Certificate } from 'node:crypto'
import type tls from 'node:tls'
import type { PeerCertificate } from 'node:tls'
import type { Operation } from '@greenlit/core'
import { checkCallable, show } from '@greenlit/core/engine'
import { sslError } from '../errors/ssl-error.ts'
import type { Socket } from '../socket/socket.ts'
import { type CertChain, certChain, type Password } from './cert-chain.ts'
import { certificatesIn } from './certificates.ts'
import {
  CERT_NONE,
  CERT_OPTIONAL,
  CERT_REQUIRED,
  OP_ALL,
  OP_CIPHER_SERVER_PREFERENCE,
  OP_NO_COMPRESSION,
  OP_NO_SSLv3,
  PROTOCOL_TLS_CLIENT,
  PROTOCOL_TLS_SERVER,
  TLSVersion,
  type TLSVersionName,
  type VerifyMode,
} from './constants.ts'
import { nodeTls } from './node-tls.ts'
import { type PemSource, readAuthorities, readCertificates, readPemFolder } from './pem.ts'
import { ServerHandshakes } from './server-handshakes.ts'
import type { SSLSocket } from './ssl-socket.ts'
import { type WrapOptions, wrapWith } from './wrap-with.ts'

/** Where trusted certificates are. */
export interface VerifyLocations {
  /** A file of certificates (PEM), or its contents. */
  cafile?: PemSource
  /** A folder of such files. */
  capath?: string
  /** The certificates themselves: PEM, or DER as bytes. */
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
  private readonly settings: tls.SecureContextOptions & { ca: Buffer[] | undefined } = { ca: [] }
  private readonly tickets = Buffer.from(crypto.getRandomValues(new Uint8Array(48)))
  private mode: VerifyMode
  private checksHost: boolean
  private protocols: readonly string[] = []
  private made: tls.SecureContext | null = null
  private servers: ServerHandshakes | null = null
  private chooser: SniCallback | undefined

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

  /** Asked by servers when a client names a host; see `SniCallback`. Default none. */
  get sniCallback(): SniCallback | undefined {
    return this.chooser
  }

  set sniCallback(callback: SniCallback | undefined) {
    if (callback !== undefined && callback !== null) checkCallable(callback, 'sniCallback')
    this.chooser = callback ?? undefined
  }

  /** How the peer's certificate counts: CERT_NONE, CERT_OPTIONAL or CERT_REQUIRED. */
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
  get minimumVersion(): TLSVersionName {
    return (this.settings.minVersion ?? nodeTls().DEFAULT_MIN_VERSION) as TLSVersionName
  }

  set minimumVersion(version: TLSVersionName) {
    this.change('minVersion', checkVersion(version, 'minimumVersion'))
  }

  /** The newest version to agree to; default 'TLSv1.3'. */
  get maximumVersion(): TLSVersionName {
    return (this.settings.maxVersion ?? nodeTls().DEFAULT_MAX_VERSION) as TLSVersionName
  }

  set maximumVersion(version: TLSVersionName) {
    this.change('maxVersion', checkVersion(version, 'maximumVersion'))
  }

  /** A sum of OP_* (Python: SSLContext.options). Taking one out that is always on has no effect. */
  get options(): number {
    return this.settings.secureOptions ?? DEFAULT_OPTIONS
  }

  set options(options: number) {
    const message = `Expected \`options\` to be a sum of OP_*, got ${show(options)}`
    if (!Number.isInteger(options)) throw new TypeError(message)
    if (options < 0 || options > 0x7fffffff) throw new RangeError(message)
    this.change('secureOptions', options)
  }

  /**
   * Loads the own certificate and its key (Python: load_cert_chain).
   *
   * @param certfile see `CertChain`
   * @param keyfile see `CertChain`, or the other two by name
   * @param password of an encrypted key, or a function that gives it, called only if the key is encrypted
   * @throws {OSError} if a file cannot be read; {SSLError} if they are not a certificate and its key
   */
  loadCertChain(
    certfile: PemSource | CertChain,
    keyfile?: PemSource | Omit<CertChain, 'certfile'>,
    password?: Password,
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
    if (cafile !== undefined) found.push(readAuthorities(cafile, 'cafile'))
    if (cadata !== undefined) found.push(readCertificates(cadata, 'cadata'))
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
   * The certificates of authorities that it trusts (Python: get_ca_certs), those of a `capath` too.
   *
   * @param binaryForm whether to give DER; else as `SSLSocket.getpeercert` shows them. Default false
   */
  getCaCerts(): PeerCertificate[]
  getCaCerts(binaryForm: true): Buffer[]
  getCaCerts(binaryForm: boolean): PeerCertificate[] | Buffer[]
  getCaCerts(binaryForm = false): PeerCertificate[] | Buffer[] {
    const authorities = this.trusted.filter((each) => each.ca)
    return binaryForm ? authorities.map((each) => each.raw) : authorities.map((each) => each.toLegacyObject())
  }

  /** How many certificates it trusts, how many of them are authorities', and how many lists of revoked ones (Python: cert_store_stats). */
  certStoreStats(): { x509: number; crl: number; x509_ca: number } {
    const { trusted } = this
    return { x509: trusted.length, crl: 0, x509_ca: trusted.filter((each) => each.ca).length }
  }

  private get trusted(): X509Certificate[] {
    return certificatesIn(this.settings.ca ?? rootCertificates())
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

const DEFAULT_OPTIONS = OP_ALL | OP_NO_SSLv3 | OP_NO_COMPRESSION | OP_CIPHER_SERVER_PREFERENCE

function rootCertificates(): Buffer[] {
  return nodeTls().rootCertificates.map((each) => Buffer.from(each))
}

function checkVersion(version: unknown, name: string): TLSVersionName {
  const known: unknown[] = Object.values(TLSVersion)
  if (known.includes(version)) return version as TLSVersionName
  throw new RangeError(`Expected \`${name}\` to be one of TLSVersion, got ${show(version)}`)
}

/** Makes Node's context; what it cannot read is an `SSLError`. */
function makeContext(options: tls.SecureContextOptions): tls.SecureContext {
  try {
    return nodeTls().createSecureContext(options)
  } catch (error) {
    throw sslError(error) ?? error
  }
}
