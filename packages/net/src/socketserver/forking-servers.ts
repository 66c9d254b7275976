import { ForkingMixIn } from './forking-mix-in.ts'
import { TCPServer } from './tcp-server.ts'
import { UDPServer } from './udp-server.ts'
import { UnixDatagramServer, UnixStreamServer } from './unix-servers.ts'

/**
 * A TCP server with a child process for each connection (Python: socketserver.ForkingTCPServer).
 *
 * @example
 * const handler = { module: new URL('./echo-handler.js', import.meta.url), export: 'EchoHandler' }
 * yield* new ForkingTCPServer(['127.0.0.1', 8080], handler).serveForever()
 */
export class ForkingTCPServer extends ForkingMixIn(TCPServer) {}

/**
 * A UDP server with a child process for each datagram (Python: socketserver.ForkingUDPServer).
 *
 * @example
 * const handler = { module: new URL('./echo-handler.js', import.meta.url), export: 'EchoHandler' }
 * yield* new ForkingUDPServer(['127.0.0.1', 9999], handler).serveForever()
 */
export class ForkingUDPServer extends ForkingMixIn(UDPServer) {}

/**
 * A Unix server with a child process for each connection (Python: socketserver.ForkingUnixStreamServer).
 *
 * @example
 * const handler = { module: new URL('./echo-handler.js', import.meta.url), export: 'EchoHandler' }
 * yield* new ForkingUnixStreamServer('/run/echo.sock', handler).serveForever()
 */
export class ForkingUnixStreamServer extends ForkingMixIn(UnixStreamServer) {}

/**
 * A Unix datagram server with a child process for each datagram (Python: socketserver.ForkingUnixDatagramServer).
 *
 * @example
 * const handler = { module: new URL('./echo-handler.js', import.meta.url), export: 'EchoHandler' }
 * yield* new ForkingUnixDatagramServer('/run/log.sock', handler).serveForever()
 */
export class ForkingUnixDatagramServer extends ForkingMixIn(UnixDatagramServer) {}
