import type { Coroutine } from '@greenlit/core'
import { IPPROTO_TCP, TCP_NODELAY } from '../constants.ts'
import { OSError } from '../errors/os-error.ts'
import type { BinaryFile } from '../file/binary-file.ts'
import type { Socket } from '../socket/socket.ts'
import type { BaseServer } from './base-server.ts'
import { BaseRequestHandler } from './request-handler.ts'

/**
 * A handler that reads its connection through `rfile` and writes to it through `wfile` (Python: socketserver.StreamRequestHandler).
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
  /** The buffer size of `rfile`, in bytes; a negative number is the default size. Default -1. */
  rbufsize: number = -1
  /** The buffer size of `wfile`, in bytes; 0 sends immediately. Default 0. */
  wbufsize: number = 0
  /** The connection's timeout, in milliseconds. Default: left unchanged. */
  timeout: number | undefined = undefined
  /** Whether to send small pieces without delay (TCP_NODELAY). Default false. */
  disableNagleAlgorithm: boolean = false
  /** The connection; the same as `request`. Set by `setup`. */
  connection!: Socket
  /** Reads from the connection. Set by `setup`. */
  rfile!: BinaryFile
  /** Writes to the connection. Set by `setup`. */
  wfile!: BinaryFile

  /** Creates `rfile` and `wfile`. When overriding it, call `super.setup()` first. */
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
      // The client may have disconnected, which is not an error of the handler.
      if (!(error instanceof OSError)) throw error
    } finally {
      wfile.close()
      rfile.close()
    }
    return undefined
  }
}
