import type { Socket as NetSocket } from 'node:net'
import { beginBatch } from '@greenlit/core/engine'
import { fromNode, osError } from '../errors/make.ts'
import { noBytes } from './byte-queue.ts'
import { closeSlowly } from './close-slowly.ts'
import { Cork, type CorkSink } from './cork.ts'
import { serveSoon } from './serve-soon.ts'
import { FILE_BUFFER, OWN_STATE, Transport } from './transport.ts'

const READING = OWN_STATE
const HELD = OWN_STATE * 2
/** A `send` has thrown Node's failure already, before Node tells it as an event. */
const THROWN = OWN_STATE * 4
/** Its reader has been promised a turn. */
const TO_SERVE = OWN_STATE * 8
/** Node reads a buffer's worth, though nobody wants it yet. */
const READS_AHEAD = OWN_STATE * 16

/** The marks of sends that were given up half-way: what is left of them must not keep a closed socket alive. */
const abandoned = new WeakMap<NetTransport, number>()

/** What `send` takes is copied here: mostly the kernel has it at once, and the memory serves again. */
const SLAB_SIZE = 64 * 1024
let spareSlab: Buffer | null = null

const TRANSPORT = Symbol('transport')

interface Linked extends NetSocket {
  [TRANSPORT]: NetTransport
}

/** A stream through one of Node's sockets, which stays flowing: pausing it for each read costs more than the read. */
export class NetTransport extends Transport implements CorkSink {
  readonly netSocket: NetSocket
  private cork: Cork | null = null

  constructor(netSocket: NetSocket) {
    super()
    this.netSocket = netSocket
    ;(netSocket as Linked)[TRANSPORT] = this
    netSocket.on('error', onError)
    netSocket.on('close', onClose)
  }

  get isExternal(): boolean {
    return true
  }

  get unsent(): number {
    return this.netSocket.writableLength + (this.cork === null ? 0 : this.cork.length)
  }

  /** Whether Node's socket is closed. */
  get gone(): boolean {
    return this.netSocket.closed
  }

  /** Starts to read, not before somebody wants bytes: until then they stay in the kernel and may go to another process. */
  startReading(): void {
    if (this.is(READING)) return
    this.set(READING, true)
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
    netSocket.off('close', onClose)
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
      // The cork copies what it keeps.
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
    // What has failed tells of that by itself.
    if (this.netSocket.destroyed) return true
    try {
      this.write(bytes)
    } catch (error) {
      // Nobody is there to take it: the next call is told.
      this.error = error as Error
    }
    return this.netSocket.writableLength === 0
  }

  private write(bytes: Buffer): void {
    const { netSocket } = this
    if (!this.is(READING | READS_AHEAD)) {
      // What the peer has said before it leaves goes with Node's socket, unless that has read it by then.
      this.set(READS_AHEAD, true)
      netSocket.read(0)
    }
    netSocket.write(bytes)
    const failure = netSocket.errored
    if (failure !== null && !this.is(THROWN)) {
      this.set(THROWN, true)
      this.sendEnded = true
      throw fromNode(failure)
    }
    // A callback for each write costs a turn of Node's; most writes are done by now. An empty one comes after what is not.
    if (netSocket.writableLength > 0) this.flushLater()
  }

  private flushLater(): void {
    const { netSocket } = this
    netSocket.write(noBytes(), (error) => {
      // What came before an error is lost, and the end of the socket tells who waits. But TLS in memory tells late what is out.
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

  protected hold(): void {
    if (this.is(HELD)) return
    this.set(HELD, true)
    this.netSocket.pause()
  }

  protected release(): void {
    if (!this.is(HELD)) return
    this.set(HELD, false)
    this.netSocket.resume()
  }

  /** As the kernel's close: what was accepted for sending goes out; unread bytes reset the connection. */
  close(): void {
    this.cork?.flush()
    const { netSocket } = this
    netSocket.ref()
    // What still comes is nobody's: kept, it would hold up a peer that reads only what we still have to send after it has sent.
    this.received(null)
    if (netSocket.writableLength === 0) this.closeAtOnce()
    else if (!this.isOut(abandoned.get(this) ?? 0)) netSocket.destroy()
    else if ('encrypted' in netSocket) closeSlowly(netSocket)
    else {
      netSocket.resume()
      netSocket.destroySoon()
    }
  }

  private closeAtOnce(): void {
    const { netSocket } = this
    // What the buffer of a file would have read ahead counts as read.
    const readAhead = this.buffered ? FILE_BUFFER : 0
    if (this.inbox.length + netSocket.readableLength > readAhead && !netSocket.destroyed) {
      this.reset()
    } else if ('encrypted' in netSocket && !this.is(READING)) {
      closeSlowly(netSocket)
    } else if ('encrypted' in netSocket || (netSocket.writableEnded && !netSocket.writableFinished)) {
      netSocket.destroySoon()
    } else {
      // All is sent, so that this is the kernel's close: what it has received and nobody has read resets the connection.
      netSocket.destroy()
    }
  }

  // What the kernel has received by now comes first; Node shows that after a turn, or two.
  override endReading(): void {
    setImmediate(() => setImmediate(() => this.received(null)))
  }

  reset(): void {
    const { netSocket } = this
    if (netSocket.remoteFamily === undefined || 'encrypted' in netSocket) netSocket.destroy()
    // While the end of sending is on its way Node's reset fails, and leaves a handle that nothing closes.
    else if (netSocket.writableEnded && !netSocket.writableFinished && netSocket.writableLength === 0)
      netSocket.once('finish', () => netSocket.resetAndDestroy())
    else netSocket.resetAndDestroy()
  }

  protected override serveReader(): void {
    if (this.is(TO_SERVE)) return
    this.set(TO_SERVE, true)
    serveSoon(this)
  }

  /** @internal */
  serveNow(): void {
    if (!this.is(TO_SERVE)) return
    this.set(TO_SERVE, false)
    super.serveReader()
  }

  override failed(error: Error): void {
    this.serveNow()
    super.failed(error)
  }

  /** What came before a reset can still be received; Node keeps it and does not give it out any more. */
  private takeRest(): void {
    const { netSocket } = this
    for (let rest = netSocket.readableLength; rest > 0; rest = netSocket.readableLength) {
      const chunk = netSocket.read() as Buffer | null
      if (chunk === null) return
      this.received(chunk)
    }
  }

  /** @internal */
  errored(error: Error): void {
    this.takeRest()
    if (this.is(THROWN)) this.received(null)
    else this.failed(fromNode(error))
  }

  /** @internal */
  closed(): void {
    this.takeRest()
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
  ;(this as Linked)[TRANSPORT].received(chunk)
}

function onEnd(this: NetSocket): void {
  ;(this as Linked)[TRANSPORT].received(null)
}

function onError(this: NetSocket, error: Error): void {
  ;(this as Linked)[TRANSPORT].errored(error)
}

function onClose(this: NetSocket): void {
  ;(this as Linked)[TRANSPORT].closed()
}
