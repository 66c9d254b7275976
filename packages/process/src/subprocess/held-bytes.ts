const NEWLINE = 10
const CARRIAGE_RETURN = 13

/** The bytes that have come through a pipe and that nobody has taken yet; they are joined only when that helps. */
export class HeldBytes {
  private chunks: Buffer[] = []
  /** How many of the chunks are known to end no line. */
  private searched = 0
  /** How many bytes there are. */
  length = 0

  push(chunk: Buffer): void {
    this.chunks.push(chunk)
    this.length += chunk.length
  }

  /** All of them, left in place. */
  all(): Buffer {
    if (this.chunks.length !== 1) this.hold(Buffer.concat(this.chunks))
    return this.chunks[0]!
  }

  /** Takes the first ones out. */
  take(length: number): Buffer {
    const all = this.all()
    this.hold(all.subarray(length))
    return all.subarray(0, length)
  }

  private hold(bytes: Buffer): void {
    this.chunks = [bytes]
    this.searched = 0
    this.length = bytes.length
  }

  /** Whether a line may end in them, which is looked for only in what has come since. */
  mayEndLine(isText: boolean): boolean {
    for (; this.searched < this.chunks.length; this.searched += 1) {
      const chunk = this.chunks[this.searched]!
      if (chunk.includes(NEWLINE) || (isText && chunk.includes(CARRIAGE_RETURN))) return true
    }
    return false
  }
}
