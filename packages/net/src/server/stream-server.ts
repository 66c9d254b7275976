import type { Coroutine } from '@greenlit/core'
import { checkOptions } from '@greenlit/core/engine'
import type { Address } from '../address/address.ts'
import { SOCK_STREAM } from '../constants.ts'
import { checkBacklog } from '../socket/listen.ts'
import { Socket } from '../socket/socket.ts'
import type { PemSource } from '../tls/pem.ts'
import type { SSLContext } from '../tls/ssl-context.ts'
import { SSLSocket } from '../tls/ssl-socket.ts'
import { type ContextOptions, checkContext, contextOf } from '../tls/wrap-socket.ts'
import { GreenletServer, type GreenletServerOptions } from './greenlet-server.ts'
import { openListener } from './open-listener.ts'
import { settle } from './overridable.ts'
import type { AddressOf, ListenerAddress, ListenerOption } from './parse-listener.ts'
import type { ServeFunction } from './serve-function.ts'

/** Options of `StreamServer`. */
export interface StreamServerOptions extends GreenletServerOptions, ContextOptions {
  /** The length of the kernel's queue of pending connections; not allowed if the listener is a socket. Default 256. */
  backlog?: number | undefined
  /** Serves TLS with this context. Alternatively pass `certfile` and `keyfile`, as paths or contents, and other context options. */
  sslContext?: SSLContext | undefined
  /** Whether to perform the TLS handshake before the handler is called, rather than in its first socket call. Default true. */
  doHandshakeOnConnect?: boolean | undefined
  /** Node's name for `certfile`. */
  cert?: PemSource | undefined
  /** Node's name for `keyfile`. */
  key?: PemSource | undefined
}

/**
 * A server that runs a handler in a greenlet for each connection (gevent: StreamServer). When the handler returns or throws, the
 * connection is closed, as are files made from it with `makefile`. An error in a handler is reported and affects nothing else. With
 * TLS options each greenlet performs the handshake first, and the handler is passed an `SSLSocket`.
 *
 * @example
 * const server = new StreamServer(['127.0.0.1', 8080], function* (socket) {
 *   const file = socket.makefile('rwb')
 *   yield* each(file, function* (line) {
 *     yield* file.write(line)
 *     yield* file.flush()
 *   })
 * })
 * yield* server.serveForever()
 */
export class StreamServer<L extends ListenerOption = ListenerOption> extends GreenletServer<Socket, AddressOf<L>> {
  /** The TLS context, if the server uses TLS. */
  readonly sslContext: SSLContext | undefined
  /** The length of the kernel's queue of pending connections. Default 256. */
  backlog: number = 256
  private readonly handshakeOnConnect: boolean

  /**
   * @param listener `[host, port]`, a port, 'host:port', a path, or a bound or listening socket
   * @param handle serves a connection: a coroutine, plain or async function; a subclass may override the method instead
   * @param options see `StreamServerOptions`
   * @throws {TypeError} without a handler, and for `backlog` together with a socket; {SSLError} or {OSError} for bad certificates
   */
  constructor(listener: L, handle?: ServeFunction<Socket>, options?: StreamServerOptions) {
    const given = checkOptions(options)
    super(listener, handle, given)
    if (listener instanceof SSLSocket) {
      throw new TypeError(
        'Expected `listener` to be a regular socket, got an SSLSocket: pass the options of TLS instead',
      )
    }
    const { backlog } = given
    const isGiven = backlog !== undefined && backlog !== null
    if (isGiven && listener instanceof Socket) {
      throw new TypeError('backlog must be undefined when a socket is passed')
    }
    if (isGiven) this.backlog = checkBacklog(backlog)
    this.sslContext = contextIn(given)
    this.handshakeOnConnect = given.doHandshakeOnConnect ?? true
  }

  /** @internal */
  override _open(listenAddress: ListenerAddress): Coroutine<Socket> {
    return openListener(listenAddress, SOCK_STREAM, this.backlog)
  }

  /** @internal */
  override *_prepare(socket: Socket): Coroutine<void> {
    if (!socket.openDescription().isListening) yield* socket.listen(this.backlog)
  }

  /** @internal */
  override *_take(socket: Socket): Coroutine<[Socket, Address] | undefined> {
    return socket.openDescription().readable ? yield* socket.accept({ timeout: 0 }) : undefined
  }

  /** Whether the server uses TLS. */
  get sslEnabled(): boolean {
    return this.sslContext !== undefined
  }

  /** @internal */
  override _serve(socket: Socket, address: Address): unknown {
    const { sslContext } = this
    return sslContext === undefined ? this.handle(socket, address) : this.serveSecurely(sslContext, socket, address)
  }

  private *serveSecurely(context: SSLContext, socket: Socket, address: Address): Coroutine<unknown> {
    const secure = yield* context.wrapSocket(socket, {
      serverSide: true,
      doHandshakeOnConnect: this.handshakeOnConnect,
    })
    try {
      return yield* settle<unknown>(this.handle(secure, address))
    } finally {
      secure.closeFiles()
      secure.holder.close()
    }
  }

  /** Closes the connection and what was made from it: files, a secure socket. May be overridden. */
  override doClose(socket: Socket, _address: Address): void {
    // What the handler left open would keep the connection open.
    socket.closeFiles()
    socket.holder.close()
  }
}

function contextIn(options: StreamServerOptions): SSLContext | undefined {
  const context = checkContext(options.sslContext, 'sslContext')
  if (context !== undefined) return context
  const certfile = options.certfile ?? options.cert
  const keyfile = options.keyfile ?? options.key
  if (certfile === undefined) {
    if (keyfile === undefined) return undefined
    throw new TypeError('Expected `certfile` beside `keyfile`, got none')
  }
  return contextOf({ ...options, certfile, ...(keyfile === undefined ? {} : { keyfile }) }, true)
}
