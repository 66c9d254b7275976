import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Coroutine } from '@greenlit/core'
import {
  type Address,
  AF_INET6,
  AF_UNIX,
  BaseRequestHandler,
  createConnection,
  createDefaultContext,
  DatagramRequestHandler,
  emulatedUnixDatagrams,
  PROTOCOL_TLS_SERVER,
  registerUnixDatagramProvider,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  type Socket,
  SSLContext,
  StreamRequestHandler,
  select,
  socket,
  TCPServer,
  ThreadingTCPServer,
  ThreadingUDPServer,
  ThreadingUnixDatagramServer,
  ThreadingUnixStreamServer,
  ThreadPoolTCPServer,
  ThreadPoolUDPServer,
  ThreadPoolUnixDatagramServer,
  ThreadPoolUnixStreamServer,
  UDPServer,
  UnixDatagramServer,
  UnixStreamServer,
} from '@greenlit/net'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { Authority } from '../certificates.ts'
import { guardLeaks } from '../guard.ts'
import { hasIPv6, run } from '../pair.ts'
import { exchange, exchangeDatagram, served } from './serving.ts'

guardLeaks()

const folder = mkdtempSync(join(tmpdir(), 'greenlit-'))
afterAll(() => rmSync(folder, { recursive: true }))

class StreamEcho extends StreamRequestHandler {
  override *handle() {
    yield* this.wfile.write(yield* this.rfile.readline())
  }
}

class DatagramEcho extends DatagramRequestHandler {
  override *handle() {
    yield* this.wfile.write(yield* this.rfile.readline())
  }
}

describe.each([TCPServer, ThreadingTCPServer, ThreadPoolTCPServer])('%o', (Server) => {
  test('echoes lines', () =>
    run(function* () {
      yield* served(new Server(['127.0.0.1', 0], StreamEcho), function* (address) {
        for (const line of ['one\n', 'two\n', `${'x'.repeat(10_000)}\n`]) {
          expect(yield* exchange(address, line)).toBe(line)
        }
      })
    }))
})

describe.each([UDPServer, ThreadingUDPServer, ThreadPoolUDPServer])('%o', (Server) => {
  test('echoes datagrams', () =>
    run(function* () {
      yield* served(new Server(['127.0.0.1', 0], DatagramEcho), function* (address) {
        for (const line of ['one\n', 'two\n']) expect(yield* exchangeDatagram(address, line)).toBe(line)
      })
    }))
})

describe.each([UnixStreamServer, ThreadingUnixStreamServer, ThreadPoolUnixStreamServer])('%o', (Server) => {
  test('echoes lines over a path', () =>
    run(function* () {
      const path = join(folder, `${Server.name}.sock`)
      yield* served(new Server(path, StreamEcho), function* (address) {
        expect(address).toBe(path)
        expect(yield* exchange(address, 'hello\n', AF_UNIX)).toBe('hello\n')
      })
    }))
})

describe.each([UnixDatagramServer, ThreadingUnixDatagramServer, ThreadPoolUnixDatagramServer])('%o', (Server) => {
  test('cannot be created without a provider', () => {
    expect(() => new Server(join(folder, 'none.sock'), DatagramEcho)).toThrow(/unix-dgram/)
  })

  test('echoes datagrams of clients that have a path', () =>
    run(function* () {
      registerUnixDatagramProvider(emulatedUnixDatagrams)
      try {
        yield* served(new Server(join(folder, `${Server.name}.sock`), DatagramEcho), function* (address) {
          using client = socket(AF_UNIX, SOCK_DGRAM)
          yield* client.bind(join(folder, `${Server.name}.client`))
          yield* client.sendto('hello\n', address)
          const [answer] = yield* client.recvfrom(100, { timeout: 5_000 })
          expect(String(answer)).toBe('hello\n')
        })
      } finally {
        registerUnixDatagramProvider(undefined)
      }
    }))
})

test("have Python's defaults", () => {
  using tcp = new TCPServer(['127.0.0.1', 0], BaseRequestHandler)
  expect([tcp.addressFamily, tcp.socketType, tcp.requestQueueSize]).toEqual([2, SOCK_STREAM, 5])
  expect([tcp.allowReuseAddress, tcp.timeout]).toEqual([false, undefined])
  using udp = new UDPServer(['127.0.0.1', 0], DatagramRequestHandler)
  expect([udp.socketType, udp.maxPacketSize]).toEqual([SOCK_DGRAM, 8192])
  using threading = new ThreadingTCPServer(['127.0.0.1', 0], BaseRequestHandler)
  expect([threading.daemonThreads, threading.blockOnClose]).toEqual([false, true])
})

test.runIf(hasIPv6)('take their family, backlog and options from the subclass', () =>
  run(function* () {
    class Server extends TCPServer {
      override addressFamily = AF_INET6
      override requestQueueSize = 1
      override allowReuseAddress = true
    }
    using first = yield* new Server(['::1', 0], StreamEcho).activate()
    expect(first.serverAddress[0]).toBe('::1')
    expect(first.socket.getsockopt(SOL_SOCKET, SO_REUSEADDR)).toBe(1)
    yield* served(first, function* (address) {
      expect(yield* exchange(address, 'six\n', AF_INET6)).toBe('six\n')
    })
  }),
)

test('can be waited on with select', () =>
  run(function* () {
    using server = yield* new TCPServer(['127.0.0.1', 0], StreamEcho).activate()
    using client = yield* createConnection(server.serverAddress)
    const [ready] = yield* select([server], [], [], { timeout: 5_000 })
    expect(ready).toEqual([server])
    yield* client.sendall('x\n')
    yield* server.handleRequest()
    expect(String(yield* client.recv(10))).toBe('x\n')
  }))

test('can serve TLS by overriding getRequest, and survive failed handshakes', () =>
  run(function* () {
    const authority = new Authority()
    const { cert, key } = authority.issue({ name: 'localhost', hosts: ['localhost'] })
    const context = new SSLContext(PROTOCOL_TLS_SERVER)
    context.loadCertChain(cert, key)
    class Secure extends ThreadingTCPServer {
      override *getRequest(): Coroutine<[Socket, Address]> {
        const [connection, address] = yield* super.getRequest()
        return [yield* context.wrapSocket(connection, { serverSide: true }), address]
      }
    }
    yield* served(new Secure(['127.0.0.1', 0], StreamEcho), function* (address) {
      using wrong = yield* createConnection(address)
      yield* wrong.sendall('no handshake\r\n\r\n')
      while ((yield* wrong.recv(1024)).length > 0);
      const trusting = createDefaultContext({ cadata: authority.cert })
      using client = yield* trusting.wrapSocket(yield* createConnection(address), { serverHostname: 'localhost' })
      yield* client.sendall('secret\n')
      expect(String(yield* client.recv(100))).toBe('secret\n')
    })
  }))

test.each([TCPServer, ThreadingTCPServer, ThreadPoolTCPServer])(
  '%o flushes a file that a handler left open, and closes it too',
  (Server) =>
    run(function* () {
      class Greet extends BaseRequestHandler {
        override *handle() {
          const file = this.request.makefile('rw')
          yield* file.write(`hello ${yield* file.readline()}`)
        }
      }
      yield* served(new Server(['127.0.0.1', 0], Greet), function* (address) {
        expect(yield* exchange(address, 'ada\n')).toBe('hello ada\n')
      })
    }),
)

test.each([TCPServer, ThreadingTCPServer, ThreadPoolTCPServer])(
  '%o ends a connection that the handler wrapped in TLS and left open',
  (Server) =>
    run(function* () {
      const authority = new Authority()
      const { cert, key } = authority.issue({ name: 'localhost', hosts: ['localhost'] })
      const context = new SSLContext(PROTOCOL_TLS_SERVER)
      context.loadCertChain(cert, key)
      class Upgrade extends StreamRequestHandler {
        override *handle() {
          yield* this.wfile.write('go')
          const secure = yield* context.wrapSocket(this.request, { serverSide: true })
          yield* secure.makefile('w').write('hello')
        }
      }
      yield* served(new Server(['127.0.0.1', 0], Upgrade), function* (address) {
        const plain = yield* createConnection(address)
        yield* plain.recvExact(2)
        const trusting = createDefaultContext({ cadata: authority.cert })
        using client = yield* trusting.wrapSocket(plain, { serverHostname: 'localhost' })
        using file = client.makefile('r')
        expect(yield* file.read()).toBe('hello')
      })
    }),
)

test("ends a connection that the handler has dup'ed, and one closed with a file still open", () =>
  run(function* () {
    const kept: Socket[] = []
    class Keeping extends BaseRequestHandler {
      override handle() {
        kept.push(this.request.dup())
      }
    }
    yield* served(new TCPServer(['127.0.0.1', 0], Keeping), function* (address) {
      expect(yield* exchange(address, '')).toBe('')
    })
    expect(kept.length).toBe(1)
    for (const copy of kept) copy.close()
    class Careless extends BaseRequestHandler {
      override handle() {
        this.request.makefile('rb')
      }
    }
    class Server extends TCPServer {
      override *shutdownRequest(request: Socket): Coroutine<void> {
        this.closeRequest(request)
      }
    }
    yield* served(new Server(['127.0.0.1', 0], Careless), function* (address) {
      expect(yield* exchange(address, '')).toBe('')
    })
  }))

test('Unix servers are TCP or UDP servers for instanceof, as in Python', () => {
  registerUnixDatagramProvider(emulatedUnixDatagrams)
  onTestFinished(() => {
    registerUnixDatagramProvider(undefined)
  })
  using stream = new ThreadingUnixStreamServer(join(folder, 'kind.sock'), StreamEcho, { bindAndActivate: false })
  using datagram = new UnixDatagramServer(join(folder, 'kind-d.sock'), DatagramEcho, { bindAndActivate: false })
  expect([stream instanceof UnixStreamServer, stream instanceof TCPServer]).toEqual([true, true])
  expect([datagram instanceof UDPServer, datagram instanceof TCPServer]).toEqual([true, false])
  expect([stream.addressFamily, datagram.addressFamily]).toEqual([AF_UNIX, AF_UNIX])
})
