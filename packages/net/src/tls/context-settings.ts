import type { X509Certificate } from 'node:crypto'
import type { PeerCertificate, SecureContext, SecureContextOptions } from 'node:tls'
import { show } from '@greenlit/core/engine'
import { SSLError } from '../errors/ssl-error.ts'
import { type CertChain, certChain, type LoadedChain, type Password } from './cert-chain.ts'
import { certificateOf, certificatesIn } from './certificates.ts'
import {
  OP_ALL,
  OP_CIPHER_SERVER_PREFERENCE,
  OP_NO_COMPRESSION,
  OP_NO_SSLv3,
  TLSVersion,
  type TLSVersionName,
} from './constants.ts'
import { makeContext } from './make-context.ts'
import { nodeTls } from './node-tls.ts'
import type { PemSource } from './pem.ts'
import { authoritiesIn, type VerifyLocations } from './verify-locations.ts'

/** The certificates, versions and ciphers of a context, from which Node builds its `SecureContext`. */
export abstract class ContextSettings {
  private readonly settings: SecureContextOptions & { ca: Buffer[] | undefined } = { ca: [] }
  /** The certificates of one's own, by the type of their key. */
  private readonly chains = new Map<string | undefined, LoadedChain>()
  private readonly tickets = Buffer.from(crypto.getRandomValues(new Uint8Array(48)))
  private cached: SecureContext | null = null

  /** The oldest version to accept; default Node's, 'TLSv1.2'. Setting it to none of `TLSVersion` throws {RangeError}. */
  get minimumVersion(): TLSVersionName {
    return (this.settings.minVersion ?? nodeTls().DEFAULT_MIN_VERSION) as TLSVersionName
  }

  set minimumVersion(version: TLSVersionName) {
    this.change('minVersion', checkVersion(version, 'minimumVersion'))
  }

  /** The newest version to accept; default 'TLSv1.3'. Setting it to none of `TLSVersion` throws {RangeError}. */
  get maximumVersion(): TLSVersionName {
    return (this.settings.maxVersion ?? nodeTls().DEFAULT_MAX_VERSION) as TLSVersionName
  }

  set maximumVersion(version: TLSVersionName) {
    this.change('maxVersion', checkVersion(version, 'maximumVersion'))
  }

  /**
   * A sum of OP_* (Python: SSLContext.options). Removing an option that is always on has no effect. Setting it to anything else
   * throws {TypeError} or {RangeError}.
   */
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
   * Loads the certificate to present to peers, and its private key (Python: load_cert_chain). It replaces an earlier one with the same
   * type of key; of several types, such as RSA and EC, each peer gets the one that it supports.
   *
   * @param certfile see `CertChain`
   * @param keyfile see `CertChain`, or the key and password by name
   * @param password the password of an encrypted key, or a function that returns it, called only if the key is encrypted; or
   * `{ password }`
   * @throws {OSError} if a file cannot be read; {SSLError} if the contents are not a certificate and its key
   */
  loadCertChain(
    certfile: PemSource | CertChain,
    keyfile?: PemSource | Omit<CertChain, 'certfile'>,
    password?: Password | Pick<CertChain, 'password'>,
  ): void {
    const own = certChain(certfile, keyfile, password)
    makeContext({ cert: own.cert, key: [own.key] })
    this.chains.set(certificateOf(own.cert).publicKey.asymmetricKeyType, own)
    this.invalidate()
  }

  /**
   * Adds trusted certificates to those already trusted (Python: load_verify_locations).
   *
   * @param locations a file, or `{ cafile, capath, cadata }`: a file, a directory and the certificates themselves
   * @throws {TypeError} if nothing is given; {OSError} if a file cannot be read; {SSLError} if it holds no certificate
   */
  loadVerifyLocations(locations: PemSource | VerifyLocations): void {
    const found = authoritiesIn(locations)
    const known = this.settings.ca ?? rootCertificates()
    this.change('ca', [...known, ...found])
  }

  /** Adds the certificate authorities bundled with Node to the trusted ones (Python: load_default_certs). */
  loadDefaultCerts(): void {
    const { ca } = this.settings
    this.change('ca', ca === undefined || ca.length === 0 ? undefined : [...rootCertificates(), ...ca])
  }

  /**
   * Returns the trusted CA certificates, including those loaded from a `capath` (Python: get_ca_certs).
   *
   * @param binaryForm whether to return DER rather than the objects that `SSLSocket.getpeercert` returns. Default false
   */
  getCaCerts(): PeerCertificate[]
  getCaCerts(binaryForm: true): Buffer[]
  getCaCerts(binaryForm: boolean): PeerCertificate[] | Buffer[]
  getCaCerts(binaryForm = false): PeerCertificate[] | Buffer[] {
    const authorities = this.trusted.filter((each) => each.ca)
    return binaryForm ? authorities.map((each) => each.raw) : authorities.map((each) => each.toLegacyObject())
  }

  /**
   * Counts the trusted certificates, the CA certificates among them, and the revocation lists, of which there are never any (Python:
   * cert_store_stats).
   */
  certStoreStats(): { x509: number; crl: number; x509_ca: number } {
    const { trusted } = this
    return { x509: trusted.length, crl: 0, x509_ca: trusted.filter((each) => each.ca).length }
  }

  private get trusted(): X509Certificate[] {
    return certificatesIn(this.settings.ca ?? rootCertificates())
  }

  /**
   * Sets the ciphers to allow (Python: set_ciphers).
   *
   * @param ciphers an OpenSSL cipher list, such as 'ECDHE+AESGCM'
   * @throws {SSLError} if it selects no cipher
   */
  setCiphers(ciphers: string): void {
    if (typeof ciphers !== 'string') throw new TypeError(`Expected \`ciphers\` to be a string, got ${show(ciphers)}`)
    try {
      // Node takes an empty list as its default.
      makeContext({ ciphers: ciphers === '' ? '-ALL' : ciphers })
    } catch (error) {
      if (!(error instanceof SSLError)) throw error
      throw new SSLError(error.code, 'No cipher can be selected.', { cause: error, reason: error.reason })
    }
    this.change('ciphers', ciphers)
  }

  /** @internal Whether the context can be used by a server. */
  get hasCertificate(): boolean {
    return this.chains.size > 0
  }

  /** @internal Node's context, cached until a setting changes. */
  get secureContext(): SecureContext {
    this.cached ??= makeContext(this.contextOptions)
    return this.cached
  }

  /** @internal */
  get contextOptions(): SecureContextOptions & { ticketKeys: Buffer } {
    const { ca, ...others } = this.settings
    const chains = [...this.chains.values()]
    const own = chains.length === 0 ? {} : { cert: chains.map(({ cert }) => cert), key: chains.map(({ key }) => key) }
    return { ...others, ...own, ...(ca === undefined ? {} : { ca }), ticketKeys: this.tickets }
  }

  private change<K extends keyof SecureContextOptions>(name: K, value: SecureContextOptions[K]): void {
    Object.assign(this.settings, { [name]: value })
    this.invalidate()
  }

  /** @internal Drops everything built from the previous settings. */
  protected invalidate(): void {
    this.cached = null
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
