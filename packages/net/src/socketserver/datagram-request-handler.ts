import type { Coroutine } from '@greenlit/core'
import type { Socket } from '../socket/socket.ts'
import type { BaseServer } from './base-server.ts'
import { BytesIO } from './bytes-io.ts'
import { BaseRequestHandler } from './request-handler.ts'
import type { DatagramRequest } from './udp-server.ts'

/**
 * A handler that reads its datagram from `rfile`; what it writes to `wfile` goes back as one datagram (Python:
 * socketserver.DatagramRequestHandler).
 *
 * @example
 * class Upper extends DatagramRequestHandler {
 *   override *handle() {
 *     const line = yield* this.rfile.readline()
 *     yield* this.wfile.write(line.toString().toUpperCase())
 *   }
 * }
 */
export class DatagramRequestHandler<S = BaseServer<DatagramRequest>> extends BaseRequestHandler<DatagramRequest, S> {
  /** The datagram. From `setup` on. */
  packet!: Buffer
  /** The server's socket. From `setup` on. */
  socket!: Socket
  /** Reads the datagram. From `setup` on. */
  rfile!: BytesIO
  /** Collects the answer. From `setup` on. */
  wfile!: BytesIO

  /** Makes the files; call it first when you override it. */
  override *setup(): Coroutine<unknown> {
    const [packet, socket] = this.request
    this.packet = packet
    this.socket = socket
    this.rfile = new BytesIO(packet)
    this.wfile = new BytesIO()
    return undefined
  }

  /** Sends the answer, also an empty one. */
  override *finish(): Coroutine<unknown> {
    yield* this.socket.sendto(this.wfile.getvalue(), this.clientAddress)
    return undefined
  }
}
