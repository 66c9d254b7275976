import type { Duplex } from 'node:stream'
import { osError } from '../errors/make.ts'
import { Transport } from './transport.ts'
import { TransportStream } from './transport-stream.ts'

/** How much one end may be ahead of what the other has read; about what Linux gives a unix socket. */
const CAPACITY = 208 * 1024

/** One end of a pair that lives in this process: bytes go straight to the other end, with the kernel's rules. */
export class MemoryTransport extends Transport {
  private peer: MemoryTransport | null = null
  private readonly outbox: Buffer[] = []
  private waiting = 0
  private ending = false
  private isClosed = false

  /** Makes both ends. */
  static pair(): [MemoryTransport, MemoryTransport] {
    const first = new MemoryTransport()
    const second = new MemoryTransport()
    first.peer = second
    second.peer = first
    return [first, second]
  }

  /** Only another greenlet can end a wait: a deadlock can be seen. */
  get isExternal(): boolean {
    return false
  }

  get unsent(): number {
    return this.waiting
  }

  send(bytes: Buffer): void {
    if (this.peer === null) throw osError('EPIPE')
    this.accepted += bytes.length
    // As the kernel does: the caller may use its buffer again.
    this.outbox.push(Buffer.from(bytes))
    this.waiting += bytes.length
    this.deliver()
  }

  sendCopy(bytes: Buffer): void {
    this.send(bytes)
  }

  // What `send` took before stands in the same queue; nothing outside is kept open by what is left.
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
      this.waiting -= size
      peer.received(size === head.length ? head : head.subarray(0, size))
    }
    if (this.ending) {
      peer.received(null)
      if (this.isClosed) this.leave(null)
    }
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

  /** The other end reads no more: nothing can be sent, as with the kernel's unix sockets. */
  private stopSending(): void {
    this.sendEnded = true
    this.outbox.length = 0
    this.waiting = 0
    if (this.hasWaiters) this.failWriters(osError('EPIPE'))
  }

  startReading(): void {}

  protected hold(): void {}

  protected release(): void {}

  override attach(reader: Parameters<Transport['attach']>[0]): void {
    super.attach(reader)
    // What would not fit may be what this reader waits for.
    this.pull()
  }

  override taken(): void {
    this.pull()
  }

  private pull(): void {
    const { peer } = this
    if (peer === null || peer.waiting === 0) return
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
      this.leave(osError('ECONNRESET'))
      return
    }
    this.peer?.stopSending()
    this.endSending()
  }

  // As the kernel's unix sockets, which know no reset: SO_LINGER changes nothing.
  reset(): void {
    this.close()
  }

  /** Takes this end away: the other can send no more. */
  private leave(error: Error | null): void {
    const { peer } = this
    this.peer = null
    if (peer === null) return
    peer.peer = null
    peer.stopSending()
    if (error !== null) peer.failed(error)
    if (peer.owner !== null) peer.owner.changed()
  }
}
