import { domainToASCII } from 'node:url'
import type { Coroutine, Operation } from '@greenlit/core'
import { Call, checkOptions, show } from '@greenlit/core/engine'
import { osError } from '../errors/make.ts'
import { SSLError } from '../errors/ssl-error.ts'
import { Socket } from '../socket/socket.ts'
import { StreamDescription } from '../socket/stream-description.ts'
import { PROTOCOL_TLS_CLIENT } from './constants.ts'
import { noCertificate } from './server-handshakes.ts'
import type { SSLContext } from './ssl-context.ts'
import { type SecureOptions, SSLSocket } from './ssl-socket.ts'

/** Options of `SSLContext.wrapSocket`. */
export interface WrapOptions {
  /** Whether to take the server side of the handshake. Default false. */
  serverSide?: boolean | undefined
  /** Whether to perform the handshake immediately, or in `connect` or `accept`. Default true. */
  doHandshakeOnConnect?: boolean | undefined
  /** For clients: the host, a name or an address, to request and to check the certificate against. */
  serverHostname?: string | undefined
  /** For clients: the `session` of an earlier connection to resume. */
  session?: Buffer | undefined
}

/** Implements `SSLContext.wrapSocket`. */
export function wrapWith(context: SSLContext, sock: Socket, options: WrapOptions): Operation<SSLSocket> {
  if (!(sock instanceof Socket)) throw new TypeError(`Expected \`sock\` to be a Socket, got ${show(sock)}`)
  const given = checkOptions(options)
  const { serverSide = false, doHandshakeOnConnect = true, session } = given
  if (serverSide) checkServerSide(context, given)
  else checkClientSide(context, given)
  const serverHostname = given.serverHostname === undefined ? undefined : asciiHost(given.serverHostname)
  return new Call(wrap, [sock, { context, serverSide, doHandshakeOnConnect, serverHostname, session }])
}

function checkServerSide(context: SSLContext, { serverHostname, session }: WrapOptions): void {
  if (context.protocol === PROTOCOL_TLS_CLIENT) {
    throw new SSLError('PROTOCOL', 'Cannot create a server socket with a PROTOCOL_TLS_CLIENT context')
  }
  if (serverHostname !== undefined) throw new RangeError('serverHostname can only be specified in client mode')
  if (session !== undefined) throw new RangeError('session can only be specified in client mode')
  if (!context.hasCertificate) throw noCertificate()
}

function checkClientSide(context: SSLContext, { serverHostname, session }: WrapOptions): void {
  if (context.protocol !== PROTOCOL_TLS_CLIENT) {
    throw new SSLError('PROTOCOL', 'Cannot create a client socket with a PROTOCOL_TLS_SERVER context')
  }
  if (session !== undefined && !(session instanceof Uint8Array)) {
    throw new TypeError(`Expected \`session\` to be the session of an earlier connection, got ${show(session)}`)
  }
  if (context.checkHostname && serverHostname === undefined) {
    throw new RangeError('checkHostname requires serverHostname')
  }
}

/** Certificates and servers know international names in their ASCII form only. */
function asciiHost(host: string): string {
  const message = `Expected \`serverHostname\` to be a name or an address, got ${show(host)}`
  if (typeof host !== 'string' || host.includes('\0')) throw new TypeError(message)
  const ascii = /^[\0-\x7f]*$/.test(host) ? host : domainToASCII(host)
  if (ascii === '' || ascii.startsWith('.')) throw new RangeError(message)
  return ascii
}

function* wrap(sock: Socket, options: SecureOptions): Coroutine<SSLSocket> {
  const description = sock.openDescription()
  if (!(description instanceof StreamDescription)) throw osError('EOPNOTSUPP', 'only stream sockets are supported')
  const isConnected = description.transport !== null
  if (isConnected && options.doHandshakeOnConnect && sock.gettimeout() === 0) {
    throw new RangeError('doHandshakeOnConnect should not be specified for non-blocking sockets')
  }
  if (isConnected) description.connected('ENOTCONN').checkReader()
  const secure = new SSLSocket(description, options)
  secure.settimeout(sock.gettimeout())
  sock.handOverTo(secure)
  if (!isConnected || !options.doHandshakeOnConnect) return secure
  try {
    yield* secure.doHandshake()
  } catch (error) {
    secure.close()
    throw error
  }
  return secure
}
