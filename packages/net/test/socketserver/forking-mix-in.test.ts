import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AsyncResult, Event, type Greenlet, GreenletExit, getcurrent, sleep, spawn } from '@greenlit/core'
import {
  AF_INET,
  AF_UNIX,
  createConnection,
  emulatedUnixDatagrams,
  ForkingTCPServer,
  ForkingUDPServer,
  ForkingUnixDatagramServer,
  ForkingUnixStreamServer,
  type InetAddress,
  registerUnixDatagramProvider,
  SHUT_WR,
  SOCK_DGRAM,
  type Socket,
  socket,
} from '@greenlit/net'
import { afterAll, expect, test, vi } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { loopTurns, run } from '../pair.ts'
import { exchange, exchangeDatagram, served } from './serving.ts'

guardLeaks()

const LOOPBACK: InetAddress = ['127.0.0.1', 0]
const folder = mkdtempSync(join(tmpdir(), 'greenlit-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A handler that a child process loads. */
function handler(name: string) {
  return { module: new URL('./handlers/forked.mjs', import.meta.url), export: name }
}

test('serves connections in child processes, which are reused', () =>
  run(function* () {
    const server = new ForkingTCPServer(LOOPBACK, handler('Echo'))
    yield* served(server, function* (address) {
      const pids = new Set<string>()
      for (const word of ['one', 'two', 'three']) {
        const [pid, answer] = (yield* exchange(address, `${word}\n`)).trim().split(' ')
        expect(answer).toBe(word)
        pids.add(pid!)
      }
      expect(pids.has(String(process.pid))).toBe(false)
      expect([...server.activeChildren].map(String)).toEqual(expect.arrayContaining([...pids]))
    })
    expect(server.activeChildren.size).toBe(0)
    expect(server.fileno()).toBe(-1)
  }))

test('loses no bytes on the way, and supports half-open connections', () =>
  run(function* () {
    yield* served(new ForkingTCPServer(LOOPBACK, handler('Whole')), function* (address) {
      using client = yield* createConnection(address)
      yield* client.sendall('first ')
      yield* loopTurns()
      yield* client.sendall('second')
      client.shutdown(SHUT_WR)
      using file = client.makefile('rb')
      expect(String(yield* file.read())).toBe('FIRST SECOND')
    })
  }))

test('refuses to send a child a connection that was already read from', () =>
  run(function* () {
    const errors: string[] = []
    class Reading extends ForkingTCPServer {
      override *verifyRequest(request: Socket) {
        yield* request.recv(1)
        return true
      }
      override handleError(_request: Socket, _address: unknown, error: unknown) {
        errors.push((error as Error).message)
      }
    }
    yield* served(new Reading(LOOPBACK, handler('Echo')), function* (address) {
      using client = yield* createConnection(address)
      yield* client.sendall('a')
      expect((yield* client.recv(1)).length).toBe(0)
    })
    expect(errors[0]).toContain('nothing was read')
  }))

test('delivers a large reply completely, even if the server is closed meanwhile', () =>
  run(function* () {
    const server = yield* new ForkingTCPServer(LOOPBACK, handler('Large')).activate()
    const loop = spawn(() => server.serveForever())
    using client = yield* createConnection(server.serverAddress)
    yield* client.recvExact(1)
    yield* server.shutdown()
    const closing = spawn(() => server.serverClose())
    using file = client.makefile('rb')
    expect((yield* file.read()).length).toBe(3_999_999)
    yield* closing
    yield* loop
    expect(server.activeChildren.size).toBe(0)
  }))

test('passes an error in a handler to handleError, and continues', () =>
  run(function* () {
    const path = join(folder, 'failing.log')
    const errors: unknown[] = []
    class Server extends ForkingTCPServer {
      override handleError(_request: Socket, address: unknown, error: unknown) {
        errors.push([(address as InetAddress)[0], (error as Error).name, (error as Error).message])
      }
    }
    yield* served(new Server(LOOPBACK, handler('Failing')), function* (address) {
      for (let count = 0; count < 2; count += 1) expect(yield* exchange(address, path)).toBe('')
      while (errors.length < 2) yield* sleep(1)
    })
    const expected = ['127.0.0.1', 'RangeError', 'the child fails']
    expect(errors).toEqual([expected, expected])
    expect(readFileSync(path, 'utf8')).toBe('Handler called\nHandler called\n')
  }))

test('does not treat an exit in a handler as an error', () =>
  run(function* () {
    const path = join(folder, 'exiting.log')
    const errors: unknown[] = []
    class Server extends ForkingTCPServer {
      override handleError(_request: Socket, _address: unknown, error: unknown) {
        errors.push(error)
      }
    }
    yield* served(new Server(LOOPBACK, handler('Exiting')), function* (address) {
      expect(yield* exchange(address, path)).toBe('')
    })
    expect(readFileSync(path, 'utf8')).toBe('Handler called\n')
    expect(errors).toEqual([])
  }))

test('survives the death of a child, and reports it', () =>
  run(function* () {
    const errors: string[] = []
    class Server extends ForkingTCPServer {
      override handleError(_request: Socket, _address: unknown, error: unknown) {
        errors.push((error as Error).message)
      }
    }
    yield* served(new Server(LOOPBACK, handler('Dying')), function* (address, server) {
      using client = yield* createConnection(address)
      yield* client.sendall('x')
      expect((yield* client.recv(1)).length).toBe(0)
      while (errors.length === 0) yield* sleep(1)
      expect(errors[0]).toMatch(/The worker \d+ has ended with -9/)
      expect(server.activeChildren.size).toBe(0)
    })
  }))

test('serves at most maxChildren requests at a time', () =>
  run(function* () {
    class Two extends ForkingTCPServer {
      override maxChildren = 2
    }
    const server = new Two(LOOPBACK, handler('Echo'))
    yield* served(server, function* (address) {
      const clients: Socket[] = []
      for (let count = 0; count < 4; count += 1) clients.push(yield* createConnection(address))
      yield* clients[0]!.sendall('a\n')
      expect(String(yield* clients[0]!.recv(100))).toContain(' a')
      yield* loopTurns()
      expect(server.activeChildren.size).toBeLessThanOrEqual(2)
      for (const client of clients.slice(1)) yield* client.sendall('b\n')
      for (const client of clients.slice(1)) expect(String(yield* client.recv(100))).toContain(' b')
      for (const client of clients) client.close()
    })
  }))

test("closes the parent's copy of a connection sent to a child, and leaves its shutdown to the child", () =>
  run(function* () {
    const steps: string[] = []
    class Server extends ForkingTCPServer {
      override shutdownRequest(request: Socket) {
        steps.push('shutdownRequest')
        return super.shutdownRequest(request)
      }
      override closeRequest(request: Socket) {
        steps.push('closeRequest')
        return super.closeRequest(request)
      }
    }
    yield* served(new Server(LOOPBACK, handler('Echo')), function* (address) {
      expect(yield* exchange(address, 'one\n')).toContain(' one')
      expect(steps).toEqual(['closeRequest'])
    })
    expect(steps).toEqual(['closeRequest'])
  }))

test('accepts no request at maxChildren, and can be shut down then', () =>
  run(function* () {
    let taken = 0
    class One extends ForkingTCPServer {
      override maxChildren = 1
      override getRequest() {
        taken += 1
        return super.getRequest()
      }
    }
    const server = yield* new One(LOOPBACK, handler('Echo')).activate()
    const loop = spawn(() => server.serveForever())
    const [first, second] = [
      yield* createConnection(server.serverAddress),
      yield* createConnection(server.serverAddress),
    ]
    yield* loopTurns(20)
    expect(taken).toBe(1)
    yield* server.shutdown()
    yield* loop
    expect(server.activeChildren.size).toBe(1)
    // Called on its own, `handleRequest` accepts a request and holds it until there is capacity.
    const another = spawn(() => server.handleRequest())
    yield* second.sendall('b\n')
    yield* loopTurns(20)
    expect([taken, another.ready(), server.activeChildren.size]).toEqual([2, false, 1])
    for (const [client, word] of [
      [first, 'a'],
      [second, 'b'],
    ] as const) {
      yield* client.sendall(`${word}\n`)
      expect(String(yield* client.recv(100))).toContain(` ${word}`)
      client.close()
    }
    yield* another
    yield* server.serverClose()
  }))

test('passes the addresses of server and client to the handler, be it a class or a function', () =>
  run(function* () {
    for (const name of ['Describing', 'serve']) {
      yield* served(new ForkingTCPServer(LOOPBACK, handler(name)), function* (address) {
        using client = yield* createConnection(address)
        using file = client.makefile('rb')
        expect(JSON.parse(String(yield* file.read()))).toEqual([address, client.getsockname()])
      })
    }
  }))

test('fails each request whose handler cannot be loaded', () =>
  run(function* () {
    const errors: string[] = []
    class Server extends ForkingTCPServer {
      override handleError(_request: Socket, _address: unknown, error: unknown) {
        errors.push((error as Error).message)
      }
    }
    yield* served(new Server(LOOPBACK, handler('Missing')), function* (address) {
      expect(yield* exchange(address, 'x')).toBe('')
      while (errors.length === 0) yield* sleep(1)
    })
    expect(errors[0]).toMatch(/to export Missing/)
  }))

test('ends idle children in a handleRequest that times out', () =>
  run(function* () {
    const server = yield* new ForkingTCPServer(LOOPBACK, handler('Echo')).activate()
    using client = yield* createConnection(server.serverAddress)
    yield* server.handleRequest()
    yield* client.sendall('x\n')
    expect(String(yield* client.recv(100))).toContain(' x')
    expect(server.activeChildren.size).toBe(1)
    server.timeout = 5
    while (server.activeChildren.size > 0) yield* server.handleRequest()
    yield* server.serverClose()
  }))

test('replies to datagrams from the address of the server, and reports no error to the handler', () =>
  run(function* () {
    const errors: unknown[] = []
    class Server extends ForkingUDPServer {
      override handleError(_request: unknown, _address: unknown, error: unknown) {
        errors.push(error)
      }
    }
    yield* served(new Server(LOOPBACK, handler('DatagramEcho')), function* (address) {
      for (const word of ['one', 'two']) expect(yield* exchangeDatagram(address, word)).toBe(word)
    })
    expect(errors).toEqual([])
  }))

test.each([true, false])('replies to datagrams after the server is closed, with blockOnClose %s', (blockOnClose) =>
  run(function* () {
    const accepted = new Event()
    const errors: unknown[] = []
    class Server extends ForkingUDPServer {
      override blockOnClose = blockOnClose
      override verifyRequest() {
        accepted.set()
        return true
      }
      override handleError(_request: unknown, _address: unknown, error: unknown) {
        errors.push(error)
      }
    }
    using client = socket(AF_INET, SOCK_DGRAM)
    yield* served(new Server(LOOPBACK, handler('DatagramEcho')), function* (address) {
      yield* client.sendto('late', address)
      yield* accepted.wait()
    })
    expect((yield* client.recvfrom(100, { timeout: 10_000 }))[0].toString()).toBe('late')
    expect(errors).toEqual([])
  }),
)

test('throws in the handler if a datagram cannot be sent', () =>
  run(function* () {
    const errors: unknown[] = []
    class Server extends ForkingUDPServer {
      override handleError(_request: unknown, _address: unknown, error: unknown) {
        errors.push((error as { code: string }).code)
      }
    }
    yield* served(new Server(LOOPBACK, handler('TooLarge')), function* (address) {
      using client = socket(2, SOCK_DGRAM)
      yield* client.sendto('x', address)
      while (errors.length === 0) yield* sleep(1)
    })
    expect(errors).toEqual(['EMSGSIZE'])
  }))

test('throws in the handler if the sending of a datagram is killed, and propagates the kill', () =>
  run(function* () {
    const errors: unknown[] = []
    const senders: Greenlet[] = []
    class Server extends ForkingUDPServer {
      override handleError(_request: unknown, _address: unknown, error: unknown) {
        errors.push((error as { code: string }).code)
      }
    }
    const server = new Server(LOOPBACK, handler('DatagramEcho'))
    vi.spyOn(server.socket, 'sendto').mockImplementation(() => {
      senders.push(getcurrent() as Greenlet)
      return new AsyncResult<number>().get()
    })
    yield* served(server, function* (address) {
      using client = socket(2, SOCK_DGRAM)
      yield* client.sendto('x', address)
      while (senders.length === 0) yield* sleep(1)
      yield* senders[0]!.kill()
      expect(senders[0]!.value).toBeInstanceOf(GreenletExit)
      while (errors.length === 0) yield* sleep(1)
    })
    expect(errors).toEqual(['ECANCELED'])
  }))

test('serves Unix connections and datagrams', () =>
  run(function* () {
    yield* served(new ForkingUnixStreamServer(join(folder, 'stream.sock'), handler('Echo')), function* (address) {
      expect(yield* exchange(address, 'unix\n', AF_UNIX)).toContain(' unix')
    })
    registerUnixDatagramProvider(emulatedUnixDatagrams)
    try {
      const path = join(folder, 'datagram.sock')
      yield* served(new ForkingUnixDatagramServer(path, handler('DatagramEcho')), function* (address) {
        using client = socket(AF_UNIX, SOCK_DGRAM)
        yield* client.bind(join(folder, 'client.sock'))
        yield* client.sendto('unix', address)
        const [answer] = yield* client.recvfrom(100, { timeout: 10_000 })
        expect(String(answer)).toBe('unix')
      })
    } finally {
      registerUnixDatagramProvider(undefined)
    }
    expect(existsSync(join(folder, 'stream.sock'))).toBe(false)
  }))

test("has Python's defaults, and refuses handlers that cannot be sent to a child", () => {
  using server = new ForkingTCPServer(LOOPBACK, handler('Echo'))
  expect([server.timeout, server.maxChildren, server.blockOnClose]).toEqual([300_000, 40, true])
  expect(() => new ForkingTCPServer(LOOPBACK, class Handler {} as never)).toThrow(/module, export/)
  expect(() => new ForkingTCPServer(LOOPBACK, { module: new URL('./none.mjs', import.meta.url), export: 'X' })).toThrow(
    /none.mjs/,
  )
  expect(() => new ForkingTCPServer(LOOPBACK, { module: 'no-such-package', export: 'X' })).toThrow(/no-such-package/)
})
