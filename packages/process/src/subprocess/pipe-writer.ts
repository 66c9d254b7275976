import type { Writable } from 'node:stream'
import type { Operation, Suspension } from '@greenlit/core'
import { Call, checkOptions, checkTimeoutFromZero, Done, show, type TimeLimit } from '@greenlit/core/engine'
import { osError } from '../errors/os-error.ts'
import { TimeoutError } from '../errors/process-error.ts'
import { type Awaited, OutsideWait, throwOnExpiry } from '../wait/outside-wait.ts'
import type { PipeStream } from './pipe-reader.ts'
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
export class PipeWriter implements Awaited<undefined> {
  /** @internal */
  readonly name = 'PipeWriter.write'
  /** @internal */
  readonly stream: PipeStream<Writable>
  private readonly codec: TextCodec | undefined
  private readonly waits = new Set<OutsideWait<undefined>>()
  private shared = false

  /** @internal */
  constructor(stream: PipeStream<Writable>, codec: TextCodec | undefined) {
    this.stream = stream
    this.codec = codec
    stream.on('drain', () => this.changed())
    stream.on('close', () => this.changed())
    stream.on('error', () => this.changed())
  }

  /** Why nothing can be written any more: known before 'error', so that a write that fails at once is not taken for done. */
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
   * Writes, and waits until no more than Node's small buffer is left unread by the program.
   *
   * @param data bytes, or text, as UTF-8 unless the pipe has another encoding
   * @param options `timeout`: milliseconds from 0 up, default without end
   * @returns how many bytes that was
   * @throws {BrokenPipeError} if nobody reads any more; {TimeoutError} when the time is over: the data is then on its way all the same
   */
  write(data: Uint8Array | string, options: { timeout?: TimeLimit } = {}): Operation<number> {
    if (typeof data !== 'string' && !(data instanceof Uint8Array))
      throw new TypeError(`Expected \`data\` to be a Uint8Array or a string, got ${show(data)}`)
    const bytes = this.bytesOf(data)
    return new Call<[PipeWriter, Uint8Array, TimeLimit], number>(PipeWriter.writeAll, [
      this,
      bytes,
      checkTimeoutFromZero(checkOptions(options).timeout),
    ])
  }

  private static *writeAll(
    writer: PipeWriter,
    bytes: Uint8Array,
    timeout: TimeLimit,
  ): Generator<Suspension, number, unknown> {
    if (writer.closed) throw new RangeError('Expected the pipe to be open: write to closed file')
    const { error } = writer
    if (error !== undefined) throw error
    if (!writer.stream.write(bytes)) yield* new OutsideWait(writer, timeout, expired)
    return bytes.length
  }

  /** @internal Whether what is on its way keeps the program alive. */
  hold(holds: boolean): void {
    if (holds) this.stream.ref?.()
    else if (this.waits.size === 0) this.stream.unref?.()
  }

  /** @internal Closes it, whatever is on its way. */
  discard(): void {
    this.stream.destroy()
  }

  /** @internal Writes without waiting, and closes; an error is the program's own business, as it need not read (Python: communicate). */
  writeLast(data: Uint8Array | string | undefined): void {
    if (this.closed) return
    const bytes = data === undefined ? undefined : this.bytesOf(data)
    if (bytes === undefined) this.stream.end()
    else this.stream.end(bytes)
  }

  private bytesOf(data: Uint8Array | string): Uint8Array {
    if (typeof data !== 'string') return data
    return this.codec === undefined ? Buffer.from(data) : this.codec.encode(data)
  }

  /**
   * Waits until no more than Node's small buffer is left unread by the program. `write` does that already, so this is for programs that
   * are used to calling it.
   *
   * @param options `timeout`: milliseconds from 0 up, default without end
   * @throws {BrokenPipeError} if nobody reads any more; {TimeoutError} when the time is over
   */
  flush(options: { timeout?: TimeLimit } = {}): Operation<undefined> {
    const timeout = checkTimeoutFromZero(checkOptions(options).timeout)
    if (this.closed) throw new RangeError('Expected the pipe to be open: flush of closed file')
    const pending = this.stream.writableNeedDrain || this.error !== undefined
    return pending ? new OutsideWait<undefined>(this, timeout, expired) : new Done()
  }

  /** Closes this end at once: the program reads the end once it has read what was written, here and by other programs that have it. */
  close(): Operation<undefined> {
    // `end` would shut the pipe for whom it was given to as well.
    if (this.shared) this.stream.destroy()
    else this.stream.end()
    return new Done()
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.stream.writableEnded || (this.shared && this.stream.destroyed)
  }

  /** @internal What another program may have as its output. */
  lend(): Writable {
    if (this.closed) throw new RangeError('Expected the pipe to be open: it was closed')
    return this.stream
  }

  /** @internal Another program writes to it now too. */
  share(): void {
    this.shared = true
  }

  /** @internal */
  ready(): { value: undefined } | undefined {
    const { error } = this
    if (error !== undefined) throw error
    // What was written before the end has gone out as well: then there is no 'drain'.
    if (this.stream.writableFinished) return { value: undefined }
    if (this.stream.destroyed) throw osError('EPIPE')
    return this.stream.writableNeedDrain ? undefined : { value: undefined }
  }

  /** @internal */
  enter(wait: OutsideWait<undefined>): void {
    this.waits.add(wait)
    this.stream.ref?.()
  }

  /** @internal */
  leave(wait: OutsideWait<undefined>): void {
    this.waits.delete(wait)
    if (this.waits.size === 0) this.stream.unref?.()
  }
}
