const EMPTY: Buffer = Buffer.alloc(0)
const MOST_GONE = 256
let spare: ByteQueue | null = null

/** Nothing read: the end of a stream. */
export function noBytes(): Buffer {
  return EMPTY
}

/**
 * Received bytes, as the chunks in which they came. A taken piece is a chunk or a view of one; bytes are copied only to join
 * pieces. Most of the time there is one chunk at most, which needs no array.
 *
 *     head....    later: [ gone | gone | chunk | chunk ]
 *                                       ^at
 */
export class ByteQueue {
  /** How many bytes wait. */
  length = 0
  private head: Buffer | null = null
  private later: Buffer[] | null = null
  private at = 0

  /** A queue to fill; most last for one chunk, and serve again. */
  static take(): ByteQueue {
    const queue = spare ?? new ByteQueue()
    spare = null
    return queue
  }

  /** Gives an empty queue back. */
  static giveBack(queue: ByteQueue): void {
    spare = queue
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return
    this.length += chunk.length
    if (this.head === null) this.head = chunk
    else if (this.later === null) this.later = [chunk]
    else this.later.push(chunk)
  }

  /** Puts bytes back in front. */
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

  /** Takes what the head chunk has, at most `size` bytes. */
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

  /** Takes as much as there is, at most `size` bytes, in one piece. */
  takeJoined(size: number): Buffer {
    const { head } = this
    if (head === null || head.length >= size || head.length === this.length) return this.take(size)
    const joined = Buffer.allocUnsafe(Math.min(size, this.length))
    this.takeInto(joined)
    return joined
  }

  /** Moves bytes into a buffer, as many as there are and fit; answers how many. */
  takeInto(target: Uint8Array): number {
    let filled = 0
    while (filled < target.length && this.length > 0) {
      const piece = this.take(target.length - filled)
      target.set(piece, filled)
      filled += piece.length
    }
    return filled
  }

  /** Copies of the first bytes, which stay. */
  peek(size: number): Buffer {
    return Buffer.concat([...this.chunks()], Math.min(size, this.length))
  }

  /** Where a byte first occurs, looked for from an offset on; -1 if it does not. Chunks before the offset cost nothing. */
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

  /** Takes the next chunk out of the array, which goes when it is used up, so that an idle queue is small. */
  private nextHead(later: Buffer[]): Buffer {
    const next = later[this.at]!
    later[this.at] = EMPTY
    this.at += 1
    if (this.at === later.length) {
      this.later = null
      this.at = 0
    } else if (this.at > MOST_GONE) {
      // A queue that never runs empty would keep every place it ever had.
      this.later = later.slice(this.at)
      this.at = 0
    }
    return next
  }
}
