import type { Operation } from '@greenlit/core'
import { checkOptions, show } from '@greenlit/core/engine'
import type { Socket } from '../socket/socket.ts'
import type { Password } from './cert-chain.ts'
import { CERT_NONE, CERT_REQUIRED, PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER, type VerifyMode } from './constants.ts'
import type { PemSource } from './pem.ts'
import { SSLContext } from './ssl-context.ts'
import type { SSLSocket } from './ssl-socket.ts'
import type { WrapOptions } from './wrap-with.ts'

/** What a context is made of, where none is given. */
export interface ContextOptions {
  /** The own certificate: a PEM file, or its contents. */
  certfile?: PemSource
  /** The key to it. Default: it is in `certfile`. */
  keyfile?: PemSource
  /** Of an encrypted key; see `Password`. */
  password?: Password
  /** Certificates to trust. Default for clients: the authorities that Node comes with. */
  caCerts?: PemSource
  /** How the peer's certificate counts. Default CERT_REQUIRED for clients, and for servers with `caCerts`; else CERT_NONE. */
  certReqs?: VerifyMode
  /** In OpenSSL's form. */
  ciphers?: string
  /** Application protocols, the best first. */
  alpnProtocols?: readonly string[]
}

/** How `wrapSocket` secures a socket. */
export interface WrapSocketOptions extends WrapOptions, ContextOptions {
  /** A context to use in place of the options that make one. */
  context?: SSLContext
}

/**
 * Secures a socket with a context made for it, or with a given one (Python: ssl.wrap_socket, but a client verifies by default).
 * For many connections make the context once and call its `wrapSocket`, which this is otherwise the same as.
 *
 * @param sock a stream socket
 * @param options see `WrapSocketOptions`
 * @throws as `SSLContext.wrapSocket` does, and for a bad certificate or key as `loadCertChain`
 * @example
 * const secure = yield* wrapSocket(client, { serverHostname: 'localhost', caCerts: 'authority.crt' })
 */
export function wrapSocket(sock: Socket, options?: WrapSocketOptions): Operation<SSLSocket> {
  const given = checkOptions(options)
  const context = checkContext(given.context, 'context') ?? contextOf(given, given.serverSide ?? false)
  return context.wrapSocket(sock, given)
}

/** Checks a context that may be left out. */
export function checkContext(context: SSLContext | undefined | null, name: string): SSLContext | undefined {
  if (context === undefined || context === null) return undefined
  if (typeof context.wrapSocket === 'function') return context
  throw new TypeError(`Expected \`${name}\` to be an SSLContext, got ${show(context)}`)
}

/** The context that options describe. */
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
