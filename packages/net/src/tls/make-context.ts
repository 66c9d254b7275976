import type { SecureContext, SecureContextOptions } from 'node:tls'
import { sslError } from '../errors/ssl-error.ts'
import { nodeTls } from './node-tls.ts'

/** Makes Node's context; what it cannot read is an `SSLError`. */
export function makeContext(options: SecureContextOptions): SecureContext {
  try {
    return nodeTls().createSecureContext(options)
  } catch (error) {
    throw sslError(error) ?? error
  }
}
