import { sleep, spawn } from '@greenlit/core'
import {
  createConnection,
  IPPROTO_TCP,
  SHUT_WR,
  StreamRequestHandler,
  setdefaulttimeout,
  TCP_NODELAY,
  TCPServer,
  TimeoutError,
} from '@greenlit/net'
import { expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { loopTurns, run } from '../pair.ts'
import { captureStderr, exchange, served } from './serving.ts'

guardLeaks()

const ZEROS = 16 * 1024 * 1024 + 1

test('reads lines from rfile and immediately sends what is written to wfile', () =>
  run(function* () {
    const counts: number[] = []
    class Handler extends StreamRequestHandler {
      override *handle() {
        counts.push(yield* this.wfile.write('write data\n'))
        const line = yield* this.rfile.readline()
        counts.push(line.length)
        counts.push(yield* this.wfile.write(Buffer.alloc(ZEROS)))
      }
    }
    yield* served(new TCPServer(['127.0.0.1', 0], Handler), function* (address) {
      using client = yield* createConnection(address)
      using file = client.makefile('rb')
      expect(String(yield* file.readline())).toBe('write data\n')
      yield* client.sendall('answer\n')
      expect((yield* file.read(100)).length).toBe(100)
      yield* loopTurns()
      expect((yield* file.read()).length).toBe(ZEROS - 100)
    })
    expect(counts).toEqual([11, 7, ZEROS])
  }))

test('buffers what is written according to wbufsize, and flushes it in finish', () =>
  run(function* () {
    const seen: unknown[] = []
    class Buffered extends StreamRequestHandler {
      override wbufsize = 4096
      override *handle() {
        yield* this.wfile.write('one ')
        yield* this.wfile.write('two')
        seen.push(this.connection === this.request)
      }
      override *finish() {
        yield* super.finish()
        seen.push(this.wfile.closed, this.rfile.closed)
      }
    }
    yield* served(new TCPServer(['127.0.0.1', 0], Buffered), function* (address) {
      expect(yield* exchange(address, '')).toBe('one two')
    })
    expect(seen).toEqual([true, true, true])
  }))

test('sets the timeout and TCP_NODELAY of the connection', () =>
  run(function* () {
    const seen: unknown[] = []
    class Impatient extends StreamRequestHandler {
      override timeout = 20
      override disableNagleAlgorithm = true
      override *handle() {
        seen.push(this.connection.gettimeout(), this.connection.getsockopt(IPPROTO_TCP, TCP_NODELAY))
        try {
          yield* this.rfile.readline()
        } catch (error) {
          seen.push(error)
        }
      }
    }
    yield* served(new TCPServer(['127.0.0.1', 0], Impatient), function* (address) {
      using client = yield* createConnection(address)
      expect((yield* client.recv(1)).length).toBe(0)
    })
    expect(seen[0]).toBe(20)
    expect(seen[1]).toBe(1)
    expect(seen[2]).toBeInstanceOf(TimeoutError)
  }))

test('leaves the timeout and TCP_NODELAY of the connection alone by default', () =>
  run(function* () {
    const seen: unknown[] = []
    class Patient extends StreamRequestHandler {
      override handle() {
        seen.push(this.connection.gettimeout(), this.connection.getsockopt(IPPROTO_TCP, TCP_NODELAY))
      }
    }
    setdefaulttimeout(5_000)
    try {
      yield* served(new TCPServer(['127.0.0.1', 0], Patient), function* (address) {
        expect(yield* exchange(address, '')).toBe('')
      })
    } finally {
      setdefaulttimeout(undefined)
    }
    expect(seen).toEqual([5_000, 0])
  }))

test("has Python's defaults", () => {
  const handler = new StreamRequestHandler(undefined as never, ['127.0.0.1', 1], undefined as never)
  expect([handler.rbufsize, handler.wbufsize, handler.timeout, handler.disableNagleAlgorithm]).toEqual([
    -1,
    0,
    undefined,
    false,
  ])
})

test('does not treat it as an error if the client has disconnected before the final flush', () =>
  run(function* () {
    const stderr = captureStderr()
    try {
      const ended: string[] = []
      class Late extends StreamRequestHandler {
        override wbufsize = 1 << 20
        override *handle() {
          yield* this.wfile.write(Buffer.alloc(1000))
          yield* this.rfile.read()
          yield* loopTurns()
        }
        override *finish() {
          yield* super.finish()
          ended.push('finished')
        }
      }
      yield* served(new TCPServer(['127.0.0.1', 0], Late), function* (address) {
        const client = yield* createConnection(address)
        client.close()
        while (ended.length === 0) yield* sleep(1)
      })
      expect(stderr.text).toBe('')
    } finally {
      stderr.restore()
    }
  }))

test.each([
  ['has shut down its sending side', (handler: StreamRequestHandler) => handler.connection.shutdown(SHUT_WR)],
  ['has closed its request', (handler: StreamRequestHandler) => void handler.request.close()],
  ['has closed its files', (handler: StreamRequestHandler) => void [handler.wfile.close(), handler.rfile.close()]],
])('does not treat it as an error that a handler %s', (_what, end) =>
  run(function* () {
    const errors: unknown[] = []
    class Ending extends StreamRequestHandler {
      override wbufsize = 4096
      override *handle() {
        end(this)
        if (!this.wfile.closed) yield* this.wfile.write('never sent')
      }
    }
    class Server extends TCPServer {
      override handleError(_request: unknown, _address: unknown, error: unknown) {
        errors.push(error)
      }
    }
    yield* served(new Server(['127.0.0.1', 0], Ending), function* (address) {
      yield* exchange(address, '')
      yield* exchange(address, '')
    })
    expect(errors).toEqual([])
  }),
)

test('is killed with its server, and closes the connection', () =>
  run(function* () {
    class Waiting extends StreamRequestHandler {
      override *handle() {
        yield* this.rfile.readline()
      }
    }
    using server = yield* new TCPServer(['127.0.0.1', 0], Waiting).activate()
    const loop = spawn(() => server.serveForever())
    using client = yield* createConnection(server.serverAddress)
    yield* loopTurns()
    yield* loop.kill()
    expect((yield* client.recv(1)).length).toBe(0)
  }))
