import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BlockingSwitchOutError,
  type Coroutine,
  Event,
  each,
  enumerate,
  Greenlet,
  Group,
  getcurrent,
  getHub,
  Pool,
  RawGreenlet,
  sleep,
  spawn,
} from '@greenlit/core'
import {
  type Address,
  AF_INET,
  AF_INET6,
  AF_UNIX,
  createConnection,
  createServer,
  type InetAddress,
  OSError,
  type Socket,
  StreamServer,
  socket,
  waitRead,
} from '@greenlit/net'
import { expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, hasIPv6, loopTurns, run } from '../pair.ts'
import { exchange } from '../socketserver/serving.ts'

guardLeaks()

const LOOPBACK: InetAddress = ['127.0.0.1', 0]

function* echo(connection: Socket) {
  for (let data = yield* connection.recv(1024); data.length > 0; data = yield* connection.recv(1024)) {
    yield* connection.sendall(data)
  }
}

/** Starts a server, runs a function, and always stops the server. */
function* serving(server: StreamServer, work: (address: InetAddress) => Coroutine<unknown>): Coroutine<void> {
  yield* server.start()
  try {
    yield* work(server.address as InetAddress)
  } finally {
    yield* server.stop()
  }
}

/** Collects the errors that the hub reports. */
function reported(): string[] {
  const reports: string[] = []
  getHub().exceptionStream = { write: (text: string) => reports.push(text) }
  return reports
}

test('serves each connection in a greenlet of its own', () =>
  run(function* () {
    yield* serving(new StreamServer(LOOPBACK, echo), function* (address) {
      const clients: Socket[] = []
      for (let count = 0; count < 5; count += 1) clients.push(yield* createConnection(address))
      for (const client of clients.reverse()) {
        yield* client.sendall('hello')
        expect(String(yield* client.recvExact(5))).toBe('hello')
        client.close()
      }
    })
  }))

test('gets its actual port from start, and exposes it', () =>
  run(function* () {
    const server = new StreamServer(LOOPBACK, echo)
    expect([server.started, server.closed, server.serverPort, server.fileno()]).toEqual([false, true, 0, -1])
    yield* server.start()
    yield* server.start()
    expect([server.started, server.closed, server.serverHost]).toEqual([true, false, '127.0.0.1'])
    expect(server.serverPort).toBeGreaterThan(0)
    expect(server.fileno()).toBe(server.socket!.fileno())
    expect(String(server)).toBe(`<StreamServer 127.0.0.1:${server.serverPort}>`)
    yield* server.stop()
    expect([server.started, server.closed, server.socket]).toEqual([false, true, undefined])
  }))

test.each([
  ['returns', () => undefined],
  [
    'throws',
    () => {
      throw new Error('the handler fails')
    },
  ],
  ['is async', async () => undefined],
])('closes the connection when the handler %s', (_name, handler: () => unknown) =>
  run(function* () {
    const reports = reported()
    yield* serving(new StreamServer(LOOPBACK, handler), function* (address) {
      for (let count = 0; count < 2; count += 1) expect(yield* exchange(address, '')).toBe('')
    })
    expect(reports.every((text) => text.includes('the handler fails'))).toBe(true)
  }),
)

test("passes the socket, without a timeout, and the peer's address to the handler", () =>
  run(function* () {
    const seen: unknown[] = []
    const handler = (connection: Socket, address: Address) => {
      seen.push(connection.gettimeout(), address, connection.getpeername())
    }
    yield* serving(new StreamServer(LOOPBACK, handler), function* (address) {
      using client = yield* createConnection(address)
      expect((yield* client.recv(1)).length).toBe(0)
      expect(seen).toEqual([undefined, client.getsockname(), client.getsockname()])
    })
  }))

test('accepts nothing while its pool is full, and continues when there is room', () =>
  run(function* () {
    let running = 0
    let most = 0
    const handler = function* (connection: Socket) {
      running += 1
      most = Math.max(most, running)
      yield* connection.recv(1)
      running -= 1
    }
    const server = new StreamServer(LOOPBACK, handler, { spawn: 2 })
    expect(server.pool).toBeInstanceOf(Pool)
    yield* serving(server, function* (address) {
      const clients: Socket[] = []
      for (let count = 0; count < 5; count += 1) clients.push(yield* createConnection(address))
      while (running < 2) yield* sleep(1)
      yield* loopTurns()
      expect(running).toBe(2)
      expect(server.full()).toBe(true)
      for (const client of clients) yield* client.sendall('x')
      for (const client of clients) expect((yield* client.recv(1)).length).toBe(0)
      for (const client of clients) client.close()
    })
    expect(most).toBe(2)
  }))

test('runs handlers in a given pool', () =>
  run(function* () {
    const pool = new Pool(3)
    const other = pool.spawn(() => sleep(5))
    yield* other
    yield* serving(new StreamServer(LOOPBACK, echo, { spawn: pool }), function* (address) {
      using client = yield* createConnection(address)
      yield* client.sendall('x')
      yield* client.recv(1)
      expect(pool.size).toBeGreaterThanOrEqual(1)
    })
    expect(pool.size).toBe(0)
  }))

test('runs handlers in a group, which stop empties', () =>
  run(function* () {
    const group = new Group()
    const server = new StreamServer(LOOPBACK, echo, { spawn: group })
    yield* server.start()
    expect([server.pool, server.full()]).toEqual([undefined, false])
    using client = yield* createConnection(server.address as InetAddress)
    yield* client.sendall('x')
    yield* client.recv(1)
    expect(group.size).toBe(1)
    yield* server.stop({ timeout: 0 })
    expect(group.size).toBe(0)
    expect((yield* client.recv(1)).length).toBe(0)
  }))

test('kills the handlers in a pool when the timeout of stop expires', () =>
  run(function* () {
    const events: string[] = []
    const handler = function* () {
      try {
        yield* sleep(10_000)
      } finally {
        events.push('cleaned up')
      }
    }
    const server = new StreamServer(LOOPBACK, handler, { spawn: 5 })
    yield* server.start()
    using client = yield* createConnection(server.address as InetAddress)
    while (server.pool!.size === 0) yield* sleep(1)
    const stopping = server.stop({ timeout: 20 })
    expect([server.closed, events.length]).toEqual([true, 0])
    yield* stopping
    expect(events).toEqual(['cleaned up'])
    expect((yield* client.recv(1)).length).toBe(0)
  }))

test('lets the handlers in a pool continue for stopTimeout if stop is given no timeout', () =>
  run(function* () {
    const server = new StreamServer(LOOPBACK, () => sleep(60_000), { spawn: 5 })
    server.stopTimeout = 10
    yield* server.start()
    using client = yield* createConnection(server.address as InetAddress)
    while (server.pool!.size === 0) yield* sleep(1)
    yield* server.stop()
    expect(server.pool!.size).toBe(0)
    expect((yield* client.recv(1)).length).toBe(0)
  }))

test('lets the handlers in a pool end within the timeout', () =>
  run(function* () {
    const events: string[] = []
    const handler = function* (connection: Socket) {
      yield* connection.recv(1)
      events.push('ended')
    }
    const server = new StreamServer(LOOPBACK, handler, { spawn: 5 })
    yield* server.start()
    using client = yield* createConnection(server.address as InetAddress)
    while (server.pool!.size === 0) yield* sleep(1)
    const stopping = spawn(() => server.stop({ timeout: 10_000 }))
    yield* loopTurns()
    yield* client.sendall('x')
    yield* stopping
    expect(events).toEqual(['ended'])
  }))

test('lets the handlers in a pool continue for the timeout of stop, also under serveForever', () =>
  run(function* () {
    const events: string[] = []
    const handler = function* (connection: Socket) {
      yield* connection.recv(1)
      events.push('ended')
    }
    const server = new StreamServer(LOOPBACK, handler, { spawn: 5 })
    server.stopTimeout = 0
    const loop = spawn(() => server.serveForever())
    while (!server.started) yield* sleep(1)
    using client = yield* createConnection(server.address as InetAddress)
    while (server.pool!.size === 0) yield* sleep(1)
    const stopping = spawn(() => server.stop({ timeout: 10_000 }))
    yield* loopTurns()
    expect([server.pool!.size, loop.ready()]).toEqual([1, false])
    yield* client.sendall('x')
    yield* stopping
    yield* loop
    expect(events).toEqual(['ended'])
  }))

test('leaves handlers alone on stop when there is no pool', () =>
  run(function* () {
    const server = new StreamServer(LOOPBACK, echo)
    yield* server.start()
    using client = yield* createConnection(server.address as InetAddress)
    yield* client.sendall('x')
    yield* client.recv(1)
    yield* server.stop()
    yield* client.sendall('y')
    expect(String(yield* client.recv(1))).toBe('y')
  }))

test.each([['inline'], [undefined], [null]] as const)('runs plain handlers in the hub with spawn: %s', (inline) =>
  run(function* () {
    const where: unknown[] = []
    const handler = () => {
      where.push(getcurrent() instanceof Greenlet)
    }
    yield* serving(new StreamServer(LOOPBACK, handler, { spawn: inline }), function* (address) {
      expect(yield* exchange(address, '')).toBe('')
    })
    expect(where).toEqual([false])
  }),
)

test('lets a handler in the hub send what need not wait', () =>
  run(function* () {
    const handler = function* (connection: Socket) {
      expect(yield* connection.send('sent, ')).toBe(6)
      yield* connection.sendall('and more')
      yield* connection.sendall(new Uint8Array(16_000_000))
      try {
        yield* connection.send('no room')
      } catch (error) {
        expect(error).toBeInstanceOf(BlockingSwitchOutError)
      }
    }
    yield* serving(new StreamServer(LOOPBACK, handler, { spawn: 'inline' }), function* (address) {
      const received = yield* exchange(address, '')
      expect(received.slice(0, 14)).toBe('sent, and more')
      expect(received.length).toBe(16_000_014)
    })
  }))

test('reports a handler in the hub that tries to block, and continues', () =>
  run(function* () {
    const reports = reported()
    const errors: unknown[] = []
    const handler = function* () {
      try {
        yield* sleep(1)
      } catch (error) {
        errors.push(error)
        throw error
      }
    }
    yield* serving(new StreamServer(LOOPBACK, handler, { spawn: 'inline' }), function* (address) {
      for (let count = 0; count < 2; count += 1) expect(yield* exchange(address, '')).toBe('')
    })
    expect(errors.every((error) => error instanceof BlockingSwitchOutError)).toBe(true)
    expect(errors.length).toBe(2)
    expect(reports.length).toBe(2)
  }))

test('runs handlers in raw greenlets', () =>
  run(function* () {
    const where: RawGreenlet[] = []
    const handler = function* (connection: Socket) {
      where.push(getcurrent())
      yield* connection.sendall('raw')
    }
    yield* serving(new StreamServer(LOOPBACK, handler, { spawn: 'raw' }), function* (address) {
      expect(yield* exchange(address, '')).toBe('raw')
    })
    expect(where[0]).toBeInstanceOf(RawGreenlet)
    expect(where[0]).not.toBeInstanceOf(Greenlet)
  }))

test('pauses after an error in spawn, closes that connection, and continues', () =>
  run(function* () {
    const reports = reported()
    let calls = 0
    const server = new StreamServer(LOOPBACK, echo, {
      spawn: (fn, ...args) => {
        calls += 1
        if (calls <= 2) throw new Error('no more greenlets')
        return spawn(fn, ...args)
      },
    })
    server.minDelay = 5
    yield* serving(server, function* (address) {
      for (let count = 0; count < 2; count += 1) expect(yield* exchange(address, '')).toBe('')
      using client = yield* createConnection(address)
      yield* client.sendall('x')
      expect(String(yield* client.recv(1))).toBe('x')
    })
    expect(reports.length).toBe(2)
    expect(reports[0]).toContain('no more greenlets')
  }))

test('pauses longer after each consecutive error, up to the longest pause', () =>
  run(function* () {
    reported()
    const order: string[] = []
    function* mark(call: number, after: number) {
      yield* sleep(after)
      order.push(`${after} ms after call ${call}`)
    }
    const server = new StreamServer(LOOPBACK, echo, {
      spawn: () => {
        const call = order.filter((each) => each.startsWith('call')).length
        order.push(`call ${call}`)
        if (call < 2) spawn(mark, call, [15, 30][call]!)
        throw new Error('no more greenlets')
      },
    })
    server.minDelay = 20
    server.maxDelay = 40
    yield* serving(server, function* (address) {
      for (let count = 0; count < 3; count += 1) expect(yield* exchange(address, '')).toBe('')
    })
    expect(order).toEqual(['call 0', '15 ms after call 0', 'call 1', '30 ms after call 1', 'call 2'])
  }))

test('resets the pause once it has accepted again', () =>
  run(function* () {
    reported()
    let calls = 0
    const server = new StreamServer(LOOPBACK, () => {}, {
      spawn: (fn, ...args) => {
        calls += 1
        if (calls % 2 === 1) throw new Error('no more greenlets')
        return spawn(fn, ...args)
      },
    })
    server.minDelay = 1
    server.maxDelay = 60_000
    yield* serving(server, function* (address) {
      for (let count = 0; count < 32; count += 1) expect(yield* exchange(address, '')).toBe('')
    })
    expect(calls).toBe(32)
  }))

test('considers only errors fatal that make its socket unusable', () => {
  const server = new StreamServer(LOOPBACK, echo)
  const codes = ['EBADF', 'EINVAL', 'ENOTSOCK', 'EMFILE', 'ECONNABORTED']
  expect(codes.map((code) => server.isFatalError(new OSError(code)))).toEqual([true, true, true, false, false])
  expect(server.isFatalError(new Error('EBADF'))).toBe(false)
  server.fatalErrors = [...server.fatalErrors, 'EMFILE']
  expect(codes.map((code) => server.isFatalError(new OSError(code)))).toEqual([true, true, true, true, false])
})

test('ends quietly when its accepting greenlet is killed, as happens at the end of a program', () =>
  run(function* () {
    const reports = reported()
    const before = new Set(enumerate())
    const server = new StreamServer(LOOPBACK, echo)
    yield* server.start()
    const accepting = enumerate().filter((greenlet) => !before.has(greenlet)) as Greenlet[]
    expect(accepting.length).toBe(1)
    for (const greenlet of accepting) yield* greenlet.kill()
    yield* server.stop()
    expect(reports).toEqual([])
  }))

test("passes the socket and the client's address to doClose", () =>
  run(function* () {
    const closed: Address[] = []
    class Telling extends StreamServer {
      override doClose(connection: Socket, address: Address): void {
        closed.push(address)
        super.doClose(connection, address)
      }
    }
    const names: Address[] = []
    for (const option of ['default', 'raw', 'inline'] as const) {
      yield* serving(new Telling(LOOPBACK, () => {}, { spawn: option }), function* (address) {
        using client = yield* createConnection(address)
        names.push(client.getsockname())
        expect((yield* client.recv(1)).length).toBe(0)
      })
    }
    expect(closed).toEqual(names)
  }))

test('closes itself after a fatal error in accept', () =>
  run(function* () {
    const reports = reported()
    const server = new StreamServer(LOOPBACK, echo)
    const loop = spawn(() => server.serveForever())
    while (!server.started) yield* sleep(1)
    server.socket!.close()
    yield* loop
    expect([server.started, server.closed]).toEqual([false, true])
    expect(reports[0]).toContain('Bad file descriptor')
  }))

test('serves until it is stopped', () =>
  run(function* () {
    const server = new StreamServer(LOOPBACK, echo)
    const loop = spawn(() => server.serveForever())
    while (!server.started) yield* sleep(1)
    expect(loop.ready()).toBe(false)
    server.stop()
    yield* loop
    expect(server.started).toBe(false)
  }))

test('is stopped when the greenlet in serveForever is killed', () =>
  run(function* () {
    const ended = new Event()
    const handler = function* () {
      try {
        yield* sleep(10_000)
      } finally {
        ended.set()
      }
    }
    const server = new StreamServer(LOOPBACK, handler, { spawn: 3 })
    const loop = spawn(() => server.serveForever({ stopTimeout: 0 }))
    while (!server.started) yield* sleep(1)
    using client = yield* createConnection(server.address as InetAddress)
    while (server.pool!.size === 0) yield* sleep(1)
    yield* loop.kill()
    expect([server.closed, ended.isSet()]).toEqual([true, true])
    expect((yield* client.recv(1)).length).toBe(0)
  }))

test('can be started again after stop', () =>
  run(function* () {
    const server = new StreamServer(LOOPBACK, echo)
    for (let round = 0; round < 2; round += 1) {
      yield* serving(server, function* (address) {
        using client = yield* createConnection(address)
        yield* client.sendall('x')
        expect(String(yield* client.recv(1))).toBe('x')
      })
    }
  }))

test('is started again at the port that it picked, as in gevent', () =>
  run(function* () {
    for (const listener of [LOOPBACK, ':0', ...(hasIPv6 ? ['[::1]:0'] : [])]) {
      const server = new StreamServer(listener, echo)
      yield* server.start()
      const { address } = server
      yield* server.stop()
      yield* server.start()
      expect(server.address).toEqual(address)
      yield* server.stop()
    }
  }))

test('is started only once if two greenlets start it', () =>
  run(function* () {
    const server = new StreamServer(['localhost', 0], echo)
    const starting = [1, 2].map(() => spawn(() => server.start()))
    const addresses: Address[] = []
    for (const each of starting) {
      yield* each
      addresses.push(server.address)
      const client = yield* createConnection(server.address as InetAddress)
      client.close()
    }
    expect(addresses[0]).toEqual(addresses[1])
    yield* server.stop()
  }))

test('does not start if it is stopped during the start', () =>
  run(function* () {
    const server = new StreamServer(LOOPBACK, echo)
    const starting = spawn(() => server.start())
    yield* sleep(0)
    server.stop()
    yield* starting
    expect([server.started, server.closed]).toEqual([false, true])
    yield* server.stop()
  }))

test('pauses and resumes accepting', () =>
  run(function* () {
    yield* serving(new StreamServer(LOOPBACK, echo), function* () {})
    const server = new StreamServer(LOOPBACK, echo)
    yield* serving(server, function* (address) {
      server.stopAccepting()
      using client = yield* createConnection(address)
      yield* client.sendall('x')
      expect((yield* failure<OSError>(client.recv(1, { timeout: 20 }))).message).toBe('timed out')
      server.startAccepting()
      server.startAccepting()
      expect(String(yield* client.recv(1))).toBe('x')
    })
  }))

test('accepts a listening or bound socket, but then no backlog', () =>
  run(function* () {
    const listening = yield* createServer(LOOPBACK)
    expect(() => new StreamServer(listening, echo, { backlog: 5 })).toThrow(TypeError)
    expect(() => new StreamServer(0, echo, { backlog: '5' as never })).toThrow('Expected `backlog`')
    yield* serving(new StreamServer(listening, echo), function* (address) {
      expect(address).toEqual(listening.getsockname())
      using client = yield* createConnection(address)
      yield* client.sendall('x')
      expect(String(yield* client.recv(1))).toBe('x')
    })
    expect(listening.closed).toBe(true)
    const own = socket()
    yield* own.bind(LOOPBACK)
    const server = new StreamServer(own, echo)
    expect(server.address).toEqual(own.getsockname())
    yield* serving(server, function* (address) {
      using client = yield* createConnection(address)
      yield* client.sendall('x')
      expect(String(yield* client.recv(1))).toBe('x')
    })
    using other = socket(AF_INET6)
    expect(new StreamServer(other, echo).family).toBe(AF_INET6)
    expect((yield* failure<OSError>(server.start())).code).toBe('EBADF')
  }))

test('parses the address in all its forms', () =>
  run(function* () {
    const families = new Map<unknown, number>([
      ['127.0.0.1:0', AF_INET],
      ['localhost:0', AF_INET],
    ])
    if (hasIPv6) families.set('[::1]:0', AF_INET6).set(['::1', 0], AF_INET6)
    for (const [listener, family] of families) {
      const server = new StreamServer(listener as Address, echo)
      yield* server.start()
      expect(server.socket!.family).toBe(family)
      const host = family === AF_INET6 ? '[::1]' : '127.0.0.1'
      expect(String(server)).toBe(`<StreamServer ${host}:${server.serverPort}>`)
      yield* server.stop()
    }
    for (const everywhere of [0, '0', ':0', '*:0', ['', 0]]) {
      const server = new StreamServer(everywhere as Address, echo)
      yield* server.start()
      using client = yield* createConnection(['127.0.0.1', server.serverPort!])
      yield* client.sendall('x')
      expect(String(yield* client.recv(1))).toBe('x')
      yield* server.stop()
    }
  }))

test('listens on a path', () =>
  run(function* () {
    const folder = mkdtempSync(join(tmpdir(), 'greenlit-'))
    const server = new StreamServer(join(folder, 'echo.sock'), (connection) => connection.sendall('unix'))
    yield* server.start()
    expect([server.serverHost, server.serverPort]).toEqual([undefined, undefined])
    expect(yield* exchange(server.address, '', AF_UNIX)).toBe('unix')
    yield* server.stop()
    rmSync(folder, { recursive: true })
  }))

test('fails to start on an address in use, and leaves nothing open', () =>
  run(function* () {
    yield* serving(new StreamServer(LOOPBACK, echo), function* (address) {
      const second = new StreamServer(address, echo)
      const failed = yield* failure<OSError>(second.start())
      expect(failed.code).toBe('EADDRINUSE')
      expect(failed.message).toBe(`[Errno 98] Address already in use: 127.0.0.1:${address[1]}`)
      expect((yield* failure<OSError>(second.serveForever())).code).toBe('EADDRINUSE')
      expect(second.closed).toBe(true)
    })
  }))

test('can have its handler as a method', () =>
  run(function* () {
    class Greeter extends StreamServer {
      greeting = 'hello from a method'
      override *handle(connection: Socket) {
        yield* connection.sendall(this.greeting)
      }
    }
    yield* serving(new Greeter(LOOPBACK), function* (address) {
      expect(yield* exchange(address, '')).toBe('hello from a method')
    })
  }))

test('a subclass may give its own members any name that the server does not document', () =>
  run(function* () {
    class Site extends StreamServer {
      handlers = new Map([['/', 'home']])
      stopped = 0
      starting = 'slowly'
      acceptor = 'none'
      open() {
        return 'open'
      }
      take() {
        return 'take'
      }
      prepare() {
        return 'prepare'
      }
      *serve(connection: Socket, path: string) {
        yield* connection.sendall(this.handlers.get(path) ?? 'none')
      }
      override *handle(connection: Socket) {
        yield* this.serve(connection, '/')
      }
    }
    yield* serving(new Site(LOOPBACK), function* (address) {
      expect(yield* exchange(address, '')).toBe('home')
    })
  }))

test('is closed when its accepting greenlet is killed, as all are when a signal ends the program', () =>
  run(function* () {
    const server = new StreamServer(LOOPBACK, (connection) => connection.sendall('again'))
    const others = new Set(enumerate())
    const killAcceptor = function* () {
      const [acceptor] = enumerate().filter((one) => !others.has(one))
      yield* (acceptor as Greenlet).kill()
      yield* sleep(0)
      expect(server.closed).toBe(true)
    }
    yield* server.start()
    yield* killAcceptor()
    yield* server.start()
    yield* sleep(0)
    const forever = spawn(() => server.serveForever())
    others.add(forever)
    yield* sleep(0)
    yield* killAcceptor()
    yield* forever.get({ timeout: 1_000 })
    yield* serving(server, function* (address) {
      expect(yield* exchange(address, '')).toBe('again')
    })
  }))

test('can be disposed of', async () => {
  const server = new StreamServer(LOOPBACK, echo)
  {
    await using used = server
    await used.start()
  }
  expect(server.closed).toBe(true)
  {
    using used = server
    await used.start()
  }
  expect(server.closed).toBe(true)
})

test('reads lines with each', () =>
  run(function* () {
    const upper = function* (connection: Socket) {
      using file = connection.makefile('rwb')
      yield* each(file, function* (line) {
        yield* file.write(line.toString().toUpperCase())
        yield* file.flush()
      })
    }
    yield* serving(new StreamServer(LOOPBACK, upper), function* (address) {
      using client = yield* createConnection(address)
      yield* client.sendall('a\nb\n')
      expect(String(yield* client.recvExact(4))).toBe('A\nB\n')
    })
  }))

test('closes a connection when its handler ends, even if the handler left a file of it open, and flushes that file', () =>
  run(function* () {
    const greet = function* (connection: Socket) {
      const file = connection.makefile('rw')
      yield* file.write(`hello ${yield* file.readline()}`)
    }
    yield* serving(new StreamServer(LOOPBACK, greet), function* (address) {
      using client = yield* createConnection(address)
      yield* client.sendall('ada\n')
      using file = client.makefile('r')
      expect(yield* file.read()).toBe('hello ada\n')
      // A client that has disconnected does no harm.
      const gone = yield* createConnection(address)
      yield* gone.sendall('bob\n')
      yield* gone.close()
      using next = yield* createConnection(address)
      yield* next.sendall('eve\n')
      expect(String(yield* next.recvExact(10))).toBe('hello eve\n')
      expect((yield* next.recv(1)).length).toBe(0)
    })
  }))

test('keeps accepting while a greenlet is killed in a handler', () =>
  run(function* () {
    const running: Greenlet[] = []
    const server = new StreamServer(LOOPBACK, echo, {
      spawn: (fn, ...args) => {
        const greenlet = spawn(fn, ...args)
        running.push(greenlet)
        return greenlet
      },
    })
    yield* serving(server, function* (address) {
      using client = yield* createConnection(address)
      while (running.length === 0) yield* sleep(1)
      yield* running[0]!.kill()
      expect((yield* client.recv(1)).length).toBe(0)
      using next = yield* createConnection(address)
      yield* next.sendall('x')
      expect(String(yield* next.recv(1))).toBe('x')
    })
    for (const greenlet of running) yield* greenlet.kill()
  }))

test('refuses bad arguments immediately', () => {
  expect(() => new StreamServer(LOOPBACK)).toThrow(/'handle' must be provided/)
  expect(() => new StreamServer(LOOPBACK, 'echo' as never)).toThrow(TypeError)
  expect(() => new StreamServer(undefined as never, echo)).toThrow(TypeError)
  expect(() => new StreamServer('127.0.0.1:http', echo)).toThrow(RangeError)
  expect(() => new StreamServer(70_000, echo)).toThrow(RangeError)
  expect(() => new StreamServer(LOOPBACK, echo, { spawn: -1 })).toThrow(/Expected `spawn` to be .* got -1/)
  expect(() => new StreamServer(LOOPBACK, class Handler {} as never)).toThrow(
    /Expected `handle` to be .* the class Handler: /,
  )
  expect(() => new StreamServer(LOOPBACK, echo, { spawn: {} as never })).toThrow(/spawn/)
  const server = new StreamServer(LOOPBACK, echo)
  expect(() => server.stop({ timeout: -1 })).toThrow(RangeError)
  expect(() => server.stop({ timeout: 'soon' as never })).toThrow(TypeError)
})

test('a new handler and a new spawn option apply from the next connection on', () =>
  run(function* () {
    const server = new StreamServer(LOOPBACK, (connection) => connection.sendall('first'))
    expect(server.family).toBe(AF_INET)
    yield* serving(server, function* (address) {
      expect(yield* exchange(address, '')).toBe('first')
      server.setHandle((connection) => connection.sendall('second'))
      expect(yield* exchange(address, '')).toBe('second')
      server.setSpawn(1)
      expect(server.pool).toBeInstanceOf(Pool)
      const own = new Pool(2)
      server.setSpawn(own)
      expect(server.pool).toBe(own)
      expect(yield* exchange(address, '')).toBe('second')
      expect(() => server.setSpawn('other' as never)).toThrow(TypeError)
      expect(() => server.setHandle(5 as never)).toThrow(TypeError)
      server.setSpawn('default')
      expect(server.pool).toBe(undefined)
    })
    expect(new StreamServer(['', 0], () => {}).family).toBe(AF_INET6)
    expect(new StreamServer('/path', () => {}).family).toBe(AF_UNIX)
  }))

test('accepts connections that waited for a full pool once it is given another pool', () =>
  run(function* () {
    const held = new Event()
    const server = new StreamServer(
      LOOPBACK,
      function* (connection) {
        yield* connection.sendall('x')
        yield* held.wait()
      },
      { spawn: 1 },
    )
    yield* serving(server, function* (address) {
      using first = yield* createConnection(address)
      expect(String(yield* first.recv(1))).toBe('x')
      using second = yield* createConnection(address)
      yield* loopTurns()
      server.setSpawn(5)
      expect(String(yield* second.recv(1))).toBe('x')
      held.set()
    })
  }))

test('yields to other greenlets after maxAccept connections', () =>
  run(function* () {
    const order: string[] = []
    const server = new StreamServer(LOOPBACK, () => void order.push('served'), {
      spawn: (fn, ...args) => {
        order.push('accepted')
        return spawn(fn, ...args)
      },
    })
    server.maxAccept = 2
    yield* serving(server, function* (address) {
      server.stopAccepting()
      const clients: Socket[] = []
      for (let count = 0; count < 4; count += 1) clients.push(yield* createConnection(address))
      yield* waitRead(server)
      yield* loopTurns()
      server.startAccepting()
      for (const client of clients) {
        yield* client.recv(1)
        client.close()
      }
    })
    expect(order.join()).toContain('accepted,accepted,served')
    expect(order.join()).not.toContain('accepted,accepted,accepted')
    expect(order.length).toBe(8)
  }))

test('takes its backlog from the options or a subclass', () =>
  run(function* () {
    class Short extends StreamServer {
      override backlog = 5
    }
    expect(new StreamServer(LOOPBACK, echo).backlog).toBe(256)
    expect(new StreamServer(LOOPBACK, echo, { backlog: 10 }).backlog).toBe(10)
    const server = new Short(LOOPBACK, echo)
    yield* serving(server, function* (address) {
      using client = yield* createConnection(address)
      yield* client.sendall('x')
      expect(String(yield* client.recv(1))).toBe('x')
    })
    server.backlog = 1.5
    expect((yield* failure(server.start())).message).toContain('`backlog`')
    expect(server.closed).toBe(true)
  }))

test('refuses to start with settings that would end its accepting later', () =>
  run(function* () {
    const settings = { minDelay: 'short', maxDelay: Number.NaN, stopTimeout: -1 }
    for (const [name, value] of Object.entries(settings)) {
      const server = Object.assign(new StreamServer(LOOPBACK, echo), { [name]: value })
      expect((yield* failure(server.start())).message).toContain(`Expected \`${name}\``)
      expect([server.started, server.closed]).toEqual([false, true])
    }
  }))

test('refuses to start with a maxAccept of less than 1', () =>
  run(function* () {
    class Idle extends StreamServer {
      override maxAccept = 0
    }
    const server = new Idle(LOOPBACK, () => {})
    expect(yield* failure(server.start())).toBeInstanceOf(RangeError)
    expect([server.started, server.closed]).toEqual([false, true])
  }))
