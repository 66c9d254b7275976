import type { Coroutine, Operation } from '@greenlit/core'
import { Call, Done } from '@greenlit/core/engine'
import type { Address, InetAddress } from '../address/address.ts'
import { SOCK_DGRAM } from '../constants.ts'
import type { Socket } from '../socket/socket.ts'
import type { Request } from './base-server.ts'
import { SocketServer } from './socket-server.ts'

/** A datagram, and the server's socket with which to reply. */
export type DatagramRequest = [data: Buffer, socket: Socket]

/**
 * The base class of datagram servers: UDP and Unix.
 *
 * @example
 * class Server extends UDPServer {
 *   override maxPacketSize = 65_535
 * }
 */
export abstract class PacketServer<A extends Address> extends SocketServer<DatagramRequest, A> {
  override socketType: number = SOCK_DGRAM
  /** The number of bytes to which datagrams are truncated. Default 8192. */
  maxPacketSize: number = 8192

  override serverActivate(): Operation<void> | Coroutine<void> {
    return new Done() as Operation<unknown> as Operation<void>
  }

  override getRequest(): Operation<Request<DatagramRequest>> | Coroutine<Request<DatagramRequest>> {
    return new Call<[PacketServer<A>], Request<DatagramRequest>>(receive, [this])
  }
}

/**
 * A server for which each UDP datagram is a request (Python: socketserver.UDPServer).
 *
 * @example
 * class Upper extends BaseRequestHandler<DatagramRequest> {
 *   override *handle() {
 *     const [data, socket] = this.request
 *     yield* socket.sendto(data.toString().toUpperCase(), this.clientAddress)
 *   }
 * }
 * yield* new UDPServer(['127.0.0.1', 9999], Upper).serveForever()
 */
export class UDPServer extends PacketServer<InetAddress> {}

function* receive<A extends Address>(server: PacketServer<A>): Coroutine<Request<DatagramRequest>> {
  const { socket } = server
  const [data, clientAddress] = yield* socket.recvfrom(server.maxPacketSize)
  return [[data, socket], clientAddress]
}
