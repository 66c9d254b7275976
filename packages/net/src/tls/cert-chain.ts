import type { SecureContextOptions } from 'node:tls'
import { type PemSource, readPem } from './pem.ts'

/** The own certificate, by name. */
export interface CertChain {
  /** A PEM file with the certificate and those between it and the authority, or its contents. */
  certfile: PemSource
  /** A PEM file with the key, or its contents. Default: it is in `certfile`. */
  keyfile?: PemSource
  /** Of an encrypted key. */
  password?: string
}

/** Reads what `loadCertChain` is given, in either form. */
export function certChain(certfile: unknown, keyfile: unknown, password: string | undefined): SecureContextOptions {
  if (isNamed(certfile)) return certChain(certfile.certfile, certfile.keyfile, certfile.password)
  if (isNamed(keyfile)) return certChain(certfile, keyfile.keyfile, keyfile.password)
  const cert = readPem(certfile, 'certfile')
  const key = keyfile === undefined ? cert : readPem(keyfile, 'keyfile')
  return { cert, key, ...(password === undefined ? {} : { passphrase: password }) }
}

function isNamed(value: unknown): value is Partial<CertChain> {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array)
}
