import type { Coroutine, Operation } from '@greenlit/core'
import { Call, show } from '@greenlit/core/engine'
import { type BytesLike, checkBytes, checkTarget } from '../socket/bytes.ts'
import { FilePeek, FileRead, FileReadLine, giveBack } from './reads.ts'
import { SocketFile } from './socket-file.ts'

/**
 * A socket as a file of bytes, made by `makefile('rb')`, 'wb' or 'rwb'. Reading waits for what was asked for; what is written is
 * collected until `flush`. Unread bytes stay in the socket, also those that a killed call has waited for. `Socket.settimeout`
 * limits each call.
 *
 * @example
 * const file = client.makefile('rwb')
 * yield* file.write('GET /\r\n')
 * yield* file.flush()
 * const line = yield* file.readline()
 */
export class BinaryFile extends SocketFile {
  /**
   * Reads so many bytes, fewer only at the end. Without buffering it reads what is there.
   *
   * @param size from 0 up; `undefined` or below 0 is everything to the end
   * @throws {TimeoutError} when the socket's time is over; from then on {OSError} 'cannot read from timed out object'
   */
  read(size?: number): Operation<Buffer> {
    const most = checkLimit(size, 'size')
    return this.ready(new FileRead(this, most, this.buffered || most === Infinity))
  }

  /** Reads what is there, at most `size` bytes; waits only if nothing is. */
  read1(size?: number): Operation<Buffer> {
    const most = checkLimit(size, 'size')
    return this.ready(new FileRead(this, most === Infinity ? 65536 : most, false))
  }

  /**
   * Shows what is there and leaves it; waits only if nothing is (Python: peek).
   *
   * @param _size has no effect, as in Python: it is at most a buffer's worth, 8192 bytes
   */
  peek(_size?: number): Operation<Buffer> {
    return this.ready(new FilePeek(this))
  }

  /** As `read`, into a buffer, and answers how many bytes came. */
  readinto(buffer: ArrayBufferView): Operation<number> {
    return this.ready(new Call(readInto, [this as BinaryFile, checkTarget(buffer, undefined), this.buffered]))
  }

  /** As `read1`, into a buffer. */
  readinto1(buffer: ArrayBufferView): Operation<number> {
    return this.ready(new Call(readInto, [this as BinaryFile, checkTarget(buffer, undefined), false]))
  }

  /**
   * Reads a line with its line feed; the last one may have none, and at the end there is none.
   *
   * @param limit the most bytes to take; `undefined` or below 0 is no end
   */
  readline(limit?: number): Operation<Buffer> {
    return this.ready(new FileReadLine(this, checkLimit(limit, 'limit')))
  }

  /**
   * Reads all lines to the end.
   *
   * @param hint stops once more bytes were read; `undefined` or 0 reads all
   */
  readlines(hint?: number): Operation<Buffer[]> {
    return new Call(readLines, [this as BinaryFile, hint ?? 0])
  }

  /** The next line, for `each` and `for await`. */
  next(): Operation<IteratorResult<Buffer, undefined>> {
    return new Call(nextLine, [this as BinaryFile])
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void> {
    for (let line = await this.readline(); line.length > 0; line = await this.readline()) yield line
  }

  /**
   * Writes bytes; they are sent once enough were collected, or by `flush`.
   *
   * @returns how many bytes were given
   */
  write(data: BytesLike): Operation<number> {
    return this.ready(new Call(write, [this as BinaryFile, checkBytes(data)]))
  }

  /** Writes one after the other. */
  writelines(lines: Iterable<BytesLike>): Operation<undefined> {
    const pieces = [...lines].map((line) => checkBytes(line, 'lines'))
    return this.ready(new Call(writeLines, [this as BinaryFile, pieces]))
  }

  /** @internal */
  writePiece(bytes: Buffer): Operation<undefined> {
    return this.writeBytes(bytes)
  }
}

/** Checks how much to read at most. */
export function checkLimit(limit: unknown, name: string): number {
  if (limit === undefined || limit === null) return Infinity
  if (typeof limit !== 'number' || !Number.isInteger(limit)) {
    throw new TypeError(`Expected \`${name}\` to be a whole number or undefined, got ${show(limit)}`)
  }
  return limit < 0 ? Infinity : limit
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
    giveBack(file, Buffer.concat(lines))
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
  for (const line of lines) yield* file.writePiece(line)
  return undefined
}
