import type { CooperativeIterator, Operation } from '@greenlit/core'
import { Call, checkWhole, Done, show, wrongType } from '@greenlit/core/engine'
import { type BytesLike, checkBytes, checkTarget } from '../bytes.ts'
import { checkLimit } from '../file/binary-file.ts'
import { FileLines } from '../file/file-lines.ts'

const LINE_FEED = 10

/**
 * An in-memory binary file with the methods of a socket's file (Python: io.BytesIO).
 *
 * @example
 * const file = new BytesIO('one\ntwo\n')
 * String(yield* file.readline()) // 'one\n'
 */
export class BytesIO {
  private bytes: Buffer
  private length: number
  private position = 0
  private isClosed = false

  /** @param initial the initial contents; reading and writing begin at the start. Default empty */
  constructor(initial: BytesLike = '') {
    this.bytes = Buffer.from(checkBytes(initial, 'initial'))
    this.length = this.bytes.length
  }

  /** Whether `close` was called. */
  get closed(): boolean {
    return this.isClosed
  }

  /** Returns the entire contents, regardless of the position. */
  getvalue(): Buffer {
    this.checkOpen()
    return Buffer.from(this.bytes.subarray(0, this.length))
  }

  /** Returns the position of the next read or write. */
  tell(): number {
    this.checkOpen()
    return this.position
  }

  /**
   * Sets the position of the next read or write, which may be beyond the end (Python: seek).
   *
   * @param offset a whole number of bytes
   * @param whence what it counts from: 0 the start (default), 1 the position, 2 the end
   * @returns the new position, at least 0
   * @throws {RangeError} for a negative offset from the start, and another `whence`
   */
  seek(offset: number, whence: number = 0): number {
    this.checkOpen()
    if (!Number.isInteger(offset)) throw wrongType('offset', 'a whole number of bytes', offset)
    const origin = [0, this.position, this.length][whence]
    if (origin === undefined) throw new RangeError(`Expected \`whence\` to be 0, 1 or 2, got ${show(whence)}`)
    if (whence === 0 && offset < 0) throw new RangeError(`Expected \`offset\` to be from 0 up, got ${offset}`)
    this.position = Math.max(0, origin + offset)
    return this.position
  }

  /**
   * Discards what follows the first `size` bytes; the position stays (Python: truncate).
   *
   * @param size a whole number from 0 up; default the position
   * @returns the size
   */
  truncate(size: number = this.tell()): number {
    this.checkOpen()
    checkWhole(size, 'size', 0)
    if (size < this.length) {
      this.bytes.fill(0, size, this.length)
      this.length = size
    }
    return size
  }

  /** Returns true. */
  readable(): boolean {
    this.checkOpen()
    return true
  }

  /** Returns true. */
  writable(): boolean {
    this.checkOpen()
    return true
  }

  /** Returns true: unlike a socket's file, it can seek. */
  seekable(): boolean {
    this.checkOpen()
    return true
  }

  /** Reads `size` bytes, or fewer at the end; `undefined` or a negative number reads everything. */
  read(size?: number): Operation<Buffer> {
    const most = checkLimit(size, 'size')
    return this.answer(() => this.take(this.position + most))
  }

  /** The same as `read`. */
  read1(size?: number): Operation<Buffer> {
    return this.read(size)
  }

  /** Like `read`, but writes into a buffer and returns the number of bytes. */
  readinto(buffer: ArrayBufferView): Operation<number> {
    const target = checkTarget(buffer, undefined)
    return this.answer(() => {
      const bytes = this.take(this.position + target.length)
      target.set(bytes)
      return bytes.length
    })
  }

  /** The same as `readinto`. */
  readinto1(buffer: ArrayBufferView): Operation<number> {
    return this.readinto(buffer)
  }

  /** Reads a line including its line feed, but at most `limit` bytes; returns an empty buffer at the end. */
  readline(limit?: number): Operation<Buffer> {
    const most = checkLimit(limit, 'limit')
    return this.answer(() => this.takeLine(most))
  }

  /**
   * Reads all remaining lines.
   *
   * @param hint stop after the line with which the total reaches this many bytes; `undefined` or 0 reads them all
   */
  readlines(hint?: number): Operation<Buffer[]> {
    const most = checkLimit(hint, 'hint') || Infinity
    return this.answer(() => {
      const lines: Buffer[] = []
      for (let size = 0; size < most && this.position < this.length; size += lines.at(-1)!.length) {
        lines.push(this.takeLine(Infinity))
      }
      return lines
    })
  }

  /** Iterates over the remaining lines, as `each(file, ...)` does; the file stays open (Python: for line in file). */
  iterate(): CooperativeIterator<Buffer> {
    return new FileLines(this)
  }

  /** Reads the next line (Python: next(file)). */
  next(): Operation<IteratorResult<Buffer, undefined>> {
    return this.answer(() => {
      const line = this.takeLine(Infinity)
      return line.length === 0 ? { done: true, value: undefined } : { done: false, value: line }
    })
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void> {
    for (let line = await this.readline(); line.length > 0; line = await this.readline()) yield line
  }

  /** Writes bytes and returns how many were written. */
  write(data: BytesLike): Operation<number> {
    const piece = checkBytes(data)
    return this.answer(() => this.put(piece))
  }

  /** Writes several pieces in order. */
  writelines(lines: Iterable<BytesLike>): Operation<undefined> {
    const pieces = [...lines].map((line) => checkBytes(line, 'lines'))
    return this.answer(() => {
      for (const piece of pieces) this.put(piece)
      return undefined
    })
  }

  /** Does nothing, as nothing is buffered. */
  flush(): Operation<undefined> {
    return this.answer(() => undefined)
  }

  /** Closes the file and frees its contents. */
  close(): Operation<undefined> {
    this.isClosed = true
    this.bytes = Buffer.alloc(0)
    this.length = 0
    return new Done()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  private answer<T>(work: () => T): Operation<T> {
    return new Call<[], T>(() => this.run(work), [])
  }

  private *run<T>(work: () => T): Generator<never, T, unknown> {
    this.checkOpen()
    return work()
  }

  private take(end: number): Buffer {
    const start = this.position
    // Python too leaves a position beyond the end where it is.
    if (start < this.length) this.position = Math.min(end, this.length)
    return Buffer.from(this.bytes.subarray(start, this.position))
  }

  private takeLine(limit: number): Buffer {
    const feed = this.bytes.subarray(0, this.length).indexOf(LINE_FEED, this.position)
    const end = feed === -1 ? this.length : feed + 1
    return this.take(Math.min(end, this.position + limit))
  }

  private put(piece: Buffer): number {
    if (piece.length === 0) return 0
    const end = this.position + piece.length
    if (end > this.bytes.length) {
      const larger = Buffer.alloc(Math.max(end, this.bytes.length * 2))
      this.bytes.copy(larger, 0, 0, this.length)
      this.bytes = larger
    }
    piece.copy(this.bytes, this.position)
    this.position = end
    this.length = Math.max(this.length, end)
    return piece.length
  }

  private checkOpen(): void {
    if (this.isClosed) throw new RangeError('I/O operation on closed file')
  }
}
