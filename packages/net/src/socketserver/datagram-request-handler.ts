import type { Coroutine } from '@greenlit/core'
import type { Socket } from '../socket/socket.ts'
import type { BaseServer } from './base-server.ts'
import { BytesIO } from './bytes-io.ts'
import { BaseRequestHandler } from './request-handler.ts'
import type { DatagramRequest } from './udp-server.ts'

/**
 * A handler that reads its datagram from `rfile` and whose output to `wfile` is sent back as a single datagram (Python:
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
  /** The datagram. Set by `setup`. */
  packet!: Buffer
  /** The server's socket. Set by `setup`. */
  socket!: Socket
  /** Reads the datagram. Set by `setup`. */
  rfile!: BytesIO
  /** Collects the reply. Set by `setup`. */
  wfile!: BytesIO

  /** Creates `rfile` and `wfile`. When overriding it, call `super.setup()` first. */
  override *setup(): Coroutine<unknown> {
    const [packet, socket] = this.request
    this.packet = packet
    this.socket = socket
    this.rfile = new BytesIO(packet)
    this.wfile = new BytesIO()
    return undefined
  }

  /** Sends the reply, even if it is empty. */
  override *finish(): Coroutine<unknown> {
    yield* this.socket.sendto(this.wfile.getvalue(), this.clientAddress)
    return undefined
  }
}
