import type { CooperativeIterator, Coroutine, Operation } from '@greenlit/core'
import { Call, show } from '@greenlit/core/engine'
import { type BytesLike, checkBytes, checkTarget } from '../bytes.ts'
import { FileLines } from './file-lines.ts'
import { FilePeek, FileRead, FileReadLine, putBack } from './reads.ts'
import { SocketFile } from './socket-file.ts'

/**
 * A socket as a file of bytes, as returned by `makefile('rb')`, 'wb' or 'rwb'. Reads wait for everything they ask for; writes are
 * buffered until `flush`. Unread bytes stay in the socket, including those that a killed call was waiting for. `Socket.settimeout`
 * applies to each call.
 *
 * @example
 * const file = client.makefile('rwb')
 * yield* file.write('GET /\r\n')
 * yield* file.flush()
 * const line = yield* file.readline()
 */
export class BinaryFile extends SocketFile {
  /**
   * Reads `size` bytes, fewer only at the end of the stream. An unbuffered file, or one of a non-blocking socket, returns what is
   * available.
   *
   * @param size the number of bytes; `undefined` or a negative number reads to the end
   * @throws {TimeoutError} when the socket's timeout expires; from then on {OSError} 'cannot read from timed out object'
   */
  read(size?: number): Operation<Buffer> {
    const most = checkLimit(size, 'size')
    return this.ready(new FileRead(this, most, this.buffered || most === Infinity))
  }

  /** Reads what is available, at most `size` bytes; waits only if there is nothing (Python: read1). */
  read1(size?: number): Operation<Buffer> {
    const most = checkLimit(size, 'size')
    return this.ready(new FileRead(this, most === Infinity ? 65536 : most, false))
  }

  /**
   * Returns what is available without consuming it; waits only if there is nothing (Python: peek).
   *
   * @param _size has no effect, as in Python: the result is at most one buffer, 8192 bytes
   */
  peek(_size?: number): Operation<Buffer> {
    return this.ready(new FilePeek(this))
  }

  /** Like `read`, but writes into a buffer and returns the number of bytes. */
  readinto(buffer: ArrayBufferView): Operation<number> {
    return this.ready(new Call(readInto, [this as BinaryFile, checkTarget(buffer, undefined), this.buffered]))
  }

  /** Like `read1`, but writes into a buffer and returns the number of bytes. */
  readinto1(buffer: ArrayBufferView): Operation<number> {
    return this.ready(new Call(readInto, [this as BinaryFile, checkTarget(buffer, undefined), false]))
  }

  /**
   * Reads a line including its line feed, which the last line may lack. At the end of the stream the result is empty.
   *
   * @param limit the maximum number of bytes; `undefined` or a negative number for no limit
   */
  readline(limit?: number): Operation<Buffer> {
    return this.ready(new FileReadLine(this, checkLimit(limit, 'limit')))
  }

  /**
   * Reads all remaining lines.
   *
   * @param hint stop after the line with which the total exceeds this many bytes; `undefined` or 0 reads them all
   */
  readlines(hint?: number): Operation<Buffer[]> {
    return new Call(readLines, [this as BinaryFile, checkLimit(hint, 'hint')])
  }

  /** Iterates over the remaining lines, as `each(file, ...)` does; the file stays open (Python: for line in file). */
  iterate(): CooperativeIterator<Buffer> {
    return new FileLines(this)
  }

  /** Reads the next line (Python: next(file)). */
  next(): Operation<IteratorResult<Buffer, undefined>> {
    return new Call(nextLine, [this as BinaryFile])
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void> {
    for (let line = await this.readline(); line.length > 0; line = await this.readline()) yield line
  }

  /**
   * Writes bytes to the buffer, which is sent when it is full or by `flush`.
   *
   * @returns the number of bytes in `data`
   */
  write(data: BytesLike): Operation<number> {
    return this.ready(new Call(write, [this as BinaryFile, checkBytes(data)]))
  }

  /** Writes several pieces of data, one after the other; no line ends are added. */
  writelines(lines: Iterable<BytesLike>): Operation<undefined> {
    const pieces = [...checkLines(lines)].map((line) => checkBytes(line, 'lines'))
    return this.ready(new Call(writeLines, [this as BinaryFile, pieces]))
  }

  /** @internal */
  writePiece(bytes: Buffer): Operation<undefined> {
    return this.writeBytes(bytes)
  }
}

/** Validates a maximum to read; returns Infinity for no limit. */
export function checkLimit(limit: unknown, name: string): number {
  if (limit === undefined || limit === null) return Infinity
  if (typeof limit !== 'number' || !Number.isInteger(limit)) {
    throw new TypeError(`Expected \`${name}\` to be a whole number or undefined, got ${show(limit)}`)
  }
  return limit < 0 ? Infinity : limit
}

/** Validates the argument of `writelines`. */
export function checkLines<T>(lines: Iterable<T>): Iterable<T> {
  if (typeof (lines as Partial<Iterable<T>> | null | undefined)?.[Symbol.iterator] === 'function') return lines
  throw new TypeError(`Expected \`lines\` to be an iterable, got ${show(lines)}`)
}

function* readInto(file: BinaryFile, target: Uint8Array, exact: boolean): Coroutine<number> {
  const bytes = yield* new FileRead(file, target.length, exact)
  target.set(bytes)
  return bytes.length
}

function* readLines(file: BinaryFile, hint: number): Coroutine<Buffer[]> {
  const lines: Buffer[] = []
  let size = 0
  try {
    for (;;) {
      const line = yield* file.readline()
      if (line.length === 0) return lines
      lines.push(line)
      size += line.length
      if (hint > 0 && size > hint) return lines
    }
  } catch (error) {
    putBack(file, Buffer.concat(lines))
    throw error
  }
}

function* nextLine(file: BinaryFile): Coroutine<IteratorResult<Buffer, undefined>> {
  const line = yield* file.readline()
  return line.length === 0 ? { done: true, value: undefined } : { done: false, value: line }
}

function* write(file: BinaryFile, bytes: Buffer): Coroutine<number> {
  yield* file.writePiece(bytes)
  return bytes.length
}

function* writeLines(file: BinaryFile, lines: Buffer[]): Coroutine<undefined> {
  file.checkOpen()
  for (const line of lines) yield* file.writePiece(line)
  return undefined
}
