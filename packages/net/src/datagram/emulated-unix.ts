import { EventEmitter } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { osError } from '../errors/make.ts'
import type { UnixDatagramProvider, UnixDatagramSocket } from './unix-provider.ts'

const HEADER = 6
/** The maximum size of a datagram in bytes; kernels allow less. A frame that claims to be longer must not exhaust memory. */
const MAX_DATAGRAM = 1024 * 1024
const MAX_FRAME = HEADER + 0xffff + MAX_DATAGRAM

/**
 * Unix datagrams over unix streams: each datagram is a frame with its sender's path. The emulation can only talk to itself, in any
 * process that uses it, and not to syslog or systemd; use `unix-dgram` for those. A datagram of more than 1 MiB is EMSGSIZE.
 */
class EmulatedSocket extends EventEmitter implements UnixDatagramSocket {
  private path = ''
  private peer: string | null = null
  private server: Server | null = null
  private readonly incoming = new Set<Socket>()
  private readonly outgoing = new Map<string, Socket>()

  bind(path: string): void {
    const server = createServer((stream) => this.accept(stream))
    server.on('error', (error) => this.emit('error', error))
    this.server = server
    server.listen(path, () => {
      this.path = path
      this.emit('listening')
    })
  }

  connect(path: string): void {
    this.withStream(path, (error) => {
      if (error) {
        this.emit('error', error)
        return
      }
      this.peer = path
      this.emit('connect')
    })
  }

  send(data: Buffer, ...rest: unknown[]): void {
    const callback = rest.at(-1) as (error?: Error | null) => void
    const path = typeof rest[2] === 'string' ? rest[2] : undefined
    if (data.length > MAX_DATAGRAM) {
      callback(osError('EMSGSIZE'))
      return
    }
    const frame = encode(this.path, data)
    if (path !== undefined) this.transmit(path, frame, true, callback)
    // The kernel connects to a socket, not to its path: once that socket is closed, another of the same path will not do.
    else this.transmit(this.peer!, frame, false, (error) => callback(error ? osError('ECONNREFUSED') : error))
  }

  private transmit(path: string, frame: Buffer, mayRetry: boolean, callback: (error?: Error | null) => void): void {
    this.withStream(path, (error, stream) => {
      if (error) {
        callback(error)
        return
      }
      stream!.write(frame, (failure) => {
        if (!failure || !mayRetry) {
          callback(failure)
          return
        }
        // The receiver is closed, which says nothing about the one that may be bound to the path by now.
        this.forget(path, stream!)
        this.transmit(path, frame, false, callback)
      })
    })
  }

  private forget(path: string, stream: Socket): void {
    // A newer stream may have replaced this one.
    if (this.outgoing.get(path) === stream) this.outgoing.delete(path)
  }

  close(): void {
    this.server?.close()
    for (const stream of this.incoming) stream.destroy()
    for (const stream of this.outgoing.values()) stream.end()
  }

  private withStream(path: string, callback: (error: Error | null, stream?: Socket) => void): void {
    const known = this.outgoing.get(path)
    if (known?.writable) {
      callback(null, known)
      return
    }
    const stream = connect(path)
    stream.unref()
    const failed = (error: Error) => callback(error)
    stream.once('error', failed)
    stream.once('connect', () => {
      stream.off('error', failed)
      stream.on('error', () => {})
      callback(null, stream)
    })
    stream.once('close', () => this.forget(path, stream))
    // Nothing is ever received, but only a stream that is being read notices its end.
    stream.resume()
    this.outgoing.set(path, stream)
  }

  private accept(stream: Socket): void {
    let waiting: Buffer = Buffer.alloc(0)
    this.incoming.add(stream)
    stream.unref()
    stream.on('error', () => {})
    stream.on('close', () => this.incoming.delete(stream))
    stream.on('data', (chunk) => {
      waiting = Buffer.concat([waiting, chunk])
      for (let size = frameSize(waiting); waiting.length >= size; size = frameSize(waiting)) {
        this.deliver(waiting.subarray(0, size))
        waiting = waiting.subarray(size)
      }
      if (waiting.length >= HEADER && frameSize(waiting) > MAX_FRAME) stream.destroy()
    })
  }

  private deliver(frame: Buffer): void {
    const start = HEADER + frame.readUInt16BE(0)
    const path = frame.toString('utf8', HEADER, start)
    // A connected socket receives only from its peer.
    if (this.peer !== null && path !== this.peer) return
    this.emit('message', Buffer.from(frame.subarray(start)), { path })
  }
}

function encode(path: string, data: Buffer): Buffer {
  const name = Buffer.from(path)
  const header = Buffer.alloc(HEADER)
  header.writeUInt16BE(name.length, 0)
  header.writeUInt32BE(data.length, 2)
  return Buffer.concat([header, name, data])
}

/** Returns the size of the first frame, or Infinity while it is not known yet. */
function frameSize(bytes: Buffer): number {
  return bytes.length < HEADER ? Infinity : HEADER + bytes.readUInt16BE(0) + bytes.readUInt32BE(2)
}

/**
 * A provider of unix datagram sockets that needs no native add-on. It is an emulation: its sockets can only reach each other, across
 * processes too. A datagram of more than 1 MiB is EMSGSIZE.
 *
 * @example
 * registerUnixDatagramProvider(emulatedUnixDatagrams)
 */
export const emulatedUnixDatagrams: UnixDatagramProvider = {
  createSocket(_type, listener) {
    const socket = new EmulatedSocket()
    socket.on('message', listener)
    return socket
  },
}
