import { type Coroutine, Lock, type Operation } from '@greenlit/core'
import { Call } from '@greenlit/core/engine'
import type { Address } from '../address/address.ts'
import type { BytesLike } from '../bytes.ts'
import { SOCK_DGRAM } from '../constants.ts'
import { osError } from '../errors/make.ts'
import type { Socket } from '../socket/socket.ts'
import { GreenletServer, type GreenletServerOptions } from './greenlet-server.ts'
import { openListener } from './open-listener.ts'
import type { AddressOf, ListenerAddress, ListenerOption } from './parse-listener.ts'
import type { ServeFunction } from './serve-function.ts'

const LARGEST = 8192

/**
 * A server that runs a handler in a greenlet for each datagram (gevent: DatagramServer). Datagrams are truncated to 8192 bytes.
 *
 * @example
 * const server = new DatagramServer(['127.0.0.1', 9000], function* (data, address) {
 *   yield* server.sendto(data, address)
 * })
 * yield* server.serveForever()
 */
export class DatagramServer<L extends ListenerOption = ListenerOption> extends GreenletServer<Buffer, AddressOf<L>> {
  private readonly _sending = new Lock()

  /**
   * @param listener `[host, port]`, a port, 'host:port', a path, or a datagram socket
   * @param handle serves a datagram: a coroutine, plain or async function; a subclass may override the method instead
   * @param options see `GreenletServerOptions`
   * @throws {TypeError} without a handler
   */
  constructor(listener: L, handle?: ServeFunction<Buffer>, options: GreenletServerOptions = {}) {
    super(listener, handle, options)
  }

  /**
   * Sends a datagram from the server's address. Concurrent calls take turns.
   *
   * @param data the bytes
   * @param address the destination
   * @returns how many bytes were sent
   * @throws {OSError} EBADF while the server is closed; the errors of `Socket.sendto`
   */
  sendto(data: BytesLike, address: Address): Operation<number> {
    return new Call<[], number>(() => this.send(data, address), [])
  }

  private *send(data: BytesLike, address: Address): Coroutine<number> {
    yield* this._sending.acquire()
    try {
      const { socket } = this
      if (socket === undefined) throw osError('EBADF')
      return yield* socket.sendto(data, address)
    } finally {
      this._sending.release()
    }
  }

  /** @internal */
  override _open(listenAddress: ListenerAddress): Coroutine<Socket> {
    return openListener(listenAddress, SOCK_DGRAM, 0)
  }

  /** @internal */
  override *_prepare(socket: Socket): Coroutine<void> {
    if (socket.openDescription().type !== SOCK_DGRAM) throw osError('EOPNOTSUPP')
  }

  /** @internal */
  override *_take(socket: Socket): Coroutine<[Buffer, Address] | undefined> {
    return socket.openDescription().readable ? yield* socket.recvfrom(LARGEST, { timeout: 0 }) : undefined
  }
}
