import net from 'node:net'
import tls from 'node:tls'
import { type Coroutine, fromCallback, type Green, green, type Operation, spawn } from '@greenlit/core'
import { Call } from '@greenlit/core/engine'
import { fromNode } from '../errors/make.ts'
import { settle } from '../server/overridable.ts'
import type { Socket } from '../socket/socket.ts'
import { wrap } from '../socket/wrap.ts'
import { type Overlay, overlay } from './overlay.ts'
import { type ServerView, serverView } from './server-view.ts'

/** Serves a connection: a coroutine, plain or async. The connection is closed when it is done. */
export type ConnectionHandler = (socket: Socket) => unknown

/** What the view of `node:net` has in place of Node's own. */
export interface BlockingNet {
  /** Connects, with Node's arguments less the callback, and gives a cooperative socket. */
  connect(...args: unknown[]): Operation<Socket>
  /** As `connect`. */
  createConnection(...args: unknown[]): Operation<Socket>
  /** Makes a server whose handler runs in a greenlet for each connection. */
  createServer(handler?: ConnectionHandler): ServerView<net.Server>
  createServer(options: net.ServerOpts, handler?: ConnectionHandler): ServerView<net.Server>
}

/** What the view of `node:tls` has in place of Node's own. */
export interface BlockingTls {
  /** Connects and shakes hands, with Node's arguments less the callback, and gives a cooperative socket. */
  connect(...args: unknown[]): Operation<Socket>
  /** Makes a server whose handler runs in a greenlet for each connection, after the handshake. */
  createServer(options: tls.TlsOptions, handler?: ConnectionHandler): ServerView<tls.Server>
}

/** `node:net` with cooperative sockets. */
export type NetView = Overlay<Green<typeof net>, BlockingNet>
/** `node:tls` with cooperative sockets. */
export type TlsView = Overlay<Green<typeof tls>, BlockingTls>

/** Makes the view of `node:net`. */
export function netView(): NetView {
  const connect = (...args: unknown[]) => connecting(() => net.connect(...halfOpen(args)), 'connect')
  return overlay(green(net), {
    connect,
    createConnection: connect,
    createServer(options: net.ServerOpts | ConnectionHandler = {}, handler?: ConnectionHandler) {
      const [settings, handle] = typeof options === 'function' ? [{}, options] : [options, handler]
      const server = net.createServer({ ...settings, allowHalfOpen: true, pauseOnConnect: true })
      if (handle !== undefined) server.on('connection', (socket) => serve(handle, socket))
      return serverView(server)
    },
  })
}

/** Makes the view of `node:tls`. */
export function tlsView(): TlsView {
  return overlay(green(tls), {
    connect: (...args: unknown[]) =>
      connecting(() => tls.connect(...(args as [tls.ConnectionOptions])), 'secureConnect'),
    createServer(options: tls.TlsOptions, handler?: ConnectionHandler) {
      const server = tls.createServer(options)
      if (handler !== undefined) server.on('secureConnection', (socket) => serve(handler, socket))
      return serverView(server)
    },
  })
}

/** Without half-close the end of one direction would end both. */
function halfOpen(args: unknown[]): [net.NetConnectOpts] {
  const [first, second] = args
  const host = typeof second === 'string' ? { host: second } : {}
  if (typeof first === 'object' && first !== null) return [{ ...(first as net.NetConnectOpts), allowHalfOpen: true }]
  const isPath = typeof first === 'string' && !/^\d+$/.test(first)
  return [isPath ? { path: first, allowHalfOpen: true } : { port: Number(first), ...host, allowHalfOpen: true }]
}

function connecting(make: () => net.Socket, event: 'connect' | 'secureConnect'): Operation<Socket> {
  return new Call(connect, [make, event])
}

function* connect(make: () => net.Socket, event: string): Coroutine<Socket> {
  const socket = make()
  try {
    yield* fromCallback((resume) => {
      socket.once('error', (error) => resume(fromNode(error)))
      socket.once(event, () => resume())
    })
    return wrapHalfOpen(socket)
  } catch (error) {
    socket.on('error', () => {})
    socket.destroy()
    throw error
  }
}

function serve(handler: ConnectionHandler, netSocket: net.Socket): void {
  const socket = wrapHalfOpen(netSocket)
  const greenlet = spawn(() => settle(handler(socket)))
  greenlet.rawlink(() => {
    // A file that its handler left open would keep the connection open with it.
    socket.closeFiles()
    socket.close()
  })
}

/** Half-close of TLS begins after the handshake: a client that leaves during that would leave its half open for ever. */
function wrapHalfOpen(netSocket: net.Socket): Socket {
  netSocket.allowHalfOpen = true
  return wrap(netSocket)
}
