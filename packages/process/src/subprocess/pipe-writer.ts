import type { Writable } from 'node:stream'
import type { Operation, Suspension } from '@greenlit/core'
import { Call, checkIterable, checkOptions, checkTimeoutFromZero, Done, type TimeLimit } from '@greenlit/core/engine'
import { osError } from '../errors/os-error.ts'
import { TimeoutError } from '../errors/process-error.ts'
import { ExternalWait, throwOnExpiry, type WaitSource } from '../wait/external-wait.ts'
import { checkData, type Data } from './data.ts'
import { holdStream, type PipeStream } from './pipe-stream.ts'
import type { TextCodec } from './text-codec.ts'

const expired = throwOnExpiry(() => new TimeoutError('The program did not read in time'))

/**
 * The writing end of a program's input (Python: `Popen.stdin`).
 *
 * @example
 * const sorter = new Popen(['sort'], { stdin: PIPE, stdout: PIPE })
 * yield* sorter.stdin!.write('b\na\n')
 * sorter.stdin!.close()
 * yield* sorter.stdout!.read()
 */
export class PipeWriter implements WaitSource<undefined> {
  /** @internal */
  readonly name = 'PipeWriter.write'
  /** @internal */
  readonly stream: PipeStream<Writable>
  private readonly codec: TextCodec | undefined
  private readonly waits = new Set<ExternalWait<undefined>>()
  /** Whether programs that were given this end may also write to the pipe. */
  private isShared = false
  private isClosed = false

  /** @internal */
  constructor(stream: PipeStream<Writable>, codec: TextCodec | undefined) {
    this.stream = stream
    this.codec = codec
    stream.on('drain', () => this.changed())
    stream.on('close', () => this.changed())
    stream.on('error', () => this.changed())
  }

  /**
   * The error that ended the stream. It is set before 'error' is emitted, so a write that fails at once does not seem to succeed.
   */
  private get error(): Error | undefined {
    const { errored } = this.stream
    return errored === null
      ? undefined
      : osError((errored as NodeJS.ErrnoException).code ?? 'EPIPE', { cause: errored })
  }

  private changed(): void {
    for (const wait of this.waits) wait.finish()
  }

  /**
   * Writes data, and waits while more of it than Node's small buffer holds is unread by the program.
   *
   * @param data bytes, or text, which is encoded as UTF-8 unless the pipe has another encoding
   * @param options `timeout`: milliseconds >= 0, unlimited by default
   * @returns the number of bytes written
   * @throws {BrokenPipeError} if the reading end is closed; {TimeoutError} when the timeout expires; the data is still sent
   */
  write(data: Data, options: { timeout?: TimeLimit } = {}): Operation<number> {
    const bytes = this.bytesOf(checkData(data, 'data'))
    return new Call<[PipeWriter, Uint8Array, TimeLimit], number>(PipeWriter.writeAll, [
      this,
      bytes,
      checkTimeoutFromZero(checkOptions(options).timeout),
    ])
  }

  /** Writes several pieces of data, without adding line ends. Otherwise like `write`. */
  writelines(lines: Iterable<Data>, options: { timeout?: TimeLimit } = {}): Operation<number> {
    const pieces = checkIterable(lines, 'lines')
    const isText = pieces.every((piece) => typeof piece === 'string')
    return this.write(
      isText ? pieces.join('') : Buffer.concat(pieces.map((piece) => this.bytesOf(checkData(piece, 'data')))),
      options,
    )
  }

  private static *writeAll(
    writer: PipeWriter,
    bytes: Uint8Array,
    timeout: TimeLimit,
  ): Generator<Suspension, number, unknown> {
    if (writer.closed) throw new RangeError('Expected the pipe to be open: write to closed file')
    const { error } = writer
    if (error !== undefined) throw error
    if (!writer.stream.write(bytes)) yield* new ExternalWait(writer, timeout, expired)
    return bytes.length
  }

  /** @internal Sets whether unwritten data keeps the program alive. */
  hold(holds: boolean): void {
    if (holds || this.waits.size === 0) holdStream(this.stream, holds)
  }

  /** @internal Closes the pipe, discarding unwritten data. */
  discard(): void {
    this.stream.destroy()
  }

  /** @internal Writes without waiting, and closes. Errors are ignored, as in Python: the program need not read its input. */
  writeLast(data: Uint8Array | string | undefined): void {
    if (this.closed) return
    if (data !== undefined) this.stream.write(this.bytesOf(data))
    this.close()
  }

  private bytesOf(data: Uint8Array | string): Uint8Array {
    if (typeof data !== 'string') return data
    return this.codec === undefined ? Buffer.from(data) : this.codec.encode(data)
  }

  /**
   * Waits while more data than Node's small buffer holds is unread by the program. `write` already does so; this exists for code
   * ported from Python.
   *
   * @param options `timeout`: milliseconds >= 0, unlimited by default
   * @throws {BrokenPipeError} if the reading end is closed; {TimeoutError} when the timeout expires
   */
  flush(options: { timeout?: TimeLimit } = {}): Operation<undefined> {
    return new Call<[PipeWriter, TimeLimit], undefined>(PipeWriter.flushAll, [
      this,
      checkTimeoutFromZero(checkOptions(options).timeout),
    ])
  }

  private static *flushAll(writer: PipeWriter, timeout: TimeLimit): Generator<Suspension, undefined, unknown> {
    if (writer.closed) throw new RangeError('Expected the pipe to be open: flush of closed file')
    yield* new ExternalWait(writer, timeout, expired)
    return undefined
  }

  /** Closes this end immediately. The program sees the end once all written data is read and no other program holds this end. */
  close(): Operation<undefined> {
    // `end` would also shut down the pipe for the programs that it was given to.
    if (!this.isShared) this.stream.end()
    else if (!this.isClosed) this.stream.write('', () => this.stream.destroy())
    this.isClosed = true
    return new Done()
  }

  /** Closes this end, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close()
  }

  /** Whether this end was closed. */
  get closed(): boolean {
    return this.isClosed
  }

  /** @internal The stream for another program to use as its output. */
  lend(): Writable {
    if (this.closed) throw new RangeError('Expected the pipe to be open: it was closed')
    return this.stream
  }

  /** @internal Records that another program now also writes to the pipe. */
  share(): void {
    this.isShared = true
  }

  /** @internal */
  ready(): { value: undefined } | undefined {
    const { error } = this
    if (error !== undefined) throw error
    // After `end`, no 'drain' is emitted: all data has been written once the stream has finished.
    if (this.stream.writableFinished) return { value: undefined }
    if (this.stream.destroyed) throw osError('EPIPE')
    return this.stream.writableNeedDrain ? undefined : { value: undefined }
  }

  /** @internal */
  enter(wait: ExternalWait<undefined>): void {
    this.waits.add(wait)
    this.hold(true)
  }

  /** @internal */
  leave(wait: ExternalWait<undefined>): void {
    this.waits.delete(wait)
    this.hold(false)
  }
}
