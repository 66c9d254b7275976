/** Small pieces are copied into slabs of this size: one write of the kernel for all that one turn sends. */
const SLAB_SIZE = 16 * 1024
const MOST_SPARE_SLABS = 64
const spare: Buffer[] = []

/** Where a cork sends what it has collected. */
export interface CorkSink {
  /** Answers whether the bytes are out, so that their memory may be used again. */
  sendCollected(bytes: Buffer): boolean
}

/** Collects the bytes of one turn, then sends them in one piece. */
export class Cork {
  private slab: Buffer | null = null
  private filled = 0
  private scheduled = false
  private readonly sink: CorkSink

  constructor(sink: CorkSink) {
    this.sink = sink
  }

  /** Bytes that wait for the end of the turn. */
  get length(): number {
    return this.filled
  }

  add(bytes: Buffer): void {
    if (this.filled + bytes.length > SLAB_SIZE) this.flush()
    if (bytes.length > SLAB_SIZE) {
      // Who sends does not wait, and may use its memory again.
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
    if (this.sink.sendCollected(slab.subarray(0, filled)) && spare.length < MOST_SPARE_SLABS) spare.push(slab)
  }
}

function flushCork(cork: Cork): void {
  cork.flush()
}
