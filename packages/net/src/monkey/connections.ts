import net from 'node:net'
import tls from 'node:tls'
import { type Coroutine, fromCallback, type Green, green, type Operation, spawn } from '@greenlit/core'
import { Call, checkCallable, show } from '@greenlit/core/engine'
import { fromNode } from '../errors/make.ts'
import { settle } from '../server/overridable.ts'
import type { Socket } from '../socket/socket.ts'
import { wrap } from '../socket/wrap.ts'
import { type Overlay, overlay } from './overlay.ts'
import { type ServerView, serverView } from './server-view.ts'

/** Serves a connection: a coroutine, plain or async function. The connection is closed when it returns. */
export type ConnectionHandler = (socket: Socket) => unknown

/** The members that the view of `node:net` replaces. */
export interface BlockingNet {
  /** Connects and returns a cooperative socket. Takes Node's arguments except the callback. */
  connect(...args: unknown[]): Operation<Socket>
  /** The same as `connect`. */
  createConnection(...args: unknown[]): Operation<Socket>
  /** Creates a server that runs the handler in a greenlet for each connection. */
  createServer(handler?: ConnectionHandler): ServerView<net.Server>
  createServer(options: net.ServerOpts, handler?: ConnectionHandler): ServerView<net.Server>
}

/** The members that the view of `node:tls` replaces. */
export interface BlockingTls {
  /** Connects, performs the handshake and returns a cooperative socket. Takes Node's arguments except the callback. */
  connect(...args: unknown[]): Operation<Socket>
  /** Creates a server that runs the handler in a greenlet for each connection, after the handshake. */
  createServer(options: tls.TlsOptions, handler?: ConnectionHandler): ServerView<tls.Server>
}

/** `node:net` with cooperative sockets. */
export type NetView = Overlay<Green<typeof net>, BlockingNet>
/** `node:tls` with cooperative sockets. */
export type TlsView = Overlay<Green<typeof tls>, BlockingTls>

/** Creates the view of `node:net`. */
export function netView(): NetView {
  const connect = (...args: unknown[]) => {
    checkNoCallback(args)
    return connectOperation(() => net.connect(...halfOpen(args)), 'connect')
  }
  return overlay(green(net), {
    connect,
    createConnection: connect,
    createServer(options: net.ServerOpts | ConnectionHandler = {}, handler?: ConnectionHandler) {
      const [settings, handle] = typeof options === 'function' ? [{}, options] : [options, handler]
      // Without a handler Node itself must notice when a client leaves, or the server could never close.
      if (handle === undefined) return serverView(net.createServer(settings))
      checkCallable(handle, 'handler')
      const server = net.createServer({ ...settings, allowHalfOpen: true, pauseOnConnect: true })
      server.on('connection', (socket) => serve(handle, socket))
      return serverView(server)
    },
  })
}

/** Creates the view of `node:tls`. */
export function tlsView(): TlsView {
  return overlay(green(tls), {
    connect(...args: unknown[]) {
      checkNoCallback(args)
      return connectOperation(() => tls.connect(...(args as [tls.ConnectionOptions])), 'secureConnect')
    },
    createServer(options: tls.TlsOptions, handler?: ConnectionHandler) {
      const server = tls.createServer(options)
      if (handler === undefined) return serverView(server)
      checkCallable(handler, 'handler')
      server.on('secureConnection', (socket) => serve(handler, socket))
      return serverView(server)
    },
  })
}

function checkNoCallback(args: readonly unknown[]): void {
  const callback = args.at(-1)
  if (typeof callback !== 'function') return
  throw new TypeError(`Expected no callback, got ${show(callback)}: connect() returns an operation`)
}

/** Adds `allowHalfOpen` to the arguments of `connect`: without it, the end of one direction would end both. */
function halfOpen(args: unknown[]): [net.NetConnectOpts] {
  const [first, second] = args
  const host = typeof second === 'string' ? { host: second } : {}
  if (typeof first === 'object' && first !== null) return [{ ...(first as net.NetConnectOpts), allowHalfOpen: true }]
  const isPath = typeof first === 'string' && !/^\d+$/.test(first)
  return [isPath ? { path: first, allowHalfOpen: true } : { port: Number(first), ...host, allowHalfOpen: true }]
}

function connectOperation(make: () => net.Socket, event: 'connect' | 'secureConnect'): Operation<Socket> {
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
    // What the handler left open would keep the connection open.
    socket.closeFiles()
    socket.holder.close()
  })
}

/** Allows half-open TLS streams only after the handshake: a client that disconnects during it would leave its half open forever. */
function wrapHalfOpen(netSocket: net.Socket): Socket {
  netSocket.allowHalfOpen = true
  return wrap(netSocket)
}
