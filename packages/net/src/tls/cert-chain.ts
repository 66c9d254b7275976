import { show } from '@greenlit/core/engine'
import { SSLError } from '../errors/ssl-error.ts'
import { type PemSource, readPem } from './pem.ts'

/** A certificate of one's own and its private key, by name. */
export interface CertChain {
  /** A PEM file, or its contents, with the certificate followed by any intermediate certificates. */
  certfile: PemSource
  /** A PEM file, or its contents, with the private key. Default: read from `certfile`. */
  keyfile?: PemSource | undefined
  /** The password of an encrypted key; see `Password`. */
  password?: Password | undefined
}

/** The password of an encrypted key, or a function that returns it, called only if the key is encrypted. */
export type Password = string | Uint8Array | (() => string | Uint8Array)

/** OpenSSL's limit, in bytes. */
const LONGEST_PASSWORD = 1024

/** A certificate and its key, as Node takes them. */
export interface LoadedChain {
  readonly cert: Buffer
  readonly key: { readonly pem: Buffer; readonly passphrase?: string }
}

/** Reads the arguments of `loadCertChain`, positional or by name. */
export function certChain(certfile: unknown, keyfile: unknown, password: unknown): LoadedChain {
  if (isNamed(certfile)) return certChain(certfile.certfile, certfile.keyfile, certfile.password)
  if (isNamed(keyfile)) return certChain(certfile, keyfile.keyfile, keyfile.password)
  if (isNamed(password)) return certChain(certfile, keyfile, password.password)
  const cert = readPem(certfile, 'certfile')
  const key = keyfile === undefined ? cert : readPem(keyfile, 'keyfile')
  // OpenSSL's own words for these do not say which file is wrong.
  if (!cert.includes('CERTIFICATE-----')) throw lacks('certfile', 'certificate')
  if (!key.includes('PRIVATE KEY-----')) throw lacks(keyfile === undefined ? 'certfile' : 'keyfile', 'private key')
  const passphrase = key.includes('ENCRYPTED') || typeof password !== 'function' ? passwordIn(password) : undefined
  return { cert, key: { pem: key, ...(passphrase === undefined ? {} : { passphrase }) } }
}

function lacks(name: string, content: string): SSLError {
  return new SSLError('PEM_LIB', `PEM lib: ${name} does not contain a ${content}`, { reason: 'PEM lib' })
}

function passwordIn(password: unknown): string | undefined {
  const given: unknown = typeof password === 'function' ? password() : password
  if (given === undefined && typeof password !== 'function') return undefined
  if (typeof given !== 'string' && !(given instanceof Uint8Array)) {
    throw new TypeError(`Expected \`password\` to be a string, bytes or a function that gives one, got ${show(given)}`)
  }
  const bytes = Buffer.from(given)
  if (bytes.length > LONGEST_PASSWORD) {
    throw new RangeError(`Expected \`password\` to be at most ${LONGEST_PASSWORD} bytes, got ${bytes.length}`)
  }
  return bytes.toString()
}

function isNamed(value: unknown): value is Partial<CertChain> {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array)
}
