import type { Coroutine } from '@greenlit/core'
import type { Address } from '../address/address.ts'
import { SOCK_STREAM } from '../constants.ts'
import { BlockingIOError } from '../errors/os-error.ts'
import { Socket } from '../socket/socket.ts'
import { GreenletServer, type GreenletServerOptions, type ListenerOption } from './greenlet-server.ts'
import { openListener } from './open-listener.ts'
import type { ListenerAddress } from './parse-listener.ts'

const BACKLOG = 256

/** How a `StreamServer` listens and serves. */
export interface StreamServerOptions extends GreenletServerOptions {
  /** How many connections the kernel keeps waiting; not with a socket. Default 256. */
  backlog?: number
}

/**
 * A server that runs a handler in a greenlet for each connection (gevent: StreamServer). The connection is closed when its handler
 * returns or throws; an error of a handler is reported and ends nothing else.
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
  private readonly backlog: number | undefined

  /**
   * @param listener `[host, port]`, a port, 'host:port', a path, or a socket that listens
   * @param handle serves a connection: a coroutine function, plain or async; a subclass may override the method instead
   * @param options see `StreamServerOptions`
   * @throws {TypeError} without a handler, and for `backlog` beside a socket
   */
  constructor(
    listener: ListenerOption,
    handle?: (socket: Socket, address: Address) => unknown,
    options: StreamServerOptions = {},
  ) {
    super(listener, handle, options)
    if (options.backlog !== undefined && listener instanceof Socket) {
      throw new TypeError('backlog must be undefined when a socket is passed')
    }
    this.backlog = options.backlog
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
    try {
      return yield* socket.accept({ timeout: 0 })
    } catch (error) {
      if (error instanceof BlockingIOError) return undefined
      throw error
    }
  }

  /** Closes the connection. May be overridden. */
  override doClose(socket: Socket, _address: Address): void {
    socket.close()
  }
}
