import type { Socket as NetSocket } from 'node:net'
import { beginBatch } from '@greenlit/core/engine'
import { fromNode, osError } from '../errors/make.ts'
import { noBytes } from './byte-queue.ts'
import { Cork, type CorkSink } from './cork.ts'
import { lingeringClose } from './lingering-close.ts'
import { serveSoon } from './serve-soon.ts'
import { FILE_BUFFER, SUBCLASS_FLAGS, Transport } from './transport.ts'

const READING = SUBCLASS_FLAGS
const PAUSED = SUBCLASS_FLAGS * 2
/** `send` has already thrown the failure that Node will also emit as an 'error' event. */
const ERROR_THROWN = SUBCLASS_FLAGS * 4
/** The reader is queued to be served after the current batch of input. */
const SERVE_QUEUED = SUBCLASS_FLAGS * 8
/** Node has been made to read one buffer's worth ahead, though no greenlet wants it yet. */
const READING_AHEAD = SUBCLASS_FLAGS * 16

/** The marks of sends that were abandoned part-way: what is left of them must not keep a closed socket alive. */
const abandoned = new WeakMap<NetTransport, number>()

/** `sendCopy` copies into a slab of this size. Usually the kernel takes the bytes immediately and the slab can be reused. */
const SLAB_SIZE = 64 * 1024
let spareSlab: Buffer | null = null

const TRANSPORT = Symbol('transport')

interface LinkedSocket extends NetSocket {
  [TRANSPORT]: NetTransport
}

/**
 * A stream over a Node socket. The socket stays in flowing mode: pausing it between reads costs more than the reads themselves.
 *
 * @example
 * const transport = new NetTransport(netSocket)
 */
export class NetTransport extends Transport implements CorkSink {
  readonly netSocket: NetSocket
  private cork: Cork | null = null

  constructor(netSocket: NetSocket) {
    super()
    this.netSocket = netSocket
    ;(netSocket as LinkedSocket)[TRANSPORT] = this
    netSocket.on('error', onError)
    netSocket.on('close', onClose)
  }

  get isExternal(): boolean {
    return true
  }

  get unsent(): number {
    return this.netSocket.writableLength + (this.cork === null ? 0 : this.cork.length)
  }

  /** Whether the Node socket is closed. */
  get gone(): boolean {
    return this.netSocket.closed
  }

  /** Starts reading. Until a call wants bytes they stay in the kernel, and the socket can be handed to another process. */
  startReading(): void {
    if (this.hasFlag(READING)) return
    this.setFlag(READING, true)
    const { netSocket } = this
    netSocket.on('data', onData)
    netSocket.on('end', onEnd)
    netSocket.resume()
    if (netSocket.readableEnded || netSocket.destroyed) this.received(null)
  }

  handOver(): NetSocket {
    const { netSocket } = this
    netSocket.pause()
    netSocket.off('data', onData)
    netSocket.off('end', onEnd)
    netSocket.off('error', onError)
    // A greenlet may still be sending: 'close' ends its wait.
    if (!this.hasWaiters) netSocket.off('close', onClose)
    this.cork?.flush()
    if (this.inbox.length > 0) netSocket.unshift(this.inbox.takeJoined(this.inbox.length))
    return netSocket
  }

  send(bytes: Buffer): void {
    this.accepted += bytes.length
    if (!this.autoCork) {
      this.cork?.flush()
      this.write(bytes)
      return
    }
    this.cork ??= new Cork(this)
    this.cork.add(bytes)
  }

  sendCopy(bytes: Buffer): void {
    if (this.autoCork) {
      // The cork copies the bytes.
      this.send(bytes)
    } else if (bytes.length > SLAB_SIZE || this.unsent > 0) {
      this.send(Buffer.from(bytes))
    } else {
      const slab = spareSlab ?? Buffer.allocUnsafeSlow(SLAB_SIZE)
      spareSlab = null
      slab.set(bytes)
      this.send(slab.subarray(0, bytes.length))
      if (this.unsent === 0) spareSlab = slab
    }
  }

  /** @internal */
  sendCollected(bytes: Buffer): boolean {
    // A destroyed socket reports its failure through its events.
    if (this.netSocket.destroyed) return true
    try {
      this.write(bytes)
    } catch (error) {
      // No call is waiting for this write: the next one gets the error.
      this.error = error as Error
    }
    return this.netSocket.writableLength === 0
  }

  protected write(bytes: Buffer): void {
    const { netSocket } = this
    if (!this.hasFlag(READING | READING_AHEAD)) {
      // If this write fails because the peer has closed, Node drops whatever it has not read by then: read the peer's last words now.
      this.setFlag(READING_AHEAD, true)
      netSocket.read(0)
    }
    netSocket.write(bytes)
    const failure = netSocket.errored
    if (failure !== null && !this.hasFlag(ERROR_THROWN)) {
      this.setFlag(ERROR_THROWN, true)
      this.sendEnded = true
      throw fromNode(failure)
    }
    // Most writes have completed by now, and a callback costs a tick of Node's. For the others an empty write is queued behind them,
    // whose callback runs once they are flushed.
    if (netSocket.writableLength > 0) this.flushLater()
  }

  private flushLater(): void {
    const { netSocket } = this
    netSocket.write(noBytes(), (error) => {
      // After an error the unsent bytes are lost, and 'close' wakes the waiting writers. But TLS over a memory transport reports late
      // which bytes went out, so look even after an error.
      if (!error || 'encrypted' in netSocket) beginBatch(flush, this)
    })
  }

  endSending(): void {
    this.cork?.flush()
    this.sendEnded = true
    this.netSocket.end()
  }

  protected abandon(): void {
    abandoned.set(this, this.sentMark)
  }

  protected pause(): void {
    if (this.hasFlag(PAUSED)) return
    this.setFlag(PAUSED, true)
    this.netSocket.pause()
  }

  protected resume(): void {
    if (!this.hasFlag(PAUSED)) return
    this.setFlag(PAUSED, false)
    this.netSocket.resume()
  }

  /** Closes as the kernel does: bytes accepted for sending still go out, and unread bytes reset the connection. */
  close(): void {
    this.cork?.flush()
    const { netSocket } = this
    netSocket.ref()
    // Discard what still arrives: if it were kept, flow control would block a peer that has to finish sending before it reads our
    // last bytes.
    this.received(null)
    if (netSocket.writableLength === 0) this.closeFlushed()
    else if (!this.isOut(abandoned.get(this) ?? 0)) netSocket.destroy()
    else if ('encrypted' in netSocket) lingeringClose(netSocket)
    else {
      netSocket.resume()
      netSocket.destroySoon()
    }
  }

  private closeFlushed(): void {
    const { netSocket } = this
    // Bytes that the buffer of a file would have read ahead count as read.
    const readAhead = this.buffered ? FILE_BUFFER : 0
    if (this.inbox.length + netSocket.readableLength > readAhead && !netSocket.destroyed) {
      this.reset()
    } else if ('encrypted' in netSocket && !this.hasFlag(READING)) {
      lingeringClose(netSocket)
    } else if ('encrypted' in netSocket || (netSocket.writableEnded && !netSocket.writableFinished)) {
      netSocket.destroySoon()
    } else {
      // Everything is sent, so this amounts to the kernel's close: data it has received that nobody read resets the connection.
      netSocket.destroy()
    }
  }

  // Data that the kernel has already received comes first; Node delivers it within one or two turns of the event loop.
  override endReading(): void {
    setImmediate(() => setImmediate(() => this.received(null)))
  }

  reset(): void {
    const { netSocket } = this
    if (netSocket.remoteFamily === undefined || 'encrypted' in netSocket) netSocket.destroy()
    // While the shutdown of the sending side is in flight, Node's reset fails and leaks the handle.
    else if (netSocket.writableEnded && !netSocket.writableFinished && netSocket.writableLength === 0)
      netSocket.once('finish', () => netSocket.resetAndDestroy())
    else netSocket.resetAndDestroy()
  }

  protected override serveReader(): void {
    if (this.hasFlag(SERVE_QUEUED)) return
    this.setFlag(SERVE_QUEUED, true)
    serveSoon(this)
  }

  /** @internal */
  serveNow(): void {
    if (!this.hasFlag(SERVE_QUEUED)) return
    this.setFlag(SERVE_QUEUED, false)
    super.serveReader()
  }

  override failed(error: Error): void {
    this.serveNow()
    super.failed(error)
  }

  /** Takes the bytes that arrived before a reset or a close: they can still be received, but Node keeps them. */
  private takeBuffered(): void {
    const { netSocket } = this
    // Unless the socket has failed, `read` emits as 'data' what it returns.
    netSocket.off('data', onData)
    for (let rest = netSocket.readableLength; rest > 0; rest = netSocket.readableLength) {
      const chunk = netSocket.read() as Buffer | null
      if (chunk === null) return
      this.received(chunk)
    }
  }

  /** @internal */
  errored(error: Error): void {
    this.takeBuffered()
    if (this.hasFlag(ERROR_THROWN)) this.received(null)
    else this.failed(fromNode(error))
  }

  /** @internal */
  closed(): void {
    this.takeBuffered()
    this.sendEnded = true
    this.received(null)
    this.serveNow()
    if (this.hasWaiters) this.failWaiters(osError('EPIPE'))
  }
}

function flush(transport: NetTransport): void {
  transport.flushed()
}

function onData(this: NetSocket, chunk: Buffer): void {
  ;(this as LinkedSocket)[TRANSPORT].received(chunk)
}

function onEnd(this: NetSocket): void {
  ;(this as LinkedSocket)[TRANSPORT].received(null)
}

function onError(this: NetSocket, error: Error): void {
  ;(this as LinkedSocket)[TRANSPORT].errored(error)
}

function onClose(this: NetSocket): void {
  ;(this as LinkedSocket)[TRANSPORT].closed()
}
