import type { SecureContext, SecureContextOptions } from 'node:tls'
import { sslError } from '../errors/ssl-error.ts'
import { nodeTls } from './node-tls.ts'

/** Creates Node's context. Certificates, keys and ciphers that OpenSSL rejects throw `SSLError`. */
export function makeContext(options: SecureContextOptions): SecureContext {
  try {
    return nodeTls().createSecureContext(options)
  } catch (error) {
    throw sslError(error) ?? error
  }
}
