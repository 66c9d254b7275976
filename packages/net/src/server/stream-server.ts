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
import type { ListenerAddress, ListenerOption } from './parse-listener.ts'

const BACKLOG = 256

/** How a `StreamServer` listens and serves. */
export interface StreamServerOptions extends GreenletServerOptions, ContextOptions {
  /** How many connections the kernel keeps waiting; not with a socket. Default 256. */
  backlog?: number
  /** Serves TLS with this context. Or give `certfile` and `keyfile`, files or contents, and the other options of a context. */
  sslContext?: SSLContext
  /** Whether TLS shakes hands before the handler is called, and not by its first call. Default true. */
  doHandshakeOnConnect?: boolean
  /** As `certfile`; Node's name for it. */
  cert?: PemSource
  /** As `keyfile`; Node's name for it. */
  key?: PemSource
}

/**
 * A server that runs a handler in a greenlet for each connection (gevent: StreamServer). The connection is closed when its handler
 * returns or throws, and with it the files that the handler made of it; an error of a handler is reported and ends nothing else.
 * With options for TLS each greenlet shakes hands first, and the handler gets an `SSLSocket`.
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
export class StreamServer extends GreenletServer<Socket> {
  /** The context of TLS, if it is served. */
  readonly sslContext: SSLContext | undefined
  private readonly backlog: number | undefined
  private readonly shakesHands: boolean

  /**
   * @param listener `[host, port]`, a port, 'host:port', a path, or a socket that listens
   * @param handle serves a connection: a coroutine function, plain or async; a subclass may override the method instead
   * @param options see `StreamServerOptions`
   * @throws {TypeError} without a handler, and for `backlog` beside a socket; {SSLError} or {OSError} for bad certificates
   */
  constructor(
    listener: ListenerOption,
    handle?: (socket: Socket, address: Address) => void,
    options?: StreamServerOptions,
  ) {
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
    this.backlog = isGiven ? checkBacklog(backlog) : undefined
    this.sslContext = contextIn(given)
    this.shakesHands = given.doHandshakeOnConnect ?? true
  }

  /** @internal */
  override open(where: ListenerAddress): Coroutine<Socket> {
    return openListener(where, SOCK_STREAM, this.backlog ?? BACKLOG)
  }

  /** @internal */
  override *prepare(socket: Socket): Coroutine<void> {
    if (!socket.openDescription().isListening) yield* socket.listen(BACKLOG)
  }

  /** @internal */
  override *take(socket: Socket): Coroutine<[Socket, Address] | undefined> {
    return socket.openDescription().readable ? yield* socket.accept({ timeout: 0 }) : undefined
  }

  /** Whether it serves TLS. */
  get sslEnabled(): boolean {
    return this.sslContext !== undefined
  }

  /** @internal */
  override serve(socket: Socket, address: Address): unknown {
    const { sslContext } = this
    return sslContext === undefined ? this.handle(socket, address) : this.serveSecurely(sslContext, socket, address)
  }

  private *serveSecurely(context: SSLContext, socket: Socket, address: Address): Coroutine<unknown> {
    const secure = yield* context.wrapSocket(socket, {
      serverSide: true,
      doHandshakeOnConnect: this.shakesHands,
    })
    try {
      return yield* settle<unknown>(this.handle(secure, address))
    } finally {
      secure.closeFiles()
      secure.close()
    }
  }

  /** Closes the connection, and files that `makefile` made of it. May be overridden. */
  override doClose(socket: Socket, _address: Address): void {
    // A file that its handler left open would keep the connection open with it.
    socket.closeFiles()
    socket.close()
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
