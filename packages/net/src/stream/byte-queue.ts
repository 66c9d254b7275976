const EMPTY: Buffer = Buffer.alloc(0)
const MAX_USED_SLOTS = 256
let spare: ByteQueue | null = null

/** Returns the shared empty buffer, the result of reading at the end of a stream. */
export function noBytes(): Buffer {
  return EMPTY
}

/**
 * Received bytes, kept as the chunks they arrived in. `take` returns a chunk or a view of one; bytes are copied only to join chunks.
 * Usually there is at most one chunk, which needs no array.
 *
 *     head....    later: [ used | used | chunk | chunk ]
 *                                       ^at
 */
export class ByteQueue {
  /** The number of bytes in the queue. */
  length = 0
  private head: Buffer | null = null
  private later: Buffer[] | null = null
  private at = 0

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
    else if (this.later === null) this.later = [chunk]
    else this.later.push(chunk)
  }

  /** Puts bytes back at the front. */
  unshift(chunk: Buffer): void {
    if (chunk.length === 0) return
    this.length += chunk.length
    if (this.head !== null) {
      if (this.later === null) this.later = [this.head]
      else if (this.at > 0) this.later[--this.at] = this.head
      else this.later.unshift(this.head)
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
    this.head = this.later === null ? null : this.nextHead(this.later)
    return head
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
    const later = this.later ?? []
    let index = later.length
    let before = this.length
    while (index > this.at && before > from) before -= later[--index]!.length
    if (before > from && this.head !== null) {
      const found = this.head.indexOf(byte, from)
      if (found >= 0) return found
      before = this.head.length
    }
    for (; index < later.length; index += 1) {
      const found = later[index]!.indexOf(byte, Math.max(0, from - before))
      if (found >= 0) return before + found
      before += later[index]!.length
    }
    return -1
  }

  private *chunks(): Generator<Buffer, void> {
    if (this.head !== null) yield this.head
    const later = this.later ?? []
    for (let index = this.at; index < later.length; index += 1) yield later[index]!
  }

  /** Takes the next chunk out of the array. A used-up array is dropped, which keeps an idle queue small. */
  private nextHead(later: Buffer[]): Buffer {
    const next = later[this.at]!
    later[this.at] = EMPTY
    this.at += 1
    if (this.at === later.length) {
      this.later = null
      this.at = 0
    } else if (this.at > MAX_USED_SLOTS) {
      // The array of a queue that never runs empty would otherwise grow without bound.
      this.later = later.slice(this.at)
      this.at = 0
    }
    return next
  }
}
