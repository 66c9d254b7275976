import { pipeline, type Readable, type Writable } from 'node:stream'
import type { Operation, Suspension } from '@greenlit/core'
import { ConcurrentObjectUseError, type CooperativeIterator, type Unawaited } from '@greenlit/core'
import { Call, checkOptions, checkTimeoutFromZero, Done, type TimeLimit } from '@greenlit/core/engine'
import { TimeoutError } from '../errors/process-error.ts'
import { ExternalWait, throwOnExpiry, timeLeft, type WaitSource } from '../wait/external-wait.ts'
import { Lines, linesOf } from './lines.ts'
import { holdStream, type PipeStream } from './pipe-stream.ts'
import { ReadBuffer } from './read-buffer.ts'
import { ANY_DATA, byteCount, type ReadCondition, upTo, wholeLine } from './read-condition.ts'
import { type ReadOptions, readOptions } from './read-options.ts'
import type { TextCodec } from './text-codec.ts'

const expired = throwOnExpiry(() => new TimeoutError('Nothing more was written in time'))

/**
 * The reading end of a program's output (Python: `Popen.stdout`). It reads ahead no further than Node's own buffer, so a program
 * that writes too fast is blocked by its full pipe.
 *
 * @example
 * const lister = new Popen(['ls'], { stdout: PIPE, text: true })
 * yield* each(lister.stdout!.iterLines(), (line) => process.stdout.write(line)) // a line keeps its '\n'
 */
export class PipeReader<D extends Buffer | string = Buffer | string> implements WaitSource<undefined> {
  /** @internal */
  readonly stream: PipeStream<Readable>
  private readonly codec: TextCodec | undefined
  private readonly buffer = new ReadBuffer()
  private readonly lineCondition: ReadCondition
  private ended = false
  private isClosed = false
  private isCopying = false
  private refs = 0
  private error: Error | undefined = undefined
  private onChange: (() => void) | undefined = undefined

  /** @internal */
  constructor(stream: PipeStream<Readable>, codec: TextCodec | undefined) {
    this.stream = stream
    this.codec = codec
    this.lineCondition = wholeLine(codec, () => this.ended)
    stream.on('readable', () => this.changed())
    stream.on('end', () => this.finish())
    stream.on('close', () => this.finish())
    stream.on('error', (error) => {
      this.error = error
      this.finish()
    })
  }

  private finish(): void {
    this.ended = true
    this.changed()
  }

  private changed(): void {
    this.onChange?.()
  }

  /** @internal Moves the available data into the buffer; returns whether the end has been reached. */
  collect(): boolean {
    for (let chunk = this.stream.read(); chunk !== null; chunk = this.stream.read()) this.buffer.push(chunk as Buffer)
    return this.ended
  }

  /** @internal Calls a function whenever there may be new data, until `unwatch`. */
  watch(onChange: () => void): void {
    if (this.isWatched) throw new ConcurrentObjectUseError('Expected one greenlet at a time to read from a pipe')
    this.onChange = onChange
    this.hold(true)
  }

  /** @internal Undoes `watch`. */
  unwatch(): void {
    this.onChange = undefined
    this.hold(false)
  }

  /** @internal Adds or removes a reference; the pipe keeps the program alive while there is at least one. */
  hold(holds: boolean): void {
    this.refs += holds ? 1 : -1
    holdStream(this.stream, this.refs > 0)
  }

  /** @internal Whether there is something to read apart from the stream's own data: bytes left by an earlier read, or the end. */
  get hasMore(): boolean {
    return this.buffer.length > 0 || this.ended
  }

  /** @internal All buffered data, decoded but not consumed. */
  collected(): D {
    return this.decode(this.buffer.all())
  }

  /** @internal The data buffered so far, decoded as far as possible but not consumed. */
  collectedSoFar(): D {
    const bytes = this.buffer.all()
    return (this.codec === undefined ? bytes : this.codec.decodePart(bytes)) as D
  }

  private decode(bytes: Buffer): D {
    return (this.codec === undefined ? bytes : this.codec.decode(bytes)) as D
  }

  /**
   * Reads `size` bytes, or everything up to the end.
   *
   * @param size the number of bytes to read; fewer are returned only at the end, or so as not to split a character of text.
   *   Default: everything up to the end
   * @param options `timeout`: milliseconds >= 0, unlimited by default; `size` may be among them, which then take its place
   * @returns the data; empty at the end
   * @throws {TimeoutError} when the timeout expires; no data is lost, the next call returns it
   */
  read(size?: number | ReadOptions, options?: ReadOptions): Operation<D> {
    const given = readOptions(size, options)
    return this.operation(given, byteCount(given.size))
  }

  /**
   * Reads the available data, waiting only if there is none (Python: read1).
   *
   * @param size the maximum number of bytes, as in `read`
   * @returns the data; empty at the end
   */
  read1(size?: number | ReadOptions, options?: ReadOptions): Operation<D> {
    const given = readOptions(size, options)
    return this.operation(given, upTo(given.size, ANY_DATA))
  }

  /**
   * Reads a line, with its line end.
   *
   * @param size the maximum number of bytes, as in `read`: only the beginning of a longer line is read
   * @returns the line; the last one may lack a line end, and at the end the result is empty
   */
  readline(size?: number | ReadOptions, options?: ReadOptions): Operation<D> {
    const given = readOptions(size, options)
    return this.operation(given, upTo(given.size, this.lineCondition))
  }

  /** Reads all lines up to the end; `timeout` applies as in `read`. */
  readlines(options: { timeout?: TimeLimit } = {}): Operation<D[]> {
    return new Call<[Operation<D>], D[]>(linesOf, [this.read(undefined, options)]) as Operation<D[]>
  }

  /** Iterates over the lines, each with its line end, as do `each(pipe, ...)` and `for await`. */
  iterLines(): CooperativeIterator<D> {
    return new Lines<D>(this)
  }

  /** An alias of `iterLines` (Python: `for line in pipe`). */
  iterate(): CooperativeIterator<D> {
    return this.iterLines()
  }

  /** Reads the next line (Python: `next(pipe)`). */
  next(): Operation<IteratorResult<D, undefined>> {
    return this.iterLines().next()
  }

  [Symbol.asyncIterator](): AsyncIterator<Unawaited<D>, undefined> {
    return this.iterLines()[Symbol.asyncIterator]()
  }

  /** Whether this end was closed. */
  get closed(): boolean {
    return this.isClosed
  }

  /**
   * Closes this end. If the program writes again, it is killed by SIGPIPE, or gets ECONNRESET if data was left unread; not so while
   * another program also holds this end.
   */
  close(): Operation<undefined> {
    this.isClosed = true
    if (!this.isCopying) this.stream.destroy()
    // Nobody waits for what has ended.
    if (!this.ended) this.changed()
    return new Done()
  }

  /** Closes this end, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close()
  }

  /** @internal Whether a greenlet is reading. */
  get isWatched(): boolean {
    return this.onChange !== undefined
  }

  /**
   * @internal The stream for another program to use as its input; `undefined` if data or the end was already read, in which case
   *   `handOver` copies it.
   */
  lend(): Readable | undefined {
    if (this.isClosed) throw new RangeError('Expected the pipe to be open: it was closed, or given to another program')
    if (this.isWatched)
      throw new ConcurrentObjectUseError('Expected no greenlet to read from a pipe that another program gets')
    const untouched = this.buffer.length === 0 && this.stream.readableLength === 0
    return untouched && !this.stream.readableEnded ? this.stream : undefined
  }

  /** @internal Leaves this end to another program, or copies all buffered and further data to `target`, that program's input. */
  handOver(target: PipeStream<Writable> | null): void {
    this.isClosed = true
    this.finish()
    if (target === null) {
      this.stream.destroy()
      return
    }
    this.isCopying = true
    this.stream.removeAllListeners('readable')
    for (const stream of [this.stream, target]) holdStream(stream, true)
    if (this.buffer.length > 0) target.write(this.buffer.take(this.buffer.length))
    if (this.stream.readableEnded) target.end()
    else pipeline(this.stream, target, () => {})
  }

  private operation(options: { timeout?: TimeLimit }, condition: ReadCondition): Operation<D> {
    const timeout = checkTimeoutFromZero(checkOptions(options).timeout)
    return new Call<[PipeReader<D>, TimeLimit, ReadCondition], D>(PipeReader.readUntil, [
      this,
      timeout,
      condition,
    ]) as Operation<D>
  }

  private static *readUntil<D extends Buffer | string>(
    reader: PipeReader<D>,
    timeout: TimeLimit,
    condition: ReadCondition,
  ): Generator<Suspension, D, unknown> {
    const left = timeLeft(timeout)
    for (;;) {
      if (reader.isClosed) throw new RangeError('Expected the pipe to be open: read of closed file')
      let length = reader.lengthOf(condition)
      if (length < 0) {
        reader.collect()
        length = reader.lengthOf(condition)
      }
      if (length >= 0) return reader.decode(reader.buffer.take(length))
      yield* new ExternalWait(reader, left(), expired)
    }
  }

  /** The number of buffered bytes that a read should return; -1 if it must wait for more. */
  private lengthOf(condition: ReadCondition): number {
    const { buffer, ended, codec } = this
    if (!ended && !condition.mayHold(buffer)) return -1
    const bytes = buffer.all()
    let length = condition.lengthIn(bytes)
    if (length < 0) {
      if (this.error !== undefined) throw this.error
      if (!ended) return -1
      length = bytes.length
    }
    if (length === 0 || codec === undefined) return length
    // A size smaller than the next character returns that whole character, once it has arrived.
    for (let size = length; size <= bytes.length; size += 1) {
      const whole = codec.wholeLength(bytes, size, ended)
      if (whole > 0) return whole
    }
    return -1
  }

  /** @internal */
  readonly name = 'PipeReader.read'

  /** @internal */
  ready(): { value: undefined } | undefined {
    return this.ended || this.isClosed || this.stream.readableLength > 0 ? { value: undefined } : undefined
  }

  /** @internal */
  enter(wait: ExternalWait<undefined>): void {
    this.watch(() => wait.finish())
  }

  /** @internal */
  leave(): void {
    this.unwatch()
  }
}
