import type { Socket } from 'node:net'
import { NetTransport, type Reader } from '@greenlit/net/transport'
import { bareHost, portOf } from '../engine/node-options.ts'
import { openSocket } from '../engine/open-socket.ts'
import { TunnelAttempt } from '../engine/tunnel.ts'
import type { BodyReader } from './body-reader.ts'
import type { BodyTarget } from './chunked-reader.ts'
import { HeadParser, skipLineEnds } from './head-parser.ts'
import type { Route } from './route.ts'

/** The exchange that is using a connection. */
export interface ConnectionUser {
  /** Called when the connection is made. */
  opened(connection: Connection): void
  /** Called with the head of a response; returns how its body is to be read, if it has one, or `INTERIM`. */
  headReceived(head: HeadParser): IncomingFrame
  /** Whether the whole request was sent, and did not ask for the connection to be closed. Read when the response is complete. */
  readonly isSent: boolean
  /** Called when the response is complete. */
  ended(): void
  /** Called when the connection broke, or received something other than an HTTP response. */
  broke(error: Error, connection: Connection): void
}

/** How the bytes after the head of a response are read, and where they go. */
export interface IncomingFrame {
  readonly reader: BodyReader | undefined
  readonly target: BodyTarget | undefined
}

/** Keeps idle connections. */
export interface ConnectionKeeper {
  keep(connection: Connection, lifetime: number): void
  remove(connection: Connection): void
  rememberSession(session: Buffer): void
}

/** The frame of an interim response: another head follows. */
export const INTERIM: IncomingFrame = { reader: undefined, target: undefined }

/** A connection, which serves one exchange at a time. */
export class Connection implements Reader {
  /** @internal The number of bytes to wait for: any byte will do. */
  readonly want = 1
  /** How many exchanges it has completed. */
  served = 0
  /** When it must no longer be reused, while it is idle. */
  staleAt = Infinity
  private readonly keeper: ConnectionKeeper
  private user: ConnectionUser | undefined = undefined
  private socket: Socket | undefined = undefined
  private transport: NetTransport | undefined = undefined
  private tunnel: TunnelAttempt | undefined = undefined
  private readonly head: HeadParser = new HeadParser()
  private frame: IncomingFrame | undefined = undefined
  private isPaused = false
  private isClosed = false

  constructor(keeper: ConnectionKeeper) {
    this.keeper = keeper
  }

  /** The Node socket, once connected. */
  get netSocket(): Socket | undefined {
    return this.socket
  }

  /** Whether it can serve another exchange: it is connected and has received neither its end nor any unsolicited bytes. */
  get isUsable(): boolean {
    const { transport } = this
    return (
      transport !== undefined &&
      !this.isClosed &&
      !transport.eof &&
      transport.inbox.length === 0 &&
      this.socket!.writable
    )
  }

  /** Whether a byte of the response has been received. */
  get hasAnswered(): boolean {
    return this.head.hasBegun
  }

  /** Connects, for an exchange. */
  open(route: Route, session: Buffer | undefined, user: ConnectionUser): void {
    this.user = user
    const { origin, authority, proxy, tls, lookup } = route
    const host = bareHost(origin)
    if (proxy !== undefined) {
      this.tunnel = new TunnelAttempt()
      this.tunnel.open(proxy, authority, host, tls, (error, socket) => {
        this.tunnel = undefined
        if (error !== null) this.broke(error)
        else this.adopt(socket)
      })
      return
    }
    const isSecure = origin.protocol === 'https:'
    const socket = openSocket({ host, port: portOf(origin), isSecure, tls, lookup, session })
    this.socket = socket
    socket.on('error', this.onError)
    if (isSecure) socket.on('session', (fresh: Buffer) => this.keeper.rememberSession(fresh))
    socket.once(isSecure ? 'secureConnect' : 'connect', () => this.adopt(socket))
  }

  /** Serves another exchange on the idle connection. */
  serveNext(user: ConnectionUser): void {
    this.user = user
    this.socket!.ref()
    user.opened(this)
  }

  /** Unrefs the socket: the idle connection does not keep the process alive. */
  unref(): void {
    this.socket!.unref()
  }

  pause(): void {
    this.isPaused = true
    this.socket?.pause()
  }

  resume(): void {
    if (!this.isPaused || this.isClosed) return
    this.resumeReading()
    this.pump()
  }

  /** Closes the connection at once, without notifying its exchange. */
  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.user = undefined
    this.keeper.remove(this)
    this.tunnel?.abort()
    this.socket?.destroy()
  }

  /** @internal Called when bytes, or the end, were received. */
  serve(): void {
    this.pump()
  }

  /** @internal Called when the connection broke. */
  fail(error: unknown): boolean {
    // Node's original error: its code decides which error is thrown.
    this.broke(this.socket!.errored ?? (error as Error))
    return true
  }

  private readonly onError = (error: Error): void => {
    if (this.transport === undefined) this.broke(error)
  }

  private resumeReading(): void {
    this.isPaused = false
    this.socket!.resume()
  }

  private adopt(socket: Socket): void {
    if (this.isClosed) {
      socket.destroy()
      return
    }
    this.socket = socket
    this.transport = new NetTransport(socket)
    this.transport.attach(this)
    this.transport.startReading()
    this.user!.opened(this)
  }

  private pump(): void {
    const transport = this.transport!
    try {
      while (transport.inbox.length > 0 && !this.isPaused && !this.isClosed)
        this.consume(transport.inbox.take(Infinity))
    } catch (error) {
      this.broke(error as Error)
    }
    if (this.isClosed) return
    transport.taken()
    if (this.isPaused) return
    if (transport.error !== null) this.broke(this.socket!.errored ?? transport.error)
    else if (transport.eof) this.peerEnded()
    else if (transport.reader === null) transport.attach(this)
  }

  private consume(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length && !this.isClosed) {
      const { user, frame } = this
      if (user === undefined) {
        at = skipLineEnds(chunk, at)
        // An unsolicited response must not be taken for that of the next request (RFC 9112 section 9.2).
        if (at < chunk.length) this.close()
      } else if (frame === undefined) {
        at = this.head.read(chunk, at)
        if (at < 0) return
        this.finishHead(user)
      } else {
        at = frame.reader!.read(chunk, at, frame.target!)
        if (!this.isClosed && frame.reader!.isDone) this.complete(user)
      }
    }
  }

  private finishHead(user: ConnectionUser): void {
    const frame = user.headReceived(this.head)
    if (frame === INTERIM) {
      this.head.reset()
    } else if (!this.isClosed) {
      this.frame = frame
      if (frame.reader === undefined || frame.reader.isDone) this.complete(user)
    }
  }

  private complete(user: ConnectionUser): void {
    const { isCurrent, fields } = this.head
    const isKept = !fields.closes && (isCurrent || fields.keeps) && user.isSent && !this.frame!.reader?.mayEnd
    this.user = undefined
    this.frame = undefined
    this.head.reset()
    // The connection may still be paused, if the last bytes exceeded what is buffered for a reader.
    if (this.isPaused) this.resumeReading()
    if (isKept && this.socket!.writableLength === 0) {
      this.served += 1
      this.keeper.keep(this, fields.lifetime)
    } else {
      this.close()
    }
    user.ended()
  }

  private peerEnded(): void {
    const { user, frame } = this
    if (user === undefined) this.close()
    else if (frame?.reader?.mayEnd) this.complete(user)
    else this.broke(hangUpError())
  }

  private broke(error: Error): void {
    const { user } = this
    this.close()
    user?.broke(error, this)
  }
}

/** The error that Node's client reports when the server closes early. */
function hangUpError(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
}
