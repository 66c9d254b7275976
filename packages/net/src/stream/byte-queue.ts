const EMPTY: Buffer = Buffer.alloc(0)
const MOST_GONE = 256

/** Nothing read: the end of a stream. */
export function noBytes(): Buffer {
  return EMPTY
}

/**
 * Received bytes, as the chunks in which they came. A taken piece is a chunk or a view of one; bytes are copied only to join
 * pieces. The array is filled from its start whenever it runs empty, so nothing is shifted and it is seldom made anew.
 *
 *     chunks: [ gone | gone | head.... | chunk | chunk | free ]
 *                             ^at                        ^end
 */
export class ByteQueue {
  /** How many bytes wait. */
  length = 0
  private chunks: Buffer[] = []
  private at = 0
  private end = 0

  push(chunk: Buffer): void {
    if (chunk.length === 0) return
    if (this.at > MOST_GONE) this.forgetGone()
    this.chunks[this.end++] = chunk
    this.length += chunk.length
  }

  /** Puts bytes back in front. */
  unshift(chunk: Buffer): void {
    if (chunk.length === 0) return
    if (this.at > 0) {
      this.chunks[--this.at] = chunk
    } else {
      this.chunks.unshift(chunk)
      this.end += 1
    }
    this.length += chunk.length
  }

  /** Takes what the head chunk has, at most `size` bytes. */
  take(size: number): Buffer {
    if (this.length === 0) return EMPTY
    const head = this.chunks[this.at]!
    if (head.length > size) {
      this.chunks[this.at] = head.subarray(size)
      this.length -= size
      return head.subarray(0, size)
    }
    this.length -= head.length
    this.dropHead()
    return head
  }

  /** Takes as much as there is, at most `size` bytes, in one piece. */
  takeJoined(size: number): Buffer {
    if (this.length === 0) return EMPTY
    const head = this.chunks[this.at]!
    if (head.length >= size || head.length === this.length) return this.take(size)
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
    const length = Math.min(size, this.length)
    return Buffer.concat(this.chunks.slice(this.at, this.end), length)
  }

  /** Where a byte first occurs, looked for from an offset on; -1 if it does not. */
  indexOf(byte: number, from: number): number {
    let before = 0
    for (let index = this.at; index < this.end; index += 1) {
      const chunk = this.chunks[index]!
      if (before + chunk.length > from) {
        const found = chunk.indexOf(byte, Math.max(0, from - before))
        if (found >= 0) return before + found
      }
      before += chunk.length
    }
    return -1
  }

  clear(): void {
    this.chunks = []
    this.at = 0
    this.end = 0
    this.length = 0
  }

  /** A queue that never runs empty would keep every place it ever had. */
  private forgetGone(): void {
    this.chunks = this.chunks.slice(this.at, this.end)
    this.end -= this.at
    this.at = 0
  }

  private dropHead(): void {
    this.chunks[this.at] = EMPTY
    if (this.length === 0) {
      this.at = 0
      this.end = 0
    } else {
      this.at += 1
    }
  }
}
