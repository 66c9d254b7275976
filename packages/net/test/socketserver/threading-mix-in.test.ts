import { type Coroutine, Event, sleep, spawn } from '@greenlit/core'
import {
  type Address,
  BaseRequestHandler,
  createConnection,
  type Socket,
  TCPServer,
  ThreadingMixIn,
  ThreadingTCPServer,
} from '@greenlit/net'
import { expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { loopTurns, run } from '../pair.ts'
import { captureStderr, exchange, served } from './serving.ts'

guardLeaks()

class Echo extends BaseRequestHandler {
  override *handle() {
    for (let data = yield* this.request.recv(1024); data.length > 0; data = yield* this.request.recv(1024)) {
      yield* this.request.sendall(data)
    }
  }
}

test('serves several clients concurrently', () =>
  run(function* () {
    yield* served(new ThreadingTCPServer(['127.0.0.1', 0], Echo), function* (address) {
      const clients: Socket[] = []
      for (let count = 0; count < 5; count += 1) clients.push(yield* createConnection(address))
      for (const client of clients.reverse()) {
        yield* client.sendall('hello')
        expect(String(yield* client.recvExact(5))).toBe('hello')
      }
      for (const client of clients) client.close()
    })
  }))

test('forgets greenlets that have ended', () =>
  run(function* () {
    class Quick extends BaseRequestHandler {
      override *handle() {
        yield* this.request.sendall('done')
      }
    }
    yield* served(new ThreadingTCPServer(['127.0.0.1', 0], Quick), function* (address, server) {
      for (let count = 0; count < 10; count += 1) expect(yield* exchange(address, '')).toBe('done')
      expect(server.threads.length).toBeLessThan(10)
      while (server.runningThreads > 0) yield* sleep(1)
      expect(server.threads).toEqual([])
    })
  }))

test.each([
  [false, true, true],
  [true, true, false],
  [false, false, false],
])('with daemonThreads %s and blockOnClose %s serverClose waits: %s', (daemon, block, waits) =>
  run(function* () {
    const begun = new Event()
    const release = new Event()
    const ended = new Event()
    class Held extends BaseRequestHandler {
      override *handle() {
        begun.set()
        yield* release.wait()
        ended.set()
      }
    }
    class Server extends ThreadingMixIn(TCPServer) {
      override daemonThreads = daemon
      override blockOnClose = block
    }
    const server = yield* new Server(['127.0.0.1', 0], Held).activate()
    const loop = spawn(() => server.serveForever())
    using client = yield* createConnection(server.serverAddress)
    yield* begun.wait()
    yield* server.shutdown()
    yield* loop
    const closing = spawn(() => server.serverClose())
    yield* loopTurns()
    expect(closing.ready()).toBe(!waits)
    expect(server.fileno()).toBe(-1)
    release.set()
    yield* ended.wait()
    yield* closing
    expect((yield* client.recv(1)).length).toBe(0)
  }),
)

test('closes immediately if it has never served', () =>
  run(function* () {
    const server = new ThreadingTCPServer(['127.0.0.1', 0], Echo)
    yield* server.serverClose()
    expect(server.fileno()).toBe(-1)
  }))

test('closes the request of a greenlet that is killed, started or not, and reports no error', () =>
  run(function* () {
    const errors: unknown[] = []
    class Killing extends ThreadingTCPServer {
      killAtOnce = true
      override handleError(_request: unknown, _address: unknown, error: unknown) {
        errors.push(error)
      }
      override *processRequest(request: Socket, address: Address): Coroutine<void> {
        yield* super.processRequest(request, address)
        if (this.killAtOnce) for (const thread of this.threads) thread.kill()
      }
    }
    yield* served(new Killing(['127.0.0.1', 0], Echo), function* (address, server) {
      using first = yield* createConnection(address)
      expect((yield* first.recv(1)).length).toBe(0)
      server.killAtOnce = false
      using second = yield* createConnection(address)
      yield* second.sendall('x')
      yield* second.recv(1)
      for (const thread of server.threads) yield* thread.kill()
      expect((yield* second.recv(1)).length).toBe(0)
    })
    expect(errors).toEqual([])
  }))

test('can be closed by a handler, which waits only for the others', () =>
  run(function* () {
    const order: string[] = []
    const begun = new Event()
    class Closing extends BaseRequestHandler<Socket, ThreadingTCPServer> {
      override *handle() {
        const word = String(yield* this.request.recv(5))
        begun.set()
        if (word === 'close') yield* this.server.serverClose()
        else yield* this.request.recv(1)
        order.push(word)
      }
    }
    const server = yield* new ThreadingTCPServer(['127.0.0.1', 0], Closing).activate()
    const loop = spawn(() => server.serveForever())
    using other = yield* createConnection(server.serverAddress)
    yield* other.sendall('other')
    yield* begun.wait()
    using client = yield* createConnection(server.serverAddress)
    yield* client.sendall('close')
    yield* loop
    yield* other.sendall('x')
    expect((yield* client.recv(1, { timeout: 5_000 })).length).toBe(0)
    expect(order).toEqual(['other', 'close'])
  }))

test('runs the serverClose of its base class, even if that is a coroutine function', () =>
  run(function* () {
    const closed: string[] = []
    class Closing extends TCPServer {
      override *serverClose(): Coroutine<void> {
        yield* super.serverClose()
        yield* sleep(0)
        closed.push('base')
      }
    }
    const server = yield* new (ThreadingMixIn(Closing))(['127.0.0.1', 0], Echo).activate()
    yield* server.serverClose()
    expect(closed).toEqual(['base'])
    expect(server.fileno()).toBe(-1)
  }))

test('reports an error in a handler and survives it', () =>
  run(function* () {
    class Failing extends BaseRequestHandler {
      override handle() {
        throw new Error('the handler fails')
      }
    }
    const stderr = captureStderr()
    try {
      yield* served(new ThreadingTCPServer(['127.0.0.1', 0], Failing), function* (address) {
        for (let count = 0; count < 3; count += 1) expect(yield* exchange(address, '')).toBe('')
      })
    } finally {
      stderr.restore()
    }
    expect(stderr.text.match(/the handler fails/g)?.length).toBeGreaterThanOrEqual(3)
  }))

test('lets processRequestThread be overridden', () =>
  run(function* () {
    const seen: string[] = []
    class Server extends ThreadingTCPServer {
      override *processRequestThread(request: Socket, address: Address): Coroutine<unknown> {
        seen.push(String(address[0]))
        return yield* super.processRequestThread(request, address) as Coroutine<unknown>
      }
    }
    yield* served(new Server(['127.0.0.1', 0], BaseRequestHandler), function* (address) {
      expect(yield* exchange(address, '')).toBe('')
    })
    expect(seen).toEqual(['127.0.0.1'])
  }))

test('refuses anything but a server class', () => {
  expect(() => ThreadingMixIn(Map as never)).toThrow(/class of servers/)
  expect(() => ThreadingMixIn(undefined as never)).toThrow(TypeError)
})
