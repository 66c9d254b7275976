import type { X509Certificate } from 'node:crypto'
import type { PeerCertificate, SecureContext, SecureContextOptions } from 'node:tls'
import { show } from '@greenlit/core/engine'
import { type CertChain, certChain, type Password } from './cert-chain.ts'
import { certificatesIn } from './certificates.ts'
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

/** The certificates, versions and ciphers of a context: what Node keeps as a `SecureContext`. */
export abstract class ContextSettings {
  private readonly settings: SecureContextOptions & { ca: Buffer[] | undefined } = { ca: [] }
  private readonly tickets = Buffer.from(crypto.getRandomValues(new Uint8Array(48)))
  private made: SecureContext | null = null

  /** The oldest version to agree to; default Node's, 'TLSv1.2'. Throws {RangeError} if set to none of `TLSVersion`. */
  get minimumVersion(): TLSVersionName {
    return (this.settings.minVersion ?? nodeTls().DEFAULT_MIN_VERSION) as TLSVersionName
  }

  set minimumVersion(version: TLSVersionName) {
    this.change('minVersion', checkVersion(version, 'minimumVersion'))
  }

  /** The newest version to agree to; default 'TLSv1.3'. Throws {RangeError} if set to none of `TLSVersion`. */
  get maximumVersion(): TLSVersionName {
    return (this.settings.maxVersion ?? nodeTls().DEFAULT_MAX_VERSION) as TLSVersionName
  }

  set maximumVersion(version: TLSVersionName) {
    this.change('maxVersion', checkVersion(version, 'maximumVersion'))
  }

  /**
   * A sum of OP_* (Python: SSLContext.options). Taking one out that is always on has no effect. Throws {TypeError} or {RangeError}
   * if set to anything else.
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
    const found = authoritiesIn(locations)
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

  /**
   * How many certificates it trusts, how many of them are authorities', and how many lists of revoked ones (Python:
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
   * Chooses the ciphers (Python: set_ciphers).
   *
   * @param ciphers in OpenSSL's form, as 'ECDHE+AESGCM'
   * @throws {SSLError} if none is known
   */
  setCiphers(ciphers: string): void {
    if (typeof ciphers !== 'string') throw new TypeError(`Expected \`ciphers\` to be a string, got ${show(ciphers)}`)
    makeContext({ ciphers })
    this.change('ciphers', ciphers)
  }

  /** @internal Whether it can be a server. */
  get hasCertificate(): boolean {
    return this.settings.cert !== undefined
  }

  /** @internal What Node makes of the certificates and rules; kept until they change. */
  get secureContext(): SecureContext {
    this.made ??= makeContext(this.contextOptions)
    return this.made
  }

  /** @internal */
  get contextOptions(): SecureContextOptions & { ticketKeys: Buffer } {
    const { ca, ...others } = this.settings
    return { ...others, ...(ca === undefined ? {} : { ca }), ticketKeys: this.tickets }
  }

  private change<K extends keyof SecureContextOptions>(name: K, value: SecureContextOptions[K]): void {
    Object.assign(this.settings, { [name]: value })
    this.forget()
  }

  /** @internal What was made of the settings no longer holds. */
  protected forget(): void {
    this.made = null
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
