import { closeSync, fstatSync, fsync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { show } from '@greenlit/core/engine'

const NEW_LINE = 0x0a
const PIECE = 1024 * 1024
/** What a loss of power may take: the lines of so many milliseconds. The end of a process takes none. */
const SYNC_INTERVAL = 1000

/** A file of JSON lines that only grows. A line that a crash cut off is dropped when the file is opened again. */
export class LineFile {
  private readonly descriptor: number
  private size: number
  private state: 'open' | 'broken' | 'closed' = 'open'
  private syncing: NodeJS.Timeout | undefined = undefined

  /**
   * @param path the file, which is made if it is not there
   * @throws what the system says if it cannot be opened
   */
  constructor(path: string) {
    this.descriptor = openSync(path, 'a+')
    this.size = fstatSync(this.descriptor).size
  }

  get isEmpty(): boolean {
    return this.size === 0
  }

  /** Whether it begins with a text, as far as it goes. */
  beginsAs(text: string): boolean {
    const start = Buffer.alloc(Math.min(this.size, Buffer.byteLength(text)))
    const count = start.length === 0 ? 0 : readSync(this.descriptor, start, 0, start.length, 0)
    return Buffer.from(text).subarray(0, count).equals(start.subarray(0, count))
  }

  /** Takes all lines out. */
  clear(): void {
    // What is no file of a size, as a pipe, has nothing to take out.
    if (this.size > 0) ftruncateSync(this.descriptor, 0)
    this.size = 0
  }

  /** Cuts off what stands behind the last whole line. */
  mend(): void {
    const piece = Buffer.allocUnsafe(PIECE)
    let whole = 0
    for (let end = this.size; end > 0 && whole === 0; end -= PIECE) {
      const from = Math.max(0, end - PIECE)
      const count = readSync(this.descriptor, piece, 0, end - from, from)
      whole = from + piece.subarray(0, count).lastIndexOf(NEW_LINE) + 1
      if (whole === from && from > 0) whole = 0
    }
    if (whole === this.size) return
    ftruncateSync(this.descriptor, whole)
    this.size = whole
  }

  /** The whole lines, and cuts off what is left behind them. */
  *read(): Generator<string> {
    const piece = Buffer.allocUnsafe(PIECE)
    let rest: Buffer = Buffer.alloc(0)
    let whole = 0
    for (let at = 0; at < this.size; ) {
      const count = readSync(this.descriptor, piece, 0, PIECE, at)
      if (count === 0) break
      at += count
      let from = 0
      for (let end = piece.indexOf(NEW_LINE); end >= 0 && end < count; end = piece.indexOf(NEW_LINE, from)) {
        const line = rest.length === 0 ? piece.subarray(from, end) : Buffer.concat([rest, piece.subarray(from, end)])
        rest = Buffer.alloc(0)
        from = end + 1
        whole += line.length + 1
        yield line.toString('utf8')
      }
      rest = Buffer.concat([rest, piece.subarray(from, count)])
    }
    if (whole < this.size) {
      ftruncateSync(this.descriptor, whole)
      this.size = whole
    }
  }

  /**
   * Adds a line. It is with the system when this returns: an end of the process does not lose it.
   *
   * @throws what the system says, as ENOSPC; the file takes no more lines then, for they would follow a broken one
   */
  append(value: unknown): void {
    if (this.state !== 'open') throw new Error(`Expected an open file of lines, got one that is ${this.state}`)
    const bytes = Buffer.from(`${jsonLine(value)}\n`)
    this.state = 'broken'
    for (let at = 0; at < bytes.length; ) at += writeSync(this.descriptor, bytes, at)
    this.state = 'open'
    this.size += bytes.length
    this.syncing ??= setTimeout(() => this.sync(), SYNC_INTERVAL).unref()
  }

  /** Closes the file, its lines on the disk. */
  close(): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    clearTimeout(this.syncing)
    try {
      fsyncSync(this.descriptor)
    } catch (error) {
      if (!hasNoDisk(error)) throw error
    } finally {
      closeSync(this.descriptor)
    }
  }

  /** Has the system put the lines on the disk, in a thread of its own. */
  private sync(): void {
    fsync(this.descriptor, (error) => {
      this.syncing = undefined
      // Lines whose fate is not known are followed by none.
      if (error !== null && !hasNoDisk(error) && this.state === 'open') this.state = 'broken'
    })
  }
}

/**
 * A value as JSON in one line, whatever takes the text apart.
 *
 * @throws {TypeError} for what JSON does not have
 */
export function jsonLine(value: unknown): string {
  const json = JSON.stringify(value) as string | undefined
  if (json === undefined) throw new TypeError(`Expected a value that JSON has, got ${show(value)}`)
  // These end a line in JavaScript, though not in JSON.
  return json.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}

/** Whether lines go to what keeps nothing on a disk: a pipe, a terminal, `/dev/null`. */
function hasNoDisk(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'EINVAL' || code === 'ENOTSUP' || code === 'EROFS'
}
