import type { Coroutine, Operation } from '@greenlit/core'
import { Call } from '@greenlit/core/engine'
import type { Address, InetAddress } from '../address/address.ts'
import { SHUT_WR } from '../constants.ts'
import { OSError } from '../errors/os-error.ts'
import { type Overridable, settle } from '../server/overridable.ts'
import type { Socket } from '../socket/socket.ts'
import type { Request } from './base-server.ts'
import { SocketServer } from './socket-server.ts'

/**
 * The base class of servers of connections: TCP and Unix.
 *
 * @example
 * function port(server: ConnectionServer<[string, number]>) {
 *   return server.serverAddress[1]
 * }
 */
export abstract class ConnectionServer<A extends Address> extends SocketServer<Socket, A> {
  override getRequest(): Operation<Request<Socket>> | Coroutine<Request<Socket>> {
    return this.socket.accept()
  }

  override shutdownRequest(request: Socket): Operation<void> | Coroutine<void> {
    return new Call<[ConnectionServer<A>, Socket], void>(shutdownAndClose, [this, request])
  }

  override closeRequest(request: Socket): Overridable<unknown> {
    request.closeFiles()
    request.holder.close()
    return super.closeRequest(request)
  }
}

/**
 * A server that serves TCP connections one at a time (Python: socketserver.TCPServer). With `ThreadingMixIn` it serves each in its own
 * greenlet.
 *
 * @example
 * class Echo extends BaseRequestHandler {
 *   override *handle() {
 *     yield* this.request.sendall(yield* this.request.recv(1024))
 *   }
 * }
 * yield* new TCPServer(['127.0.0.1', 8080], Echo).serveForever()
 */
export class TCPServer extends ConnectionServer<InetAddress> {}

function* shutdownAndClose<A extends Address>(server: ConnectionServer<A>, request: Socket): Coroutine<void> {
  // Flushes what the handler wrote to a file that it left open, before the end of the stream is sent.
  request.closeFiles()
  try {
    request.shutdown(SHUT_WR)
  } catch (error) {
    // The peer may already have disconnected.
    if (!(error instanceof OSError)) throw error
  }
  yield* settle(server.closeRequest(request))
}
