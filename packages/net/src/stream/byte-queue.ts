const EMPTY: Buffer = Buffer.alloc(0)
const MAX_USED_SLOTS = 256
/** Below this size copying a chunk costs less than another call to receive it. */
const SMALL = 4096
/** The most that is copied to join chunks that were not asked for as a whole. */
const MAX_JOINED = 16 * 1024
let spare: ByteQueue | null = null

/** Returns the shared empty buffer, the result of reading at the end of a stream. */
export function noBytes(): Buffer {
  return EMPTY
}

/**
 * Received bytes, kept as the chunks they arrived in. `take` returns a chunk or a view of one; bytes are copied only to join chunks.
 * Usually there is at most one chunk, which needs no array.
 *
 *     head....    tail: [ used | used | chunk | chunk ]
 *                                      ^tailStart
 */
export class ByteQueue {
  /** The number of bytes in the queue. */
  length = 0
  private head: Buffer | null = null
  private tail: Buffer[] | null = null
  private tailStart = 0

  /** Returns an empty queue. Most are used for a single chunk and then recycled. */
  static acquire(): ByteQueue {
    const queue = spare ?? new ByteQueue()
    spare = null
    return queue
  }

  /** Recycles an empty queue. */
  static recycle(queue: ByteQueue): void {
    spare = queue
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return
    this.length += chunk.length
    if (this.head === null) this.head = chunk
    else if (this.tail === null) this.tail = [chunk]
    else this.tail.push(chunk)
  }

  /** Puts bytes back at the front. */
  unshift(chunk: Buffer): void {
    if (chunk.length === 0) return
    this.length += chunk.length
    if (this.head !== null) {
      if (this.tail === null) this.tail = [this.head]
      else if (this.tailStart > 0) this.tail[--this.tailStart] = this.head
      else this.tail.unshift(this.head)
    }
    this.head = chunk
  }

  /** Takes bytes from the first chunk only, at most `size`. */
  take(size: number): Buffer {
    const { head } = this
    if (head === null) return EMPTY
    if (head.length > size) {
      this.head = head.subarray(size)
      this.length -= size
      return head.subarray(0, size)
    }
    this.length -= head.length
    this.head = this.tail === null ? null : this.nextHead(this.tail)
    return head
  }

  /** Takes what one `recv` returns: the first chunk, or several small ones at once, as from the kernel's buffer. */
  takeAvailable(size: number): Buffer {
    const { head } = this
    if (head === null || head.length >= SMALL || head.length === this.length) return this.take(size)
    return this.takeJoined(Math.min(size, MAX_JOINED))
  }

  /** Takes as many bytes as there are, at most `size`, as one buffer. */
  takeJoined(size: number): Buffer {
    const { head } = this
    if (head === null || head.length >= size || head.length === this.length) return this.take(size)
    const joined = Buffer.allocUnsafe(Math.min(size, this.length))
    this.takeInto(joined)
    return joined
  }

  /** Moves as many bytes as fit into a buffer; returns how many. */
  takeInto(target: Uint8Array): number {
    let filled = 0
    while (filled < target.length && this.length > 0) {
      const piece = this.take(target.length - filled)
      target.set(piece, filled)
      filled += piece.length
    }
    return filled
  }

  /** Returns a copy of the first bytes without taking them. */
  peek(size: number): Buffer {
    return Buffer.concat([...this.chunks()], Math.min(size, this.length))
  }

  /** Returns the index of the first occurrence of a byte at or after `from`, or -1. Chunks before `from` are not looked at. */
  indexOf(byte: number, from: number): number {
    const tail = this.tail ?? []
    let index = tail.length
    let before = this.length
    while (index > this.tailStart && before > from) before -= tail[--index]!.length
    if (before > from && this.head !== null) {
      const found = this.head.indexOf(byte, from)
      if (found >= 0) return found
      before = this.head.length
    }
    for (; index < tail.length; index += 1) {
      const found = tail[index]!.indexOf(byte, Math.max(0, from - before))
      if (found >= 0) return before + found
      before += tail[index]!.length
    }
    return -1
  }

  private *chunks(): Generator<Buffer, void> {
    if (this.head !== null) yield this.head
    const tail = this.tail ?? []
    for (let index = this.tailStart; index < tail.length; index += 1) yield tail[index]!
  }

  /** Takes the next chunk out of the array. A used-up array is dropped, which keeps an idle queue small. */
  private nextHead(tail: Buffer[]): Buffer {
    const next = tail[this.tailStart]!
    tail[this.tailStart] = EMPTY
    this.tailStart += 1
    if (this.tailStart === tail.length) {
      this.tail = null
      this.tailStart = 0
    } else if (this.tailStart > MAX_USED_SLOTS) {
      // The array of a queue that never runs empty would otherwise grow without bound.
      this.tail = tail.slice(this.tailStart)
      this.tailStart = 0
    }
    return next
  }
}
