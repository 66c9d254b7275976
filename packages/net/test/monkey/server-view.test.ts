import net from 'node:net'
import { joinall, original, sleep, spawn } from '@greenlit/core'
import { patchAll } from '@greenlit/net/monkey'
import { expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, loopTurns, run } from '../pair.ts'

guardLeaks()

const { http, net: view } = patchAll()

test('a server accepts listeners and settings, and its methods can be chained', () =>
  run(function* () {
    const server = view.createServer()
    const heard: unknown[] = []
    expect(server.on('listening', () => heard.push('listening'))).toBe(server)
    server.maxConnections = 5
    yield* server.listen(0, '127.0.0.1')
    expect(heard).toEqual(['listening'])
    expect(original<net.Server>(server).maxConnections).toBe(5)
    expect(server.unref()).toBe(server)
    yield* server.close()
    const web = http.createServer(() => {})
    web.keepAliveTimeout = 10
    expect(original<net.Server & { keepAliveTimeout: number }>(web).keepAliveTimeout).toBe(10)
  }))

test('a server is an instance of its class, and has its keys', () => {
  const server = view.createServer()
  expect(server).toBeInstanceOf(net.Server)
  expect(original(server)).toBeInstanceOf(net.Server)
  expect(Object.keys(server)).toEqual(expect.arrayContaining(['listen', 'allowHalfOpen']))
  expect({ ...view }.isIP('127.0.0.1')).toBe(4)
})

test('a listen that is killed or fails leaves nothing behind', () =>
  run(function* () {
    const server = view.createServer()
    yield* server.listen(0)
    const { port } = server.address() as net.AddressInfo
    const other = view.createServer()
    const listening = spawn(() => other.listen(port))
    yield* spawn(() => listening.kill())
    expect(yield* failure(server.listen(port))).toMatchObject({ code: 'ERR_SERVER_ALREADY_LISTEN' })
    yield* loopTurns()
    for (const each of [server, other]) {
      expect(each.listenerCount('error')).toBe(0)
      expect(each.listenerCount('listening')).toBe(0)
    }
    yield* server.close()
  }))

test('every greenlet that closes a server waits for its last connection', () =>
  run(function* () {
    const server = view.createServer(function* (connection) {
      yield* connection.recv(1)
    })
    const served = spawn(() => server.once('connection'))
    yield* sleep(0)
    yield* server.listen(0, '127.0.0.1')
    const { port } = server.address() as net.AddressInfo
    using client = yield* view.connect(port, '127.0.0.1')
    yield* served
    const closers = [spawn(() => server.close()), spawn(() => server.close())]
    yield* loopTurns()
    expect(closers.map((closer) => closer.ready())).toEqual([false, false])
    client.close()
    yield* joinall(closers, { raiseError: true })
    yield* server.close()
  }))

test('a connection ends with its handler even if that left a file of it open, which is flushed', () =>
  run(function* () {
    const server = view.createServer(function* (connection) {
      yield* connection.makefile('w').write('hello')
    })
    yield* server.listen(0, '127.0.0.1')
    const { port } = server.address() as net.AddressInfo
    using client = yield* view.connect(port, '127.0.0.1')
    client.settimeout(5_000)
    expect(String(yield* client.recv(100))).toBe('hello')
    expect((yield* client.recv(100)).length).toBe(0)
    client.close()
    yield* server.close()
  }))

test('a server without a handler closes once its clients have left', () =>
  run(function* () {
    const server = view.createServer()
    yield* server.listen(0, '127.0.0.1')
    const client = yield* view.connect((server.address() as net.AddressInfo).port, '127.0.0.1')
    client.close()
    expect(yield* server.close()).toBe(undefined)
  }))

test('a server closed while it resolves its address does not listen', () =>
  run(function* () {
    const server = view.createServer()
    const listening = spawn(() => failure(server.listen(0, 'localhost')))
    yield* sleep(0)
    yield* server.close()
    expect(yield* listening).toMatchObject({ code: 'EBADF', errno: 9 })
    expect(server.listening).toBe(false)
    yield* server.listen(0, '127.0.0.1')
    yield* server.close()
    for (const event of ['error', 'listening', 'close']) expect(server.listenerCount(event)).toBe(0)
  }))
