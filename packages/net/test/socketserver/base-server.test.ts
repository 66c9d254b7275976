import { attempt, type Coroutine, FatalError, GreenletExit, joinall, sleep, spawn } from '@greenlit/core'
import {
  type Address,
  BaseRequestHandler,
  createConnection,
  OSError,
  runHandler,
  type Socket,
  StreamRequestHandler,
  socket,
  TCPServer,
  ThreadingMixIn,
} from '@greenlit/net'
import { expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, loopTurns, run } from '../pair.ts'
import { captureStderr, exchange, served } from './serving.ts'

guardLeaks()

/** A server and a handler that record which methods are called. */
function logged(options: { verify?: boolean; fail?: 'handle' | 'setup'; error?: Error } = {}) {
  const log: string[] = []
  class Handler extends BaseRequestHandler {
    override setup() {
      log.push('setup')
      if (options.fail === 'setup') throw options.error ?? new Error('setup fails')
    }
    override *handle() {
      log.push('handle')
      yield* sleep(0)
      if (options.fail === 'handle') throw options.error ?? new Error('handle fails')
    }
    override async finish() {
      log.push('handler.finish')
    }
  }
  class Server extends TCPServer {
    override *serverBind(): Coroutine<void> {
      log.push('bind')
      yield* super.serverBind()
    }
    override serverActivate() {
      log.push('activate')
      return super.serverActivate()
    }
    override verifyRequest() {
      log.push('verify')
      return options.verify ?? true
    }
    override *processRequest(request: Socket, address: Address): Coroutine<void> {
      log.push('process')
      yield* super.processRequest(request, address)
    }
    override finishRequest(request: Socket, address: Address) {
      log.push('finish')
      return super.finishRequest(request, address)
    }
    override shutdownRequest(request: Socket) {
      log.push('shutdown_request')
      return super.shutdownRequest(request)
    }
    override closeRequest(request: Socket) {
      log.push('close_request')
      return super.closeRequest(request)
    }
    override async handleError() {
      log.push('handle_error')
    }
    override handleTimeout() {
      log.push('timeout')
    }
  }
  return { log, Handler, Server }
}

/** Connects, and returns the client's end once the server has served it. */
function* visit(server: TCPServer): Coroutine<void> {
  yield* server.activate()
  const client = yield* createConnection(server.serverAddress)
  try {
    yield* server.handleRequest()
    expect((yield* client.recv(1)).length).toBe(0)
  } finally {
    client.close()
  }
}

const SERVED = 'bind activate verify process finish setup handle handler.finish shutdown_request close_request'

test('calls the overridable methods in the same order as Python', () =>
  run(function* () {
    const { log, Handler, Server } = logged()
    using server = new Server(['127.0.0.1', 0], Handler)
    yield* visit(server)
    expect(log.join(' ')).toBe(SERVED)
  }))

test('passes an error in a handler to handleError between finish and shutdown', () =>
  run(function* () {
    const { log, Handler, Server } = logged({ fail: 'handle' })
    using server = new Server(['127.0.0.1', 0], Handler)
    yield* visit(server)
    expect(log.join(' ')).toBe(SERVED.replace('handler.finish', 'handler.finish handle_error'))
  }))

test('calls neither handle nor finish after an error in setup', () =>
  run(function* () {
    const { log, Handler, Server } = logged({ fail: 'setup' })
    using server = new Server(['127.0.0.1', 0], Handler)
    yield* visit(server)
    expect(log.slice(5).join(' ')).toBe('setup handle_error shutdown_request close_request')
  }))

test('only shuts down a request that is not verified', () =>
  run(function* () {
    const { log, Handler, Server } = logged({ verify: false })
    using server = new Server(['127.0.0.1', 0], Handler)
    yield* visit(server)
    expect(log.join(' ')).toBe('bind activate verify shutdown_request close_request')
  }))

test("does the same in the request's own greenlet with ThreadingMixIn", () =>
  run(function* () {
    const { log, Handler, Server } = logged({ fail: 'handle' })
    using server = new (ThreadingMixIn(Server))(['127.0.0.1', 0], Handler)
    yield* visit(server)
    const rest = 'finish setup handle handler.finish handle_error shutdown_request close_request'
    expect(log.slice(-7).join(' ')).toBe(rest)
    expect(log).toContain('verify')
  }))

test('propagates a kill in a handler from handleRequest, and shuts the request down', () =>
  run(function* () {
    const exit = new GreenletExit()
    const { log, Handler, Server } = logged({ fail: 'handle', error: exit })
    using server = new Server(['127.0.0.1', 0], Handler)
    yield* server.activate()
    using client = yield* createConnection(server.serverAddress)
    let thrown: unknown
    try {
      yield* server.handleRequest()
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBe(exit)
    expect(log.join(' ')).toBe(SERVED)
    expect((yield* client.recv(1)).length).toBe(0)
  }))

test('propagates a FatalError in a handler too, as Python does SystemExit', () =>
  run(function* () {
    const { log, Handler, Server } = logged({ fail: 'handle', error: new FatalError('enough') })
    using server = new Server(['127.0.0.1', 0], Handler)
    expect((yield* attempt(visit(server))).ok).toBe(false)
    expect(log.join(' ')).toBe(SERVED)
  }))

test('prints an error as Python does, and continues serving', () =>
  run(function* () {
    class Failing extends StreamRequestHandler {
      override *handle() {
        const line = yield* this.rfile.readline()
        if (line.toString() === 'fail\n') throw new Error('this one fails')
        yield* this.wfile.write('fine')
      }
    }
    const stderr = captureStderr()
    try {
      yield* served(new TCPServer(['127.0.0.1', 0], Failing), function* (address) {
        expect(yield* exchange(address, 'fail\n')).toBe('')
        expect(yield* exchange(address, 'do not\n')).toBe('fine')
      })
    } finally {
      stderr.restore()
    }
    const line = '-'.repeat(40)
    expect(stderr.text).toMatch(
      new RegExp(`^${line}\nException occurred during processing of request from \\('127.0.0.1', \\d+\\)\n`),
    )
    expect(stderr.text).toContain('Error: this one fails')
    expect(stderr.text.endsWith(`${line}\n`)).toBe(true)
  }))

test('prints whatever a handler throws, with its causes', () =>
  run(function* () {
    const thrown = [new Error('outer', { cause: new TypeError('inner') }), Object.create(null), null, 'only text']
    class Failing extends BaseRequestHandler {
      override handle() {
        throw thrown.shift()
      }
    }
    const stderr = captureStderr()
    try {
      yield* served(new TCPServer(['127.0.0.1', 0], Failing), function* (address) {
        for (const _ of [...thrown]) expect(yield* exchange(address, '')).toBe('')
      })
    } finally {
      stderr.restore()
    }
    expect(thrown).toEqual([])
    expect(stderr.text).toMatch(/Error: outer[\s\S]*TypeError: inner/)
    expect(stderr.text).toContain('null prototype')
    expect(stderr.text).toContain('\nnull\n')
    expect(stderr.text).toContain('\nonly text\n')
  }))

test('accepts a function that creates handlers, or a finishRequest that does', () =>
  run(function* () {
    class Greeter extends BaseRequestHandler {
      greeting = 'hello'
      override *handle() {
        yield* this.request.sendall(this.greeting)
      }
    }
    const make = (request: Socket, address: Address, server: TCPServer) =>
      Object.assign(new Greeter(request, address, server), { greeting: 'hello of a function' })
    yield* served(new TCPServer(['127.0.0.1', 0], make), function* (address) {
      expect(yield* exchange(address, '')).toBe('hello of a function')
    })
    class Server extends TCPServer {
      override *finishRequest(request: Socket, address: Address): Coroutine<void> {
        yield* runHandler(make(request, address, this))
      }
    }
    yield* served(new Server(['127.0.0.1', 0], BaseRequestHandler), function* (address) {
      expect(yield* exchange(address, '')).toBe('hello of a function')
    })
    class Bare {
      async handle() {}
    }
    yield* served(new TCPServer(['127.0.0.1', 0], Bare), function* (address) {
      expect(yield* exchange(address, '')).toBe('')
    })
  }))

test('accepts a function that serves the request itself, as any callable in Python', () =>
  run(function* () {
    const bodies = [
      function* (request: Socket): Coroutine<void> {
        yield* request.sendall('served')
      },
      async (request: Socket) => {
        await request.sendall('served')
      },
      (request: Socket) => request.sendall('served'),
      // A function with a prototype is called with `new`.
      function serve(request: Socket) {
        return request.sendall('served')
      },
    ]
    for (const body of bodies) {
      yield* served(new TCPServer(['127.0.0.1', 0], body), function* (address) {
        expect(yield* exchange(address, '')).toBe('served')
      })
    }
    yield* served(new TCPServer(['127.0.0.1', 0], () => undefined), function* (address) {
      expect(yield* exchange(address, '')).toBe('')
    })
  }))

test('knows its address only once it is bound', () =>
  run(function* () {
    using server = new TCPServer(['127.0.0.1', 0], BaseRequestHandler, { bindAndActivate: false })
    expect(server.serverAddress).toEqual(['127.0.0.1', 0])
    yield* server.serverBind()
    yield* server.serverActivate()
    expect(server.serverAddress[1]).toBeGreaterThan(0)
    const [client] = [yield* createConnection(server.serverAddress)]
    yield* server.handleRequest()
    client.close()
  }))

test('does not bind by itself with bindAndActivate: false', () =>
  run(function* () {
    using server = new TCPServer(['127.0.0.1', 0], BaseRequestHandler, { bindAndActivate: false })
    const error = yield* failure<OSError>(server.handleRequest())
    expect(error.code).toBe('EINVAL')
    expect(error.message).toContain('activate()')
  }))

test('activates only once, however many greenlets call activate', () =>
  run(function* () {
    const { log, Handler, Server } = logged()
    using server = new Server(['127.0.0.1', 0], Handler)
    const both = [spawn(() => server.activate()), spawn(() => server.activate())]
    for (const one of both) expect(yield* one).toBe(server)
    yield* server.activate()
    expect(log).toEqual(['bind', 'activate'])
  }))

test('closes itself when it cannot be bound', () =>
  run(function* () {
    using first = yield* new TCPServer(['127.0.0.1', 0], BaseRequestHandler).activate()
    const second = new TCPServer(first.serverAddress, BaseRequestHandler)
    expect((yield* failure<OSError>(second.activate())).code).toBe('EADDRINUSE')
    expect(second.fileno()).toBe(-1)
    const third = new TCPServer(first.serverAddress, BaseRequestHandler)
    expect((yield* failure<OSError>(third.serveForever())).code).toBe('EADDRINUSE')
  }))

test('shuts down immediately, however long the poll interval, and can serve again', () =>
  run(function* () {
    using server = yield* new TCPServer(['127.0.0.1', 0], BaseRequestHandler).activate()
    for (let round = 0; round < 2; round += 1) {
      const loop = spawn(() => server.serveForever({ pollInterval: 60_000 }))
      yield* sleep(0)
      expect(yield* exchange(server.serverAddress, '')).toBe('')
      yield* server.shutdown()
      expect(loop.ready()).toBe(true)
    }
  }))

test('does not call serviceActions after it is shut down', () =>
  run(function* () {
    let turns = 0
    class Counting extends TCPServer {
      override serviceActions() {
        turns += 1
      }
    }
    using server = yield* new Counting(['127.0.0.1', 0], BaseRequestHandler).activate()
    spawn(() => server.serveForever({ pollInterval: 60_000 }))
    yield* sleep(0)
    yield* server.shutdown()
    expect(turns).toBe(0)
  }))

test('does not wait in shutdown for a loop that will never run, as it was closed before serving', () =>
  run(function* () {
    const server = new TCPServer(['127.0.0.1', 0], BaseRequestHandler)
    server.serverClose()
    yield* server.shutdown()
    expect(server.fileno()).toBe(-1)
  }))

test('waits in handleRequest for a client that connects later', () =>
  run(function* () {
    const { log, Handler, Server } = logged()
    using server = yield* new Server(['127.0.0.1', 0], Handler).activate()
    const one = spawn(() => server.handleRequest())
    yield* sleep(0)
    expect(log).toEqual(['bind', 'activate'])
    using client = yield* createConnection(server.serverAddress)
    yield* one
    expect(log.join(' ')).toBe(SERVED)
    expect((yield* client.recv(1)).length).toBe(0)
  }))

test('can be shut down before its loop has started', () =>
  run(function* () {
    for (let round = 0; round < 20; round += 1) {
      using server = new TCPServer(['127.0.0.1', 0], BaseRequestHandler)
      const loop = spawn(() => server.serveForever())
      yield* server.shutdown()
      yield* loop
    }
  }))

test('accepts no request after shutdown, and shutdown waits for the running one', () =>
  run(function* () {
    const events: string[] = []
    class Slow extends BaseRequestHandler {
      override *handle() {
        events.push('begin')
        yield* this.request.recv(1)
        events.push('end')
      }
    }
    using server = yield* new TCPServer(['127.0.0.1', 0], Slow).activate()
    spawn(() => server.serveForever())
    using first = yield* createConnection(server.serverAddress)
    using second = yield* createConnection(server.serverAddress)
    while (events.length === 0) yield* sleep(1)
    const stopping = spawn(function* () {
      yield* server.shutdown()
      events.push('stopped')
    })
    yield* loopTurns()
    yield* first.sendall('x')
    yield* stopping
    expect(events).toEqual(['begin', 'end', 'stopped'])
    expect(second.closed).toBe(false)
  }))

test('ends its loop when it is closed', () =>
  run(function* () {
    const server = yield* new TCPServer(['127.0.0.1', 0], BaseRequestHandler).activate()
    const loop = spawn(() => server.serveForever())
    yield* sleep(0)
    server.serverClose()
    yield* loop
    yield* server.shutdown()
    expect((yield* failure<OSError>(server.serveForever())).code).toBe('EBADF')
    expect((yield* failure<OSError>(server.handleRequest())).code).toBe('EBADF')
  }))

test('can be killed in its loop, and serve again', () =>
  run(function* () {
    using server = yield* new TCPServer(['127.0.0.1', 0], BaseRequestHandler).activate()
    const loop = spawn(() => server.serveForever())
    yield* sleep(0)
    yield* loop.kill()
    yield* served(server, function* (address) {
      expect(yield* exchange(address, '')).toBe('')
    })
  }))

test('keeps no program alive once its loop is killed, until it serves again', () =>
  run(function* () {
    const server = yield* new TCPServer(['127.0.0.1', 0], BaseRequestHandler).activate()
    for (let round = 0; round < 2; round += 1) {
      const loop = spawn(() => server.serveForever())
      yield* sleep(0)
      expect(server.socket.ref).toBe(true)
      yield* loop.kill()
      expect(server.socket.ref).toBe(false)
    }
    const handling = spawn(() => server.handleRequest())
    expect(yield* exchange(server.serverAddress, '')).toBe('')
    yield* handling
    expect(server.socket.ref).toBe(true)
    server.socket.ref = false
    const loop = spawn(() => server.serveForever())
    yield* sleep(0)
    expect(server.socket.ref).toBe(false)
    yield* loop.kill()
    const again = spawn(() => server.serveForever())
    yield* sleep(0)
    expect(server.socket.ref).toBe(false)
    yield* again.kill()
    yield* server.serverClose()
    yield* spawn(() => new TCPServer(['127.0.0.1', 0], BaseRequestHandler).serveForever()).kill()
  }))

test('calls serviceActions in each iteration, even without requests', () =>
  run(function* () {
    let turns = 0
    class Counting extends TCPServer {
      override *serviceActions() {
        turns += 1
        yield* sleep(0)
      }
    }
    yield* served(new Counting(['127.0.0.1', 0], BaseRequestHandler), function* () {
      while (turns < 3) yield* sleep(1)
    })
  }))

test('calls handleTimeout if no request arrives in time', () =>
  run(function* () {
    const { log, Handler, Server } = logged()
    using server = yield* new Server(['127.0.0.1', 0], Handler).activate()
    server.timeout = 10
    yield* server.handleRequest()
    server.timeout = 60_000
    server.socket.settimeout(10)
    yield* server.handleRequest()
    server.timeout = 0
    yield* server.handleRequest()
    expect(log.slice(2)).toEqual(['timeout', 'timeout', 'timeout'])
  }))

test('refuses a timeout that is not a number when it would wait', () =>
  run(function* () {
    using server = new TCPServer(['127.0.0.1', 0], BaseRequestHandler)
    for (const timeout of ['soon', Number.NaN, {}]) {
      server.timeout = timeout as never
      const { message } = yield* failure(server.handleRequest())
      expect(message).toContain('Expected `timeout` to be a number of milliseconds')
    }
    server.timeout = -1
    yield* server.handleRequest()
  }))

test('serves a request in each of several concurrent calls of handleRequest', () =>
  run(function* () {
    const { log, Handler, Server } = logged()
    using server = yield* new Server(['127.0.0.1', 0], Handler).activate()
    const calls = [1, 2, 3].map(() => spawn(() => server.handleRequest()))
    for (let count = 1; count <= 3; count += 1) {
      using client = yield* createConnection(server.serverAddress)
      expect((yield* client.recv(1)).length).toBe(0)
      yield* loopTurns()
      expect(calls.filter((call) => call.ready()).length).toBe(count)
    }
    expect(log.filter((entry) => entry === 'handle').length).toBe(3)
  }))

test('calls handleTimeout in its time though other calls of handleRequest take the requests', () =>
  run(function* () {
    const { log, Handler, Server } = logged()
    using server = yield* new Server(['127.0.0.1', 0], Handler).activate()
    server.timeout = 40
    const calls = [1, 2].map(() => spawn(() => server.handleRequest()))
    using client = yield* createConnection(server.serverAddress)
    expect((yield* client.recv(1)).length).toBe(0)
    yield* joinall(calls, { timeout: 5_000 })
    expect(log.filter((entry) => entry === 'handle' || entry === 'timeout')).toEqual(['handle', 'timeout'])
  }))

test('closes the request, and ends, when verifyRequest throws', () =>
  run(function* () {
    class Refusing extends TCPServer {
      override verifyRequest(): boolean {
        throw new Error('cannot say')
      }
    }
    using server = yield* new Refusing(['127.0.0.1', 0], BaseRequestHandler).activate()
    using client = yield* createConnection(server.serverAddress)
    expect((yield* failure(server.serveForever())).message).toBe('cannot say')
    expect((yield* client.recv(1)).length).toBe(0)
  }))

test('ignores an OSError in getRequest', () =>
  run(function* () {
    let tries = 0
    class Flaky extends TCPServer {
      override *getRequest(): Coroutine<[Socket, Address]> {
        tries += 1
        if (tries === 1) throw new OSError('ECONNABORTED')
        return yield* super.getRequest()
      }
    }
    yield* served(new Flaky(['127.0.0.1', 0], BaseRequestHandler), function* (address) {
      expect(yield* exchange(address, '')).toBe('')
    })
    expect(tries).toBe(2)
  }))

test('closes with `using` and `await using`', async () => {
  const servers: TCPServer[] = []
  {
    using server = await new TCPServer(['127.0.0.1', 0], BaseRequestHandler).activate()
    servers.push(server)
    expect(server.fileno()).toBeGreaterThan(0)
  }
  class Closing extends TCPServer {
    override *serverClose(): Coroutine<void> {
      yield* super.serverClose()
      servers.push(this)
    }
  }
  {
    await using server = new Closing(['127.0.0.1', 0], BaseRequestHandler)
    await server.activate()
  }
  {
    using server = new Closing(['127.0.0.1', 0], BaseRequestHandler)
    await server.activate()
  }
  await sleep(0)
  expect(servers.length).toBe(3)
  for (const server of servers) expect(server.socket.fileno()).toBe(-1)
})

test('refuses bad arguments immediately', () => {
  expect(() => new TCPServer(undefined as never, BaseRequestHandler)).toThrow(TypeError)
  expect(() => new TCPServer(['127.0.0.1', -1], BaseRequestHandler)).toThrow(RangeError)
  expect(() => new TCPServer(['127.0.0.1', '80'] as never, BaseRequestHandler)).toThrow(TypeError)
  expect(() => new TCPServer(['127.0.0.1', 0], 'handler' as never)).toThrow(/RequestHandlerClass/)
  const server = new TCPServer(['127.0.0.1', 0], BaseRequestHandler)
  expect(() => server.serveForever({ pollInterval: -1 })).toThrow(RangeError)
})

test('uses a socket that it is given', () =>
  run(function* () {
    const own = socket()
    yield* own.bind(['127.0.0.1', 0])
    using server = new TCPServer(['127.0.0.1', 0], BaseRequestHandler)
    server.socket = own
    yield* served(server, function* () {
      expect(yield* exchange(own.getsockname(), '')).toBe('')
    })
  }))
