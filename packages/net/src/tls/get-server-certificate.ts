import type { Coroutine, Operation } from '@greenlit/core'
import { Call, checkOptions } from '@greenlit/core/engine'
import type { InetAddress } from '../address/address.ts'
import { type CreateConnectionOptions, createConnection } from '../socket/create-connection.ts'
import { CERT_NONE, CERT_REQUIRED } from './constants.ts'
import { certificatePem, type PemSource } from './pem.ts'
import { contextOf } from './wrap-socket.ts'

/** Options of `getServerCertificate`. */
export interface ServerCertificateOptions {
  /** Certificates to trust. Without them the server's certificate is not verified. */
  caCerts?: PemSource | undefined
  /** The time limit of connecting and of the handshake, each in milliseconds. */
  timeout?: number | undefined
}

/**
 * Fetches a server's certificate (Python: ssl.get_server_certificate).
 *
 * @param address `[host, port]`
 * @param options see `ServerCertificateOptions`
 * @returns the certificate as PEM
 * @throws {OSError} if connecting fails; {SSLError} if the handshake fails, for example because the certificate is not trusted;
 * {TimeoutError} when the limit expires. A kill closes the connection
 * @example
 * const pem = yield* getServerCertificate(['localhost', 8443])
 */
export function getServerCertificate(address: InetAddress, options?: ServerCertificateOptions): Operation<string> {
  return new Call(fetchCertificate, [address, checkOptions(options)])
}

function* fetchCertificate(address: InetAddress, { caCerts, timeout }: ServerCertificateOptions): Coroutine<string> {
  const context = contextOf(
    caCerts === undefined ? { certReqs: CERT_NONE } : { caCerts, certReqs: CERT_REQUIRED },
    false,
  )
  const options: CreateConnectionOptions = timeout === undefined ? {} : { timeout }
  const plain = yield* createConnection(address, options)
  const secure = yield* context.wrapSocket(plain, { serverHostname: address[0] })
  try {
    return certificatePem(secure.getpeercert(true)!)
  } finally {
    secure.close()
  }
}
