import { type Coroutine, spawn } from '@greenlit/core'
import {
  type Address,
  BaseRequestHandler,
  type DatagramRequest,
  DatagramRequestHandler,
  ForkingTCPServer,
  type InetAddress,
  type Socket,
  StreamRequestHandler,
  TCPServer,
  ThreadingMixIn,
  ThreadPoolMixIn,
  UDPServer,
  UnixStreamServer,
} from '@greenlit/net'
import { expectTypeOf } from 'vitest'

class Settings extends TCPServer {
  readonly limit: number = 5
}

class Handler extends StreamRequestHandler<Settings> {
  override *handle() {
    expectTypeOf(this.server.limit).toEqualTypeOf<number>()
    expectTypeOf(this.request).toEqualTypeOf<Socket>()
    const line = yield* this.rfile.readline(this.server.limit)
    expectTypeOf(line).toEqualTypeOf<Buffer>()
    yield* this.wfile.write(line)
  }
}

new TCPServer(['127.0.0.1', 0], function* (request, clientAddress) {
  expectTypeOf(request).toEqualTypeOf<Socket>()
  expectTypeOf(clientAddress).toEqualTypeOf<Address>()
  yield* request.sendall('served')
})
new UDPServer(['127.0.0.1', 0], async ([data, socket], clientAddress) => {
  expectTypeOf(data).toEqualTypeOf<Buffer>()
  await socket.sendto(data, clientAddress)
})

const server = new Settings(['127.0.0.1', 0], Handler)
expectTypeOf(server.serverAddress).toEqualTypeOf<InetAddress>()
expectTypeOf(server.serveForever()).toExtend<PromiseLike<void>>()

spawn(function* () {
  expectTypeOf(yield* server.activate()).toEqualTypeOf<Settings>()
  expectTypeOf(yield* server.getRequest()).toEqualTypeOf<[request: Socket, clientAddress: Address]>()
})

expectTypeOf(new UnixStreamServer('path', StreamRequestHandler).serverAddress).toEqualTypeOf<string>()

// @ts-expect-error a datagram handler does not serve connections
new TCPServer(['127.0.0.1', 0], DatagramRequestHandler)
// @ts-expect-error a TCP server does not listen on a path
new TCPServer('path', BaseRequestHandler)
new UDPServer(['127.0.0.1', 0], DatagramRequestHandler)
new UDPServer(['127.0.0.1', 0], (request: DatagramRequest, address: Address) => {
  expectTypeOf(request[0]).toEqualTypeOf<Buffer>()
  return { handle: async () => address }
})

// Overridden methods may be coroutines, plain or async functions.
class Overriding extends ThreadingMixIn(Settings) {
  override daemonThreads = true
  override requestQueueSize = 10
  override verifyRequest(_request: Socket, address: Address) {
    return address[0] === '127.0.0.1'
  }
  override async serviceActions() {}
  override *processRequest(request: Socket, address: Address): Coroutine<void> {
    yield* super.processRequest(request, address)
  }
}

const overriding = new Overriding(['127.0.0.1', 0], Handler)
expectTypeOf(overriding.limit).toEqualTypeOf<number>()
expectTypeOf(overriding.blockOnClose).toEqualTypeOf<boolean>()
// @ts-expect-error the address of a TCP server is not a path
new Overriding('path', Handler)

const Pooling = ThreadPoolMixIn(UDPServer)
expectTypeOf(new Pooling(['127.0.0.1', 0], DatagramRequestHandler).maxWorkers).toEqualTypeOf<number>()
// @ts-expect-error not a server class
ThreadingMixIn(Map)

expectTypeOf(
  new ForkingTCPServer(['127.0.0.1', 0], { module: 'handler', export: 'Handler' }).maxChildren,
).toEqualTypeOf<number>()
// @ts-expect-error a class cannot be sent to a child process
new ForkingTCPServer(['127.0.0.1', 0], Handler)
