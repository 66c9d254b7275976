const EMPTY: Buffer = Buffer.alloc(0)

/** Nothing read: the end of a stream. */
export function noBytes(): Buffer {
  return EMPTY
}

/**
 * Received bytes, as the chunks in which they came. A taken piece is a chunk or a view of one; bytes are copied only to join
 * pieces. The array starts anew whenever it runs empty, so nothing is ever shifted.
 *
 *     chunks: [ gone | gone | head.... | chunk | chunk ]
 *                             ^at
 */
export class ByteQueue {
  /** How many bytes wait. */
  length = 0
  private chunks: Buffer[] = []
  private at = 0

  push(chunk: Buffer): void {
    if (chunk.length === 0) return
    this.chunks.push(chunk)
    this.length += chunk.length
  }

  /** Puts bytes back in front. */
  unshift(chunk: Buffer): void {
    if (chunk.length === 0) return
    if (this.at > 0) this.chunks[--this.at] = chunk
    else this.chunks.unshift(chunk)
    this.length += chunk.length
  }

  /** Takes what the head chunk has, at most `size` bytes. */
  take(size: number): Buffer {
    const head = this.chunks[this.at]
    if (head === undefined) return EMPTY
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
    const head = this.chunks[this.at]
    if (head === undefined || head.length >= size || head.length === this.length) return this.take(size)
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
    return Buffer.concat(this.chunks.slice(this.at), length)
  }

  /** Where a byte first occurs, looked for from an offset on; -1 if it does not. */
  indexOf(byte: number, from: number): number {
    let before = 0
    for (let index = this.at; index < this.chunks.length; index += 1) {
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
    this.length = 0
  }

  private dropHead(): void {
    if (this.length === 0) {
      this.chunks.length = 0
      this.at = 0
    } else {
      this.chunks[this.at] = EMPTY
      this.at += 1
    }
  }
}
