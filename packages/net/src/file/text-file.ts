import type { CooperativeIterator, Coroutine, Operation } from '@greenlit/core'
import { Call, show } from '@greenlit/core/engine'
import { FILE_BUFFER } from '../stream/transport.ts'
import { checkLimit, checkLines } from './binary-file.ts'
import { FileLines } from './file-lines.ts'
import { FileRead } from './reads.ts'
import { type FileOwner, type MakefileOptions, SocketFile } from './socket-file.ts'
import { countCharacters, findCodec, NewlineDecoder, type TextCodec, type TextErrors } from './text-codec.ts'

/**
 * A socket as a text file, as returned by `makefile('r')`, 'w' or 'rw' (Python: TextIOWrapper). Characters that are split across
 * packets are decoded correctly. Writes are buffered until `flush`. A reading call that is killed loses no characters.
 * `Socket.settimeout` applies to each call.
 *
 * @example
 * const file = client.makefile('rw', { encoding: 'utf-8', newline: '\n' })
 * yield* file.write('hello\n')
 * yield* file.flush()
 * const answer = yield* file.readline()
 */
export class TextFile extends SocketFile {
  /** The encoding the file was opened with. */
  readonly encoding: string
  private readonly codec: TextCodec
  private readonly newlines: NewlineDecoder | null
  private readonly readNewline: string
  private readonly writtenNewline: string
  /** @internal Text that has been decoded but not returned yet. */
  text = ''
  /** @internal The part of `text` that arrived last, in which to look for a line end. */
  tail = ''
  private endsInReturn = false

  constructor(owner: FileOwner, mode: string, bufferSize: number, options: MakefileOptions) {
    const { newline } = options
    const encoding = options.encoding ?? 'utf-8'
    if (typeof encoding !== 'string') throw new TypeError(`Expected \`encoding\` to be a string, got ${show(encoding)}`)
    if (newline !== undefined && newline !== null && !['', '\n', '\r', '\r\n'].includes(newline)) {
      throw new RangeError(`illegal newline value: ${show(newline)}`)
    }
    const codec = findCodec(encoding, checkErrors(options.errors ?? 'strict'))
    super(owner, mode, bufferSize)
    this.encoding = encoding
    this.codec = codec
    const universal = newline === undefined || newline === null || newline === ''
    this.newlines = universal ? new NewlineDecoder(newline !== '') : null
    this.readNewline = newline === undefined || newline === null ? '\n' : newline
    this.writtenNewline = newline === '\r' || newline === '\r\n' ? newline : '\n'
  }

  /**
   * Reads `size` characters, fewer only at the end of the stream.
   *
   * @param size the number of characters; `undefined` or a negative number reads to the end
   * @throws {TimeoutError} when the socket's timeout expires; from then on {OSError} 'cannot read from timed out object'
   */
  read(size?: number): Operation<string> {
    return this.ready(new Call(readText, [this as TextFile, checkLimit(size, 'size')]))
  }

  /**
   * Reads a line including its line end, which the last line may lack. At the end of the stream the result is ''.
   *
   * @param limit the maximum number of characters; `undefined` or a negative number for no limit
   */
  readline(limit?: number): Operation<string> {
    return this.ready(new Call(readLine, [this as TextFile, checkLimit(limit, 'limit')]))
  }

  /**
   * Reads all remaining lines.
   *
   * @param hint stop after the line with which the total exceeds this many characters; `undefined` or 0 reads them all
   */
  readlines(hint?: number): Operation<string[]> {
    return new Call(readLines, [this as TextFile, checkLimit(hint, 'hint')])
  }

  /** Iterates over the remaining lines, as `each(file, ...)` does; the file stays open (Python: for line in file). */
  iterate(): CooperativeIterator<string> {
    return new FileLines(this)
  }

  /** Reads the next line (Python: next(file)). */
  next(): Operation<IteratorResult<string, undefined>> {
    return new Call(nextLine, [this as TextFile])
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string, void> {
    for (let line = await this.readline(); line !== ''; line = await this.readline()) yield line
  }

  /**
   * Writes text to the buffer, which is sent when it is full or by `flush`.
   *
   * @returns the number of characters in `text`
   * @throws {TypeError} if `text` is not a string
   */
  write(text: string): Operation<number> {
    if (typeof text !== 'string') throw new TypeError(`Expected \`text\` to be a string, got ${show(text)}`)
    return this.ready(new Call(writeText, [this as TextFile, text]))
  }

  /** Writes several strings, one after the other; no line ends are added. */
  writelines(lines: Iterable<string>): Operation<undefined> {
    return new Call(writeLines, [this as TextFile, [...checkLines(lines)]])
  }

  /** @internal Waits for more text; returns false at the end of the stream. */
  *fill(): Coroutine<boolean> {
    const bytes = yield* new FileRead(this, FILE_BUFFER, false)
    const decoded = this.codec.decode(bytes, bytes.length === 0)
    this.add(this.newlines === null ? decoded : this.newlines.decode(decoded, bytes.length === 0))
    return bytes.length > 0 || decoded !== ''
  }

  private add(piece: string): void {
    this.tail = piece
    if (piece === '') return
    // A '\r\n' split across two pieces is found in the later one.
    if (this.endsInReturn && this.text !== '') this.tail = `\r${piece}`
    this.endsInReturn = piece.endsWith('\r')
    this.text += piece
  }

  /** @internal */
  take(length: number): string {
    const taken = this.text.slice(0, length)
    this.text = this.text.slice(length)
    return taken
  }

  /**
   * @internal Returns the length of the first complete line in `text`, or -1 if there is none.
   *
   * @param tail the part of `text` to search; what comes before it contains no line end. Searching all of `text` for each new piece
   * would make V8 flatten the concatenated string every time
   */
  lineLength(tail: string): number {
    const before = this.text.length - tail.length
    if (this.readNewline !== '') {
      const at = tail.indexOf(this.readNewline)
      return at < 0 ? -1 : before + at + this.readNewline.length
    }
    const found = /\r\n|\n|\r/.exec(tail)
    return found === null ? -1 : before + found.index + found[0].length
  }

  /** @internal Returns the length in code units of the first `characters` code points of `text`; -1 if there are fewer. */
  codeUnits(characters: number): number {
    const { text } = this
    if (text.length < characters) return -1
    let units = 0
    for (let count = 0; count < characters; count += 1) {
      if (units >= text.length) return -1
      units += text.codePointAt(units)! > 0xffff ? 2 : 1
    }
    return units
  }

  /** @internal */
  writePiece(text: string): Operation<undefined> {
    return this.writeBytes(
      this.codec.encode(this.writtenNewline === '\n' ? text : text.replaceAll('\n', this.writtenNewline)),
    )
  }
}

function checkErrors(errors: unknown): TextErrors {
  if (errors === 'strict' || errors === 'replace' || errors === 'ignore') return errors
  throw new RangeError(`Expected \`errors\` to be 'strict', 'replace' or 'ignore', got ${show(errors)}`)
}

function* readText(file: TextFile, size: number): Coroutine<string> {
  file.checkReading()
  for (;;) {
    const units = file.codeUnits(size)
    if (units >= 0 || !(yield* file.fill())) return file.take(units >= 0 ? units : Infinity)
  }
}

function* readLine(file: TextFile, limit: number): Coroutine<string> {
  file.checkReading()
  let length = file.lineLength(file.text)
  for (;;) {
    // A character has at least one code unit, so a line this short is within the limit: no need to count its characters.
    if (length >= 0 && length <= limit) return file.take(length)
    const units = file.codeUnits(limit)
    if (length >= 0) return file.take(units < 0 ? length : Math.min(length, units))
    if (units >= 0 || !(yield* file.fill())) return file.take(units < 0 ? Infinity : units)
    length = file.lineLength(file.tail)
  }
}

function* readLines(file: TextFile, hint: number): Coroutine<string[]> {
  const lines: string[] = []
  let size = 0
  try {
    for (;;) {
      const line = yield* file.readline()
      if (line === '') return lines
      lines.push(line)
      size += countCharacters(line)
      if (hint > 0 && size > hint) return lines
    }
  } catch (error) {
    file.text = lines.join('') + file.text
    throw error
  }
}

function* nextLine(file: TextFile): Coroutine<IteratorResult<string, undefined>> {
  const line = yield* file.readline()
  return line === '' ? { done: true, value: undefined } : { done: false, value: line }
}

function* writeText(file: TextFile, text: string): Coroutine<number> {
  yield* file.writePiece(text)
  return countCharacters(text)
}

function* writeLines(file: TextFile, lines: readonly string[]): Coroutine<undefined> {
  file.checkOpen()
  for (const line of lines) yield* file.write(line)
  return undefined
}
