import type { Duplex } from 'node:stream'
import { osError } from '../errors/make.ts'
import { Transport } from './transport.ts'
import { TransportStream } from './transport-stream.ts'

/** The number of unread bytes one end buffers; about the default of a unix socket on Linux. */
const CAPACITY = 208 * 1024

/** One end of a pair within this process. Bytes go straight to the other end, with the semantics of a kernel socket. */
export class MemoryTransport extends Transport {
  private peer: MemoryTransport | null = null
  private readonly outbox: Buffer[] = []
  private queuedBytes = 0
  private ending = false
  private isClosed = false

  /** Creates both ends. */
  static pair(): [MemoryTransport, MemoryTransport] {
    const first = new MemoryTransport()
    const second = new MemoryTransport()
    first.peer = second
    second.peer = first
    return [first, second]
  }

  /** Only another greenlet can end a wait, so that deadlocks are detected. */
  get isExternal(): boolean {
    return false
  }

  get unsent(): number {
    return this.queuedBytes
  }

  send(bytes: Buffer): void {
    if (this.peer === null) throw osError('EPIPE')
    this.accepted += bytes.length
    // Copy as the kernel does: the caller may reuse its buffer.
    this.outbox.push(Buffer.from(bytes))
    this.queuedBytes += bytes.length
    this.deliver()
  }

  sendCopy(bytes: Buffer): void {
    this.send(bytes)
  }

  // Nothing to do: unsent bytes share a queue with those of other calls, and keep nothing open outside this process.
  protected abandon(): void {}

  private deliver(): void {
    const { peer } = this
    if (peer === null) return
    while (this.outbox.length > 0) {
      const room = CAPACITY - peer.inbox.length
      if (room <= 0 && peer.reader === null) return
      const head = this.outbox[0]!
      const size = Math.min(head.length, Math.max(room, peer.reader?.want ?? 0, 1))
      if (size === head.length) this.outbox.shift()
      else this.outbox[0] = head.subarray(size)
      this.queuedBytes -= size
      peer.received(size === head.length ? head : head.subarray(0, size))
    }
    if (this.ending) {
      peer.received(null)
      if (this.isClosed) this.disconnect(null)
    }
  }

  /** Unlike TCP's, the kernel's unix sockets keep a pending reset for the next receiving call. */
  override checkSending(): void {
    if (this.sendEnded) throw osError('EPIPE')
  }

  endSending(): void {
    this.sendEnded = true
    this.ending = true
    this.deliver()
  }

  override endReading(): void {
    super.endReading()
    this.peer?.stopSending()
  }

  /** The other end reads no more: from now on sending fails, as with the kernel's unix sockets. */
  private stopSending(): void {
    this.sendEnded = true
    this.outbox.length = 0
    this.queuedBytes = 0
    if (this.hasWaiters) this.failWriters(osError('EPIPE'))
  }

  startReading(): void {}

  protected pause(): void {}

  protected resume(): void {}

  override attach(reader: Parameters<Transport['attach']>[0]): void {
    super.attach(reader)
    // Bytes that did not fit into the inbox may be the ones this reader waits for.
    this.pull()
  }

  override taken(): void {
    this.pull()
  }

  private pull(): void {
    const { peer } = this
    if (peer === null || peer.queuedBytes === 0) return
    peer.deliver()
    peer.flushed()
  }

  handOver(): Duplex {
    return new TransportStream(this)
  }

  close(): void {
    this.isClosed = true
    this.sendEnded = true
    if (this.inbox.length > 0) {
      this.disconnect(osError('ECONNRESET'))
      return
    }
    this.peer?.stopSending()
    this.endSending()
  }

  // The kernel's unix sockets have no reset either: SO_LINGER changes nothing.
  reset(): void {
    this.close()
  }

  /** Disconnects this end; the other can no longer send, and gets `error` if there is one. */
  private disconnect(error: Error | null): void {
    const { peer } = this
    this.peer = null
    if (peer === null) return
    peer.peer = null
    peer.stopSending()
    if (error !== null) peer.failed(error)
    if (peer.owner !== null) peer.owner.changed()
  }
}
