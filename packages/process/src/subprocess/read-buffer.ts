const NEWLINE = 10
const CARRIAGE_RETURN = 13

/** Bytes that were read from a pipe but not consumed yet. Chunks are concatenated only when needed. */
export class ReadBuffer {
  private chunks: Buffer[] = []
  /** The number of leading chunks known to contain no line end. */
  private searched = 0
  /** The number of bytes. */
  length = 0

  push(chunk: Buffer): void {
    this.chunks.push(chunk)
    this.length += chunk.length
  }

  /** Returns all bytes without consuming them. */
  all(): Buffer {
    if (this.chunks.length !== 1) this.replace(Buffer.concat(this.chunks))
    return this.chunks[0]!
  }

  /** Consumes the first `length` bytes. */
  take(length: number): Buffer {
    const all = this.all()
    this.replace(all.subarray(length))
    return all.subarray(0, length)
  }

  private replace(bytes: Buffer): void {
    this.chunks = [bytes]
    this.searched = 0
    this.length = bytes.length
  }

  /** Whether the bytes may contain a line end. Chunks without one are searched only once. */
  mayEndLine(isText: boolean): boolean {
    for (; this.searched < this.chunks.length; this.searched += 1) {
      const chunk = this.chunks[this.searched]!
      if (chunk.includes(NEWLINE) || (isText && chunk.includes(CARRIAGE_RETURN))) return true
    }
    return false
  }
}
