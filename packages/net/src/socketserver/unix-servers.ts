import { AF_UNIX } from '../constants.ts'
import { unixDatagramProvider } from '../datagram/unix-provider.ts'
import type { Socket } from '../socket/socket.ts'
import type { ServerOptions } from './base-server.ts'
import type { RequestHandlerClass } from './request-handler.ts'
import { type ConnectionServer, TCPServer } from './tcp-server.ts'
import { type DatagramRequest, type PacketServer, UDPServer } from './udp-server.ts'

type UnixServerClass<R, S> = new (path: string, Handler: RequestHandlerClass<R>, options?: ServerOptions) => S

/** As in Python, a Unix server is an `instanceof` the TCP or UDP server; only the type of its address differs. */
const UnixConnections = TCPServer as unknown as UnixServerClass<Socket, ConnectionServer<string>>
const UnixPackets = UDPServer as unknown as UnixServerClass<DatagramRequest, PacketServer<string>>

/**
 * A server of Unix connections (Python: socketserver.UnixStreamServer). Its address is a path, or an abstract name that begins with
 * `\0`. Node removes the path when the server is closed.
 *
 * @example
 * yield* new UnixStreamServer('/run/echo.sock', Echo).serveForever()
 */
export class UnixStreamServer extends UnixConnections {
  override addressFamily: number = AF_UNIX
}

/**
 * A server of Unix datagrams (Python: socketserver.UnixDatagramServer); see `registerUnixDatagramProvider`. A client can receive
 * replies only if it has bound a path of its own.
 *
 * @example
 * registerUnixDatagramProvider(emulatedUnixDatagrams)
 * yield* new UnixDatagramServer('/run/log.sock', Upper).serveForever()
 */
export class UnixDatagramServer extends UnixPackets {
  override addressFamily: number = AF_UNIX

  /**
   * @param path the path to bind
   * @throws {OSError} EPROTONOSUPPORT if no provider of Unix datagrams is registered
   */
  constructor(path: string, Handler: RequestHandlerClass<DatagramRequest>, options?: ServerOptions) {
    unixDatagramProvider()
    super(path, Handler, options)
  }
}
