import {
  BaseRequestHandler,
  createServer,
  DatagramServer,
  PreforkServer,
  SSLContext,
  StreamServer,
  socket,
  socketpair,
  TCPServer,
} from '@greenlit/net'
import { expect, test } from 'vitest'
import { guardLeaks } from './guard.ts'

guardLeaks()

const address: [string, number] = ['127.0.0.1', 0]
/** What Python takes by position: milliseconds here, a backlog, or whether to bind. */
const five = 5 as never
const no = false as never

test('a bare number or boolean where options belong is refused at the call, as it would have no effect', () => {
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
