import { TCPServer } from './tcp-server.ts'
import { ThreadPoolMixIn } from './thread-pool-mix-in.ts'
import { ThreadingMixIn } from './threading-mix-in.ts'
import { UDPServer } from './udp-server.ts'
import { UnixDatagramServer, UnixStreamServer } from './unix-servers.ts'

/**
 * A TCP server with a greenlet for each connection (Python: socketserver.ThreadingTCPServer).
 *
 * @example
 * using server = yield* new ThreadingTCPServer(['127.0.0.1', 8080], Echo).activate()
 * spawn(() => server.serveForever())
 */
export class ThreadingTCPServer extends ThreadingMixIn(TCPServer) {}

/**
 * A UDP server with a greenlet for each datagram (Python: socketserver.ThreadingUDPServer).
 *
 * @example
 * yield* new ThreadingUDPServer(['127.0.0.1', 9999], Upper).serveForever()
 */
export class ThreadingUDPServer extends ThreadingMixIn(UDPServer) {}

/**
 * A Unix server with a greenlet for each connection (Python: socketserver.ThreadingUnixStreamServer).
 *
 * @example
 * yield* new ThreadingUnixStreamServer('/run/echo.sock', Echo).serveForever()
 */
export class ThreadingUnixStreamServer extends ThreadingMixIn(UnixStreamServer) {}

/**
 * A Unix datagram server with a greenlet for each datagram (Python: socketserver.ThreadingUnixDatagramServer).
 *
 * @example
 * yield* new ThreadingUnixDatagramServer('/run/log.sock', Upper).serveForever()
 */
export class ThreadingUnixDatagramServer extends ThreadingMixIn(UnixDatagramServer) {}

/**
 * A TCP server that serves at most `maxWorkers` connections at a time, each in a greenlet.
 *
 * @example
 * const server = new ThreadPoolTCPServer(['127.0.0.1', 8080], Echo)
 * server.maxWorkers = 10
 * yield* server.serveForever()
 */
export class ThreadPoolTCPServer extends ThreadPoolMixIn(TCPServer) {}

/**
 * A UDP server that serves at most `maxWorkers` datagrams at a time, each in a greenlet.
 *
 * @example
 * const server = new ThreadPoolUDPServer(['127.0.0.1', 9999], Upper)
 * server.maxWorkers = 10
 * yield* server.serveForever()
 */
export class ThreadPoolUDPServer extends ThreadPoolMixIn(UDPServer) {}

/**
 * A Unix server that serves at most `maxWorkers` connections at a time, each in a greenlet.
 *
 * @example
 * const server = new ThreadPoolUnixStreamServer('/run/echo.sock', Echo)
 * server.maxWorkers = 10
 * yield* server.serveForever()
 */
export class ThreadPoolUnixStreamServer extends ThreadPoolMixIn(UnixStreamServer) {}

/**
 * A Unix datagram server that serves at most `maxWorkers` datagrams at a time, each in a greenlet.
 *
 * @example
 * const server = new ThreadPoolUnixDatagramServer('/run/log.sock', Upper)
 * server.maxWorkers = 10
 * yield* server.serveForever()
 */
export class ThreadPoolUnixDatagramServer extends ThreadPoolMixIn(UnixDatagramServer) {}
