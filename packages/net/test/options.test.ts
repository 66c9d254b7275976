import {
  AF_INET,
  BackdoorServer,
  BaseRequestHandler,
  createConnection,
  createDefaultContext,
  createServer,
  DatagramServer,
  DefaultSelector,
  DnsResolver,
  getnameinfo,
  getServerCertificate,
  inetAton,
  LookupResolver,
  PreforkServer,
  SOCK_STREAM,
  SSLContext,
  StreamServer,
  socket,
  socketpair,
  TCPServer,
  wrapSocket,
} from '@greenlit/net'
import { expect, test } from 'vitest'
import { guardLeaks } from './guard.ts'

guardLeaks()

const address: [string, number] = ['127.0.0.1', 0]
/** Arguments that Python takes by position: a timeout, a backlog, or whether to bind. */
const five = 5 as never
const no = false as never

test('a bare number or boolean in place of options is rejected at the call, as it would have no effect', () => {
  const [left, right] = socketpair()
  const listener = socket()
  const server = new StreamServer(address, () => {})
  const prefork = new PreforkServer(address, { module: 'node:path', export: 'basename' })
  const calls: Record<string, () => unknown> = {
    'Socket.recv': () => left.recv(10, 0, five),
    'Socket.recvExact': () => left.recvExact(10, five),
    'Socket.accept': () => listener.accept(five),
    'Socket.connect': () => listener.connect(['127.0.0.1', 1], five),
    createServer: () => createServer(address, five),
    createConnection: () => createConnection(address, no),
    createDefaultContext: () => createDefaultContext('SERVER_AUTH', five),
    getServerCertificate: () => getServerCertificate(address, five),
    socket: () => socket(AF_INET, SOCK_STREAM, 0, five),
    wrapSocket: () => wrapSocket(left, no),
    'Socket.listen': () => listener.listen(5, five),
    'Socket.makefile': () => left.makefile('r', no),
    'new BackdoorServer': () => new BackdoorServer(address, five),
    'new DnsResolver': () => new DnsResolver(five),
    'new LookupResolver': () => new LookupResolver(five),
    'SSLContext.wrapSocket': () => new SSLContext().wrapSocket(left, no),
    'new StreamServer': () => new StreamServer(address, () => {}, five),
    'new DatagramServer': () => new DatagramServer(address, () => {}, five),
    'new PreforkServer': () => new PreforkServer(address, { module: 'node:path', export: 'basename' }, five),
    'new TCPServer': () => new TCPServer(address, BaseRequestHandler, no),
    'StreamServer.stop': () => server.stop(five),
    'StreamServer.serveForever': () => server.serveForever(five),
    'PreforkServer.stop': () => prefork.stop(five),
    'TCPServer.serveForever': () => new TCPServer(address, BaseRequestHandler).serveForever(five),
  }
  const taken = Object.entries(calls).filter(([, call]) => {
    try {
      call()
      return true
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError)
      expect((error as Error).message).toMatch(/^Expected `options` to be an object/)
      return false
    }
  })
  expect(taken.map(([name]) => name)).toEqual([])
  for (const each of [left, right, listener]) each.close()
})

test('`null` means no options, like None in Python', async () => {
  const none = null as never
  const server = await createServer(address, none)
  const client = await createConnection(server.getsockname(), none)
  await server.listen(5, none)
  const [peer] = await server.accept(none)
  const file = peer.makefile('r', none)
  expect(file.read).toBeTypeOf('function')
  expect(createDefaultContext(none, none).verifyMode).toBe(createDefaultContext().verifyMode)
  expect(new StreamServer(address, () => {}, none).sslEnabled).toBe(false)
  expect(new BackdoorServer(address, none).sslEnabled).toBe(false)
  expect(new DnsResolver(none)).toBeInstanceOf(DnsResolver)
  for (const each of [file, peer, client, server, socket(AF_INET, SOCK_STREAM, 0, none)]) each.close()
})

test('the error for an argument of the wrong type names the argument', () => {
  const [left, right] = socketpair()
  const target = { module: 'node:path', export: 'basename' }
  const calls: [call: () => unknown, message: RegExp][] = [
    [() => wrapSocket(left, { context: {} as never }), /^Expected `context` to be an SSLContext, got an object/],
    [() => new StreamServer(address, () => {}, { sslContext: {} as never }), /^Expected `sslContext` to be an SSLCont/],
    [() => new PreforkServer(address, target, { backlog: NaN }), /^Expected `backlog` to be a whole number, got NaN$/],
    [() => new SSLContext().setCiphers(['AES256-SHA'] as never), /^Expected `ciphers` to be a string/],
    [() => inetAton(127 as never), /expected `address` to be a string, got 127$/],
    [() => getnameinfo(address, NaN), /expected `flags` to be a whole number, got NaN$/],
    [() => new DefaultSelector().modify(null as never, 1), /^Invalid file object: null$/],
  ]
  for (const [call, message] of calls) expect(call).toThrow(message)
  for (const each of [left, right]) each.close()
})
