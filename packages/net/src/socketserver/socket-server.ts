import type { Coroutine, Operation } from '@greenlit/core'
import { Call } from '@greenlit/core/engine'
import type { Address } from '../address/address.ts'
import type { AddressFamily, SocketType } from '../address/family.ts'
import { AF_INET, SO_REUSEADDR, SO_REUSEPORT, SOCK_STREAM, SOL_SOCKET } from '../constants.ts'
import { Socket } from '../socket/socket.ts'
import { BaseServer } from './base-server.ts'

/** Python's default backlog, too small for bursts: each connection beyond it is delayed by a second. */
const PYTHON_BACKLOG = 5
const REAL_BACKLOG = 128

/**
 * The base class of TCP, UDP and Unix servers. Its socket is created on first use, so that subclasses can set its family and type.
 *
 * @example
 * class Server extends TCPServer {
 *   override requestQueueSize = 100
 *   override allowReuseAddress = true
 * }
 */
export abstract class SocketServer<R, A extends Address> extends BaseServer<R, A> {
  /** AF_INET (default), AF_INET6 or AF_UNIX. */
  addressFamily: number = AF_INET
  /** SOCK_STREAM or SOCK_DGRAM. */
  socketType: number = SOCK_STREAM
  /** The length of the kernel's queue of pending connections. Default 5, as in Python, which is treated as 128. */
  requestQueueSize: number = PYTHON_BACKLOG
  /** Whether to set SO_REUSEADDR; for TCP Node always sets it. Default false. */
  allowReuseAddress: boolean = false
  /** Whether to set SO_REUSEPORT, so that other sockets can bind the same port. Default false. */
  allowReusePort: boolean = false
  private ownSocket: Socket | null = null

  /** The listening socket. To use an existing one, set it before the server is activated. */
  override get socket(): Socket {
    this.ownSocket ??= new Socket(this.addressFamily as AddressFamily, this.socketType as SocketType)
    return this.ownSocket
  }

  override set socket(socket: Socket) {
    this.ownSocket = socket
  }

  /** Binds the socket to `serverAddress`, and sets `serverAddress` to the actual address. May be overridden. */
  override serverBind(): Operation<void> | Coroutine<void> {
    return new Call<[SocketServer<R, A>], void>(bindServer, [this])
  }

  /** Makes the socket listen. May be overridden. */
  override serverActivate(): Operation<void> | Coroutine<void> {
    const { requestQueueSize } = this
    const backlog = requestQueueSize === PYTHON_BACKLOG ? REAL_BACKLOG : requestQueueSize
    return this.socket.listen(backlog) as Operation<unknown> as Operation<void>
  }
}

function* bindServer<R, A extends Address>(server: SocketServer<R, A>): Coroutine<void> {
  const { socket } = server
  if (server.allowReuseAddress) socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
  if (server.allowReusePort) socket.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1)
  yield* socket.bind(server.serverAddress)
  server.serverAddress = socket.getsockname() as A
}
