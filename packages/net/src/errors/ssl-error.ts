import { isIP } from 'node:net'
import { branded } from '@greenlit/core/engine'
import { OSError, type OSErrorOptions } from './os-error.ts'

/**
 * A TLS failure: in a handshake, a certificate or a record (Python: ssl.SSLError).
 *
 * @example
 * const secure = yield* attempt(createDefaultContext().wrapSocket(client, { serverHostname: 'localhost' }))
 * if (!secure.ok && secure.error instanceof SSLError) console.log(secure.error.reason)
 */
export class SSLError extends /* @__PURE__ */ branded('SSLError', OSError) {
  /** OpenSSL's symbol for the reason, such as 'WRONG_VERSION_NUMBER'; '' if it gave none. */
  readonly reason: string

  /** @param options those of `OSError`, and `reason` in words, such as 'wrong version number' */
  constructor(code: string, strerror: string, options: OSErrorOptions & { reason?: string | undefined } = {}) {
    const reason = (options.reason ?? '').toUpperCase().replaceAll(/\W+/g, '_')
    super(code, { ...options, strerror: reason === '' ? strerror : `[SSL: ${reason}] ${strerror}` })
    this.reason = reason
  }
}

/** OpenSSL's verification errors (X509_V_ERR_*) by Node's error codes. The words of Node's messages vary with its version. */
const VERIFY_ERRORS: Readonly<Record<string, readonly [code: number, message?: string]>> = {
  UNABLE_TO_GET_ISSUER_CERT: [2, 'unable to get issuer certificate'],
  UNABLE_TO_GET_CRL: [3, 'unable to get certificate CRL'],
  CERT_SIGNATURE_FAILURE: [7, 'certificate signature failure'],
  CERT_NOT_YET_VALID: [9, 'certificate is not yet valid'],
  CERT_HAS_EXPIRED: [10, 'certificate has expired'],
  DEPTH_ZERO_SELF_SIGNED_CERT: [18, 'self-signed certificate'],
  SELF_SIGNED_CERT_IN_CHAIN: [19, 'self-signed certificate in certificate chain'],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [20, 'unable to get local issuer certificate'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [21, 'unable to verify the first certificate'],
  CERT_CHAIN_TOO_LONG: [22, 'certificate chain too long'],
  CERT_REVOKED: [23, 'certificate revoked'],
  INVALID_CA: [24],
  PATH_LENGTH_EXCEEDED: [25, 'path length constraint exceeded'],
  INVALID_PURPOSE: [26],
  CERT_UNTRUSTED: [27, 'certificate not trusted'],
  CERT_REJECTED: [28, 'certificate rejected'],
  HOSTNAME_MISMATCH: [62],
  ERR_TLS_CERT_ALTNAME_INVALID: [62],
}

/**
 * The peer's certificate is not trusted, or is for another host (Python: ssl.SSLCertVerificationError).
 *
 * @example
 * const secure = yield* attempt(createDefaultContext().wrapSocket(client, { serverHostname: 'localhost' }))
 * if (!secure.ok && secure.error instanceof SSLCertVerificationError) console.log(secure.error.verifyMessage)
 */
export class SSLCertVerificationError extends /* @__PURE__ */ branded('SSLCertVerificationError', SSLError) {
  /** What is wrong with the certificate. */
  readonly verifyMessage: string
  /** OpenSSL's number for the error, such as 18 for a self-signed certificate; `undefined` if it has none. */
  readonly verifyCode: number | undefined

  /** @param options those of `OSError`, and `verifyCode` if it does not follow from `code` */
  constructor(code: string, verifyMessage: string, options: OSErrorOptions & { verifyCode?: number | undefined } = {}) {
    super(code, `certificate verify failed: ${verifyMessage}`, { ...options, reason: 'certificate verify failed' })
    this.verifyMessage = verifyMessage
    this.verifyCode = options.verifyCode ?? VERIFY_ERRORS[code]?.[0]
  }
}

/**
 * The connection ended in the middle of the handshake (Python: ssl.SSLEOFError).
 *
 * @example
 * const secure = yield* attempt(createDefaultContext().wrapSocket(client, { serverHostname: 'localhost' }))
 * if (!secure.ok && secure.error instanceof SSLEOFError) console.log('not a TLS server')
 */
export class SSLEOFError extends /* @__PURE__ */ branded('SSLEOFError', SSLError) {
  constructor(options: OSErrorOptions = {}) {
    super('EOF', 'EOF occurred in violation of protocol', { ...options, reason: 'unexpected eof while reading' })
  }
}

/**
 * A non-blocking call found nothing to receive, or the handshake still in progress. Wait with `select` for the socket to become
 * readable, then retry (Python: ssl.SSLWantReadError).
 *
 * @example
 * const received = yield* attempt(secure.recv(1024))
 * if (!received.ok && received.error instanceof SSLWantReadError) yield* select([secure], [], [])
 */
export class SSLWantReadError extends /* @__PURE__ */ branded('SSLWantReadError', SSLError) {
  constructor() {
    super('WANT_READ', 'The operation did not complete (read)')
  }
}

/**
 * A non-blocking call found no buffer space to send into. Wait with `select` for the socket to become writable, then retry (Python:
 * ssl.SSLWantWriteError).
 *
 * @example
 * const sent = yield* attempt(secure.send('hello'))
 * if (!sent.ok && sent.error instanceof SSLWantWriteError) yield* select([], [secure], [])
 */
export class SSLWantWriteError extends /* @__PURE__ */ branded('SSLWantWriteError', SSLError) {
  constructor() {
    super('WANT_WRITE', 'The operation did not complete (write)')
  }
}

/** Matches Node's error codes for certificate problems. */
const VERIFICATION =
  /^(UNABLE_TO_|CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|ERROR_IN_CERT|INVALID_(CA|PURPOSE)|PATH_LENGTH|HOSTNAME_MISMATCH|ERR_TLS_CERT_)/

/** The fields of Node's TLS errors. */
interface NodeTlsError {
  code?: string
  reason?: string
  library?: string
  message?: string
  /** The host that a certificate is not valid for. */
  host?: string
}

/** Translates a Node TLS error; returns `undefined` for any other error. */
export function sslError(error: unknown): SSLError | undefined {
  const { code, library, message, ...details } = error as NodeTlsError
  if (typeof code !== 'string') return undefined
  if (VERIFICATION.test(code)) return verificationError(error as NodeTlsError, code)
  if (!/^ERR_(SSL|TLS|OSSL)_/.test(code) && (code !== 'EPROTO' || library === undefined)) return undefined
  // OpenSSL has renamed these messages, but not the symbols.
  const reason = details.reason?.replace(/^ssl\/tls alert/, 'sslv3 alert')
  const symbol = code.replace('SSL/TLS_ALERT', 'SSLV3_ALERT')
  const words = reason ?? symbol.replace(/^ERR_(SSL|TLS|OSSL)_/, '')
  return new SSLError(symbol, reason ?? message ?? code, { cause: error, reason: words })
}

function verificationError(error: NodeTlsError, code: string): SSLError {
  const { host, message = code } = error
  if (code !== 'ERR_TLS_CERT_ALTNAME_INVALID' || host === undefined) {
    return new SSLCertVerificationError(code, VERIFY_ERRORS[code]?.[1] ?? message, { cause: error })
  }
  const isAddress = isIP(host) !== 0
  const words = `${isAddress ? 'IP address' : 'Hostname'} mismatch, certificate is not valid for '${host}'.`
  return new SSLCertVerificationError(code, words, { cause: error, verifyCode: isAddress ? 64 : 62 })
}
