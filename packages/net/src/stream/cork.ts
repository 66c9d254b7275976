/** The size of the slabs that small writes are copied into, so that one turn costs one system call. */
const SLAB_SIZE = 16 * 1024
const MAX_SPARE_SLABS = 64
const spare: Buffer[] = []

/** Receives what a cork has collected. */
export interface CorkSink {
  /** Sends the bytes; returns whether they are already flushed, so that their memory may be reused. */
  sendCollected(bytes: Buffer): boolean
}

/** Collects the bytes sent during one turn, then sends them with one write. */
export class Cork {
  private slab: Buffer | null = null
  private filled = 0
  private scheduled = false
  private readonly sink: CorkSink

  constructor(sink: CorkSink) {
    this.sink = sink
  }

  /** The number of bytes collected so far. */
  get length(): number {
    return this.filled
  }

  add(bytes: Buffer): void {
    if (this.filled + bytes.length > SLAB_SIZE) this.flush()
    if (bytes.length > SLAB_SIZE) {
      // The caller does not wait and may reuse its buffer, so copy.
      this.sink.sendCollected(Buffer.from(bytes))
      return
    }
    if (this.slab === null) this.slab = spare.pop() ?? Buffer.allocUnsafeSlow(SLAB_SIZE)
    this.slab.set(bytes, this.filled)
    this.filled += bytes.length
    if (this.scheduled) return
    this.scheduled = true
    process.nextTick(flushCork, this)
  }

  flush(): void {
    this.scheduled = false
    const { slab, filled } = this
    if (slab === null || filled === 0) return
    this.slab = null
    this.filled = 0
    if (this.sink.sendCollected(slab.subarray(0, filled)) && spare.length < MAX_SPARE_SLABS) spare.push(slab)
  }
}

function flushCork(cork: Cork): void {
  cork.flush()
}
