import type { Coroutine } from '@greenlit/core'
import { IPPROTO_TCP, TCP_NODELAY } from '../constants.ts'
import { OSError } from '../errors/os-error.ts'
import type { BinaryFile } from '../file/binary-file.ts'
import type { Socket } from '../socket/socket.ts'
import type { BaseServer } from './base-server.ts'
import { BaseRequestHandler } from './request-handler.ts'

/**
 * A handler that reads its connection from `rfile` and writes it to `wfile` (Python: socketserver.StreamRequestHandler).
 *
 * @example
 * class Upper extends StreamRequestHandler {
 *   override *handle() {
 *     const line = yield* this.rfile.readline()
 *     yield* this.wfile.write(line.toString().toUpperCase())
 *   }
 * }
 */
export class StreamRequestHandler<S = BaseServer<Socket>> extends BaseRequestHandler<Socket, S> {
  /** How much `rfile` reads ahead, in bytes; below 0 is the default size. Default -1. */
  rbufsize: number = -1
  /** How much `wfile` collects, in bytes; 0 sends at once. Default 0. */
  wbufsize: number = 0
  /** The connection's limit, in milliseconds. Default none. */
  timeout: number | undefined = undefined
  /** Whether small pieces are sent without delay (TCP_NODELAY). Default false. */
  disableNagleAlgorithm: boolean = false
  /** The connection; the same as `request`. From `setup` on. */
  connection!: Socket
  /** Reads the connection. From `setup` on. */
  rfile!: BinaryFile
  /** Writes the connection. From `setup` on. */
  wfile!: BinaryFile

  /** Makes the files; call it first when you override it. */
  override *setup(): Coroutine<unknown> {
    const connection = this.request
    this.connection = connection
    if (this.timeout !== undefined) connection.settimeout(this.timeout)
    if (this.disableNagleAlgorithm) connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, true)
    this.rfile = connection.makefile('rb', this.rbufsize)
    this.wfile = connection.makefile('wb', this.wbufsize)
    return undefined
  }

  /** Flushes and closes the files. */
  override *finish(): Coroutine<unknown> {
    const { rfile, wfile } = this
    try {
      if (!wfile.closed) yield* wfile.flush()
    } catch (error) {
      // The client may be gone, which is no error of the handler.
      if (!(error instanceof OSError)) throw error
    } finally {
      wfile.close()
      rfile.close()
    }
    return undefined
  }
}
