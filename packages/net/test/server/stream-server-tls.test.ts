import { Event, getHub, sleep } from '@greenlit/core'
import {
  createConnection,
  createDefaultContext,
  createServer,
  type InetAddress,
  PROTOCOL_TLS_SERVER,
  type Socket,
  SSLContext,
  SSLSocket,
  StreamServer,
} from '@greenlit/net'
import { expect, test } from 'vitest'
import { Authority } from '../certificates.ts'
import { guardLeaks } from '../guard.ts'
import { run } from '../pair.ts'

guardLeaks()

const authority = new Authority()
const { cert, key } = authority.issue({ name: 'localhost', hosts: ['localhost', '127.0.0.1'] })
const trusting = createDefaultContext({ cadata: authority.cert })

function* upper(connection: Socket) {
  expect(connection).toBeInstanceOf(SSLSocket)
  for (let data = yield* connection.recv(1024); data.length > 0; data = yield* connection.recv(1024)) {
    yield* connection.sendall(data.toString().toUpperCase())
  }
}

function context() {
  const made = new SSLContext(PROTOCOL_TLS_SERVER)
  made.loadCertChain(cert, key)
  return made
}

test.each([
  ['certfile and keyfile', { certfile: cert, keyfile: key }],
  ["Node's cert and key", { cert, key }],
  ['a handshake by the first call of the handler', { cert, key, doHandshakeOnConnect: false }],
  ['a context', { sslContext: context() }],
])('serves TLS with %s', (_name, options) =>
  run(function* () {
    const server = new StreamServer(['127.0.0.1', 0], upper, options)
    expect(server.sslEnabled).toBe(true)
    yield* server.start()
    const plain = yield* createConnection(server.address as InetAddress)
    using client = yield* trusting.wrapSocket(plain, { serverHostname: 'localhost' })
    yield* client.sendall('hello')
    expect(String(yield* client.recvExact(5))).toBe('HELLO')
    yield* server.stop()
  }),
)

test('calls the handler before the handshake with doHandshakeOnConnect: false', () =>
  run(function* () {
    const reached = new Event()
    const handler = (connection: Socket) => {
      expect(connection).toBeInstanceOf(SSLSocket)
      reached.set()
    }
    const server = new StreamServer(['127.0.0.1', 0], handler, { cert, key, doHandshakeOnConnect: false })
    yield* server.start()
    using silent = yield* createConnection(server.address as InetAddress)
    expect(yield* reached.wait({ timeout: 5_000 })).toBe(true)
    expect((yield* silent.recv(1)).length).toBe(0)
    yield* server.stop()
  }))

test('closes a connection when its handler ends, even if the handler left a file of it open', () =>
  run(function* () {
    const greet = function* (connection: Socket) {
      yield* connection.makefile('w').write('hello')
    }
    const server = new StreamServer(['127.0.0.1', 0], greet, { cert, key })
    yield* server.start()
    const plain = yield* createConnection(server.address as InetAddress)
    using client = yield* trusting.wrapSocket(plain, { serverHostname: 'localhost' })
    expect(String(yield* client.recvExact(5))).toBe('hello')
    expect((yield* client.recv(1, { timeout: 5_000 })).length).toBe(0)
    yield* server.stop()
  }))

test.each([false, true])(
  'closes a connection that its handler wrapped in TLS and left open, also with a file: %s',
  (withFile) =>
    run(function* () {
      const upgrade = function* (connection: Socket) {
        yield* connection.sendall('go')
        const secure = yield* context().wrapSocket(connection, { serverSide: true })
        yield* withFile ? secure.makefile('w').write('hello') : secure.sendall('hello')
      }
      const server = new StreamServer(['127.0.0.1', 0], upgrade)
      yield* server.start()
      const plain = yield* createConnection(server.address as InetAddress)
      yield* plain.recvExact(2)
      using client = yield* trusting.wrapSocket(plain, { serverHostname: 'localhost' })
      expect(String(yield* client.recvExact(5))).toBe('hello')
      expect((yield* client.recv(1, { timeout: 5_000 })).length).toBe(0)
      yield* server.stop()
    }),
)

test('does not let a client that never completes the handshake, or fails it, hold up others', () =>
  run(function* () {
    const reports: string[] = []
    getHub().exceptionStream = { write: (text: string) => reports.push(text) }
    const server = new StreamServer(['127.0.0.1', 0], upper, { cert, key, spawn: 10 })
    yield* server.start()
    const address = server.address as InetAddress
    using silent = yield* createConnection(address)
    using wrong = yield* createConnection(address)
    yield* wrong.sendall('GET / HTTP/1.1\r\n\r\n')
    while ((yield* wrong.recv(1024)).length > 0);
    using client = yield* trusting.wrapSocket(yield* createConnection(address), { serverHostname: 'localhost' })
    yield* client.sendall('x')
    expect(String(yield* client.recvExact(1))).toBe('X')
    while (reports.length === 0) yield* sleep(1)
    expect(reports[0]).toContain('SSLError')
    yield* server.stop({ timeout: 0 })
    expect((yield* silent.recv(1)).length).toBe(0)
  }))

test('refuses a listener that is an SSLSocket, a key without a certificate, and bad certificates', () =>
  run(function* () {
    const listening = yield* createServer(['127.0.0.1', 0])
    using secure = yield* context().wrapSocket(listening, { serverSide: true })
    expect(() => new StreamServer(secure, upper)).toThrow(/regular socket/)
    expect(() => new StreamServer(0, upper, { keyfile: key })).toThrow(/certfile/)
    expect(() => new StreamServer(0, upper, { certfile: cert, keyfile: '-----BEGIN nonsense' })).toThrow(Error)
  }))
