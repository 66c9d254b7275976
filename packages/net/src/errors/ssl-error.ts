import { branded } from '@greenlit/core/engine'
import { OSError, type OSErrorOptions } from './os-error.ts'

/** TLS failed: a handshake, a certificate, a record (Python: ssl.SSLError). */
export class SSLError extends /* @__PURE__ */ branded('SSLError', OSError) {
  /** OpenSSL's words for it, as 'wrong version number'; '' if it gave none. */
  readonly reason: string

  constructor(code: string, strerror: string, options: OSErrorOptions & { reason?: string } = {}) {
    super(code, { ...options, strerror })
    this.reason = options.reason ?? ''
  }
}

/** The peer's certificate is not to be trusted, or is for another host (Python: ssl.SSLCertVerificationError). */
export class SSLCertVerificationError extends /* @__PURE__ */ branded('SSLCertVerificationError', SSLError) {
  /** What is wrong with it. */
  readonly verifyMessage: string

  constructor(code: string, verifyMessage: string, options: OSErrorOptions = {}) {
    super(code, `certificate verify failed: ${verifyMessage}`, { ...options, reason: 'certificate verify failed' })
    this.verifyMessage = verifyMessage
  }
}

/** The connection ended in the middle of a handshake (Python: ssl.SSLEOFError). */
export class SSLEOFError extends /* @__PURE__ */ branded('SSLEOFError', SSLError) {
  constructor(options: OSErrorOptions = {}) {
    super('EOF', 'EOF occurred in violation of protocol', { ...options, reason: 'unexpected eof while reading' })
  }
}

/** The handshake goes on and the call may not wait: `select` tells when to call again (Python: ssl.SSLWantReadError). */
export class SSLWantReadError extends /* @__PURE__ */ branded('SSLWantReadError', SSLError) {
  constructor() {
    super('WANT_READ', 'The operation did not complete (read)')
  }
}

/** Node's names for what is wrong with a certificate. */
const VERIFICATION =
  /^(UNABLE_TO_|CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|ERROR_IN_CERT|INVALID_(CA|PURPOSE)|PATH_LENGTH|HOSTNAME_MISMATCH|ERR_TLS_CERT_)/

/** The error for one of Node's TLS errors; `undefined` if it is none. */
export function sslError(error: unknown): SSLError | undefined {
  const { code, reason, library, message } = error as Partial<Record<'code' | 'reason' | 'library' | 'message', string>>
  if (typeof code !== 'string') return undefined
  if (VERIFICATION.test(code)) return new SSLCertVerificationError(code, message ?? code, { cause: error })
  if (!/^ERR_(SSL|TLS|OSSL)_/.test(code) && (code !== 'EPROTO' || library === undefined)) return undefined
  const words = reason ?? message ?? code
  return new SSLError(code, words, { cause: error, reason: words })
}
