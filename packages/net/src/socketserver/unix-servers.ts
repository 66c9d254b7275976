import { AF_UNIX } from '../constants.ts'
import { unixDatagramProvider } from '../datagram/unix-provider.ts'
import type { ServerOptions } from './base-server.ts'
import type { RequestHandlerClass } from './request-handler.ts'
import { ConnectionServer } from './tcp-server.ts'
import { type DatagramRequest, PacketServer } from './udp-server.ts'

/**
 * A server of unix connections (Python: socketserver.UnixStreamServer). Its address is a path, or an abstract name that begins with
 * `\0`. Node removes the path when the server is closed.
 *
 * @example
 * yield* new UnixStreamServer('/run/echo.sock', Echo).serveForever()
 */
export class UnixStreamServer extends ConnectionServer<string> {
  override addressFamily: number = AF_UNIX
}

/**
 * A server of unix datagrams (Python: socketserver.UnixDatagramServer); see `registerUnixDatagramProvider`. A client can only be
 * answered if it has bound a path of its own.
 */
export class UnixDatagramServer extends PacketServer<string> {
  override addressFamily: number = AF_UNIX

  /**
   * @param path a path
   * @throws {OSError} EPROTONOSUPPORT without a provider of unix datagrams
   */
  constructor(path: string, Handler: RequestHandlerClass<DatagramRequest>, options?: ServerOptions) {
    unixDatagramProvider()
    super(path, Handler, options)
  }
}
