import type { Operation } from '@greenlit/core'
import { checkOptions, show } from '@greenlit/core/engine'
import type { InetSocket, Socket } from '../socket/socket.ts'
import type { Password } from './cert-chain.ts'
import { CERT_NONE, CERT_REQUIRED, PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER, type VerifyMode } from './constants.ts'
import type { PemSource } from './pem.ts'
import { SSLContext } from './ssl-context.ts'
import type { InetSSLSocket, SSLSocket } from './ssl-socket.ts'
import type { WrapOptions } from './wrap-with.ts'

/** Options from which a context is created. */
export interface ContextOptions {
  /** The certificate to present to the peer: a PEM file, or its contents. */
  certfile?: PemSource | undefined
  /** The certificate's private key. Default: read from `certfile`. */
  keyfile?: PemSource | undefined
  /** The password of an encrypted key; see `Password`. */
  password?: Password | undefined
  /** Certificates to trust. Default for clients: the authorities bundled with Node. */
  caCerts?: PemSource | undefined
  /** How the peer's certificate is treated. Default CERT_REQUIRED for clients and for servers with `caCerts`, else CERT_NONE. */
  certReqs?: VerifyMode | undefined
  /** The allowed ciphers, as an OpenSSL cipher list. */
  ciphers?: string | undefined
  /** The application protocols to negotiate, in order of preference. */
  alpnProtocols?: readonly string[] | undefined
}

/** Options of `wrapSocket`. */
export interface WrapSocketOptions extends WrapOptions, ContextOptions {
  /** A context to use instead of one created from the other options. */
  context?: SSLContext | undefined
}

/**
 * Wraps a socket in TLS with a given context or one created from the options (Python: ssl.wrap_socket, but clients verify by
 * default). For many connections, create the context once and call its `wrapSocket`, which otherwise does the same.
 *
 * @param sock a stream socket
 * @param options see `WrapSocketOptions`
 * @throws the errors of `SSLContext.wrapSocket` and, for a bad certificate or key, of `loadCertChain`
 * @example
 * const secure = yield* wrapSocket(client, { serverHostname: 'localhost', caCerts: 'authority.crt' })
 */
export function wrapSocket(sock: InetSocket, options?: WrapSocketOptions): Operation<InetSSLSocket>
export function wrapSocket(sock: Socket, options?: WrapSocketOptions): Operation<SSLSocket>
export function wrapSocket(sock: Socket, options?: WrapSocketOptions): Operation<SSLSocket> {
  const given = checkOptions(options)
  const context = checkContext(given.context, 'context') ?? contextOf(given, given.serverSide ?? false)
  return context.wrapSocket(sock, given)
}

/** Checks an optional context. */
export function checkContext(context: SSLContext | undefined | null, name: string): SSLContext | undefined {
  if (context === undefined || context === null) return undefined
  if (typeof context.wrapSocket === 'function') return context
  throw new TypeError(`Expected \`${name}\` to be an SSLContext, got ${show(context)}`)
}

/** Creates the context that the options describe. */
export function contextOf(options: ContextOptions, serverSide: boolean): SSLContext {
  const { certfile, keyfile, password, caCerts, ciphers, alpnProtocols } = options
  const context = new SSLContext(serverSide ? PROTOCOL_TLS_SERVER : PROTOCOL_TLS_CLIENT)
  const certReqs = options.certReqs ?? (serverSide && caCerts === undefined ? CERT_NONE : CERT_REQUIRED)
  if (certReqs === CERT_NONE) context.checkHostname = false
  context.verifyMode = certReqs
  if (certfile !== undefined) context.loadCertChain(certfile, keyfile, password)
  if (caCerts !== undefined) context.loadVerifyLocations(caCerts)
  else if (!serverSide) context.loadDefaultCerts()
  if (ciphers !== undefined) context.setCiphers(ciphers)
  if (alpnProtocols !== undefined) context.setAlpnProtocols(alpnProtocols)
  return context
}
