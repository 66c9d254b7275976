import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer as createNetServer, Server as NetServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attempt, type Coroutine, fromCallback, getHub, joinall, sleep, spawn } from '@greenlit/core'
import {
  type Address,
  AF_UNIX,
  createConnection,
  type InetAddress,
  type OSError,
  PreforkServer,
  type PreforkServerOptions,
  socket,
} from '@greenlit/net'
import { WorkerSet } from '@greenlit/process'
import { expect, test, vi } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, loopTurns, run } from '../pair.ts'

guardLeaks()

const LOOPBACK: InetAddress = ['127.0.0.1', 0]

function handler(name: string) {
  return { module: new URL('./handlers/prefork.mjs', import.meta.url), export: name }
}

function* serving(
  name: string,
  options: PreforkServerOptions,
  work: (address: InetAddress, server: PreforkServer) => Coroutine<unknown>,
): Coroutine<void> {
  const server = new PreforkServer(LOOPBACK, handler(name), options)
  server.minDelay = 5
  yield* server.start()
  try {
    yield* work(server.address as InetAddress, server)
  } finally {
    yield* server.stop({ timeout: 1_000 })
  }
}

/** Sends one message and reads one line. */
function* ask(address: InetAddress, message: string): Coroutine<string> {
  using client = yield* createConnection(address)
  yield* client.sendall(message)
  using file = client.makefile('r')
  return (yield* file.readline()).trim()
}

test('serves from several processes on one port, and ends them all', () =>
  run(function* () {
    let pids: readonly number[] = []
    yield* serving('answer', { workers: 2 }, function* (address, server) {
      pids = server.workers
      expect(pids.length).toBe(2)
      const answers = yield* joinall(Array.from({ length: 20 }, (_, each) => spawn(ask, address, `message ${each}`)))
      const seen = new Set<number>()
      for (const greenlet of answers) {
        const [pid, ...rest] = greenlet.value!.split(' ')
        seen.add(Number(pid))
        expect(rest[0]).toBe('message')
      }
      for (const pid of seen) expect(pids).toContain(pid)
      // Ctrl+C signals the whole process group; what happens to the workers is up to the parent.
      for (const pid of pids) process.kill(pid, 'SIGINT')
      yield* ask(address, 'still here')
      expect(server.workers).toEqual(pids)
      expect(seen.has(process.pid)).toBe(false)
    })
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  }))

test('restarts a worker that has crashed, and continues with the others', () =>
  run(function* () {
    const reports: string[] = []
    getHub().exceptionStream = { write: (text: string) => reports.push(text) }
    yield* serving('dying', { workers: 2 }, function* (address, server) {
      const before = server.workers
      for (let deaths = 0; deaths < 2; deaths += 1) {
        expect(yield* ask(address, 'die')).toBe('')
        expect(Number(yield* ask(address, 'live'))).toBeGreaterThan(0)
        while (server.workers.length < 2) yield* sleep(5)
      }
      expect(server.workers.filter((pid) => before.includes(pid)).length).toBeLessThan(2)
    })
    expect(reports.some((text) => /The worker \d+ has ended with -9/.test(text))).toBe(true)
  }))

test('continues after an error in accept, and passes on connections that the parent accepts', () =>
  run(function* () {
    const reports: string[] = []
    getHub().exceptionStream = { write: (text: string) => reports.push(text) }
    const listening = vi.spyOn(NetServer.prototype, 'listen')
    yield* serving('answer', { workers: 1 }, function* (_address, server) {
      const inner = listening.mock.contexts[0] as NetServer
      listening.mockRestore()
      inner.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE', syscall: 'accept' }))
      const other = createNetServer({ pauseOnConnect: true }, (connection) => inner.emit('connection', connection))
      yield* fromCallback<void>((resume) => void other.listen(0, '127.0.0.1', () => resume()))
      const { port } = other.address() as { port: number }
      expect((yield* ask(['127.0.0.1', port], 'x')).split(' ')[0]).toBe(String(server.workers[0]))
      expect(reports.join('')).toContain('EMFILE')
      other.close()
    })
  }))

test('quietly closes connections that wait for a worker when it is stopped', () =>
  run(function* () {
    const reports: string[] = []
    getHub().exceptionStream = { write: (text: string) => reports.push(text) }
    const server = new PreforkServer(LOOPBACK, handler('answer'), { workers: 1 })
    // No other worker is started meanwhile.
    server.minDelay = server.maxDelay
    yield* server.start()
    process.kill(server.workers[0]!, 'SIGKILL')
    while (server.workers.length > 0) yield* sleep(1)
    using client = yield* createConnection(server.address)
    yield* client.sendall('x')
    yield* loopTurns(20)
    const before = reports.length
    yield* server.stop({ timeout: 1_000 })
    const answer = yield* attempt(client.recv(1))
    expect(answer.ok ? String(answer.value) : '').toBe('')
    expect(reports.length).toBe(before)
  }))

test('restarts without refusing or breaking a connection', () =>
  run(function* () {
    yield* serving('slow', { workers: 2 }, function* (address, server) {
      const before = server.workers
      using client = yield* createConnection(address)
      using file = client.makefile('r')
      const old = Number((yield* file.readline()).trim())
      const restarting = spawn(() => server.restart())
      let asked = 0
      while (!restarting.ready()) {
        expect(Number(yield* ask(address, 'x'))).toBeGreaterThan(0)
        asked += 1
      }
      yield* restarting
      expect(asked).toBeGreaterThan(0)
      expect(server.workers.filter((pid) => before.includes(pid))).toEqual([])
      yield* client.sendall('still here')
      expect((yield* file.readline()).trim()).toBe('done still here')
      expect(before).toContain(old)
    })
  }))

test('lets connections end within the timeout of stop, and ends those that do not', () =>
  run(function* () {
    const server = new PreforkServer(LOOPBACK, handler('slow'), { workers: 1 })
    yield* server.start()
    const address = server.address as InetAddress
    using quick = yield* createConnection(address)
    using late = yield* createConnection(address)
    using file = quick.makefile('r')
    yield* file.readline()
    yield* late.recv(100)
    yield* quick.sendall('x')
    const stopping = server.stop({ timeout: 500 })
    expect(server.started).toBe(false)
    yield* stopping
    expect((yield* failure<OSError>(createConnection(address))).code).toBe('ECONNREFUSED')
    expect((yield* file.readline()).trim()).toBe('done x')
    expect((yield* late.recv(100)).length).toBe(0)
  }))

test('lets connections continue for the timeout of stop, also under serveForever', () =>
  run(function* () {
    const server = new PreforkServer(LOOPBACK, handler('slow'), { workers: 1 })
    server.stopTimeout = 0
    const loop = spawn(() => server.serveForever())
    while (server.workers.length === 0) yield* sleep(5)
    using client = yield* createConnection(server.address as InetAddress)
    using file = client.makefile('r')
    yield* file.readline()
    const told = vi.spyOn(WorkerSet.prototype, 'stop')
    server.stop({ timeout: 10_000 })
    yield* sleep(0)
    yield* client.sendall('x')
    expect((yield* file.readline()).trim()).toBe('done x')
    yield* loop
    expect(new Set(told.mock.calls.map(([options]) => options?.timeout))).toEqual(new Set([10_000]))
    told.mockRestore()
  }))

test('serves until it is stopped or killed', () =>
  run(function* () {
    const server = new PreforkServer(LOOPBACK, handler('answer'), { workers: 1 })
    const loop = spawn(() => server.serveForever())
    while (server.workers.length === 0) yield* sleep(5)
    server.stop()
    yield* loop
    const again = spawn(() => server.serveForever({ stopTimeout: 0 }))
    while (server.workers.length === 0) yield* sleep(5)
    yield* again.kill()
    expect([server.started, server.workers]).toEqual([false, []])
  }))

test('can be stopped while it starts', () =>
  run(function* () {
    const server = new PreforkServer(LOOPBACK, handler('answer'), { workers: 2 })
    const starting = spawn(() => server.start())
    yield* loopTurns()
    yield* server.stop()
    yield* starting
    expect([server.started, server.workers]).toEqual([false, []])
    yield* server.start()
    expect(server.workers.length).toBe(2)
    yield* server.stop({ timeout: 0 })
  }))

test('can be started twice concurrently: both calls wait until it is running', () =>
  run(function* () {
    const server = new PreforkServer(LOOPBACK, handler('answer'), { workers: 1 })
    const starting = [1, 2].map(() => spawn(() => server.start()))
    yield* starting[1]!
    expect(server.workers).toHaveLength(1)
    yield* starting[0]!
    yield* server.stop()
    const killed = spawn(() => server.start())
    yield* sleep(0)
    const again = spawn(() => server.start())
    yield* sleep(0)
    yield* killed.kill()
    yield* again
    expect(server.workers).toHaveLength(1)
    yield* server.stop()
    const stopped = [1, 2].map(() => spawn(() => server.start()))
    yield* sleep(0)
    yield* server.stop()
    for (const each of stopped) yield* each
    expect(server.started).toBe(false)
  }))

test('fails to start with a handler that cannot be loaded, or an address in use', () =>
  run(function* () {
    const server = new PreforkServer(LOOPBACK, handler('missing'), { workers: 1 })
    expect((yield* failure(server.start())).message).toMatch(/The worker \d+ has ended with 1/)
    expect([server.started, server.workers]).toEqual([false, []])
    yield* serving('answer', { workers: 1 }, function* (address) {
      const second = new PreforkServer(address, handler('answer'), { workers: 1 })
      expect((yield* failure<OSError>(second.start())).code).toBe('EADDRINUSE')
      expect(second.started).toBe(false)
    })
    expect((yield* failure<OSError>(server.restart())).code).toBe('EBADF')
  }))

test('listens on a path', () =>
  run(function* () {
    const folder = mkdtempSync(join(tmpdir(), 'greenlit-'))
    const path = join(folder, 'prefork.sock')
    const server = new PreforkServer(path, handler('answer'), { workers: 2 })
    yield* server.start()
    using client = socket(AF_UNIX)
    yield* client.connect(path)
    yield* client.sendall('unix')
    expect(String(yield* client.recv(100))).toMatch(/^\d+ unix\n$/)
    client.close()
    yield* server.stop()
    rmSync(folder, { recursive: true })
  }))

test('lets the kernel distribute connections with reusePort, where supported', async () => {
  if (!(await canReusePort())) return
  await run(function* () {
    yield* serving('answer', { workers: 2, reusePort: true }, function* (address, server) {
      for (let each = 0; each < 10; each += 1) {
        expect(server.workers).toContain(Number((yield* ask(address, 'x')).split(' ')[0]))
      }
    })
  })
})

async function canReusePort(): Promise<boolean> {
  const servers = [createNetServer(), createNetServer()]
  const options = { host: '127.0.0.1', port: 0, reusePort: true }
  try {
    for (const server of servers) {
      server.listen(options)
      await once(server, 'listening')
      options.port = (server.address() as { port: number }).port
    }
    return true
  } catch {
    return false
  } finally {
    for (const server of servers) server.close()
  }
}

test('refuses bad arguments immediately', () => {
  expect(() => new PreforkServer(LOOPBACK, handler('answer'), { workers: 0 })).toThrow(RangeError)
  expect(() => new PreforkServer(LOOPBACK, handler('answer'), { spawn: 1.5 })).toThrow(RangeError)
  expect(() => new PreforkServer({} as Address, handler('answer'))).toThrow(TypeError)
  expect(() => new PreforkServer(LOOPBACK, (() => {}) as never)).toThrow(TypeError)
  expect(() => new PreforkServer(LOOPBACK, { module: new URL('./none.mjs', import.meta.url), export: 'x' })).toThrow(
    /none.mjs/,
  )
  const server = new PreforkServer(LOOPBACK, handler('answer'))
  expect(server.address).toEqual(LOOPBACK)
  expect(() => server.stop({ timeout: -1 })).toThrow(RangeError)
})
