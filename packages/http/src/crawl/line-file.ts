import { closeSync, fstatSync, fsync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { show } from '@greenlit/core/engine'

const NEW_LINE = 0x0a
const PIECE = 1024 * 1024
/** The milliseconds between syncs: a power failure may lose the lines written since the last one. A process crash loses none. */
const SYNC_INTERVAL = 1000

/** An append-only file of JSON lines. `mend` and `read` drop a last line that a crash cut off. */
export class LineFile {
  private readonly descriptor: number
  private size: number
  private state: 'open' | 'broken' | 'closed' = 'open'
  private syncing: NodeJS.Timeout | undefined = undefined

  /**
   * @param path the file, which is created if it does not exist
   * @throws the system's error if it cannot be opened
   */
  constructor(path: string) {
    this.descriptor = openSync(path, 'a+')
    this.size = fstatSync(this.descriptor).size
  }

  get isEmpty(): boolean {
    return this.size === 0
  }

  /** Whether the file begins with a text, or is a prefix of it. */
  beginsAs(text: string): boolean {
    const start = Buffer.alloc(Math.min(this.size, Buffer.byteLength(text)))
    const count = start.length === 0 ? 0 : readSync(this.descriptor, start, 0, start.length, 0)
    return Buffer.from(text).subarray(0, count).equals(start.subarray(0, count))
  }

  /** Removes all lines. */
  clear(): void {
    // A pipe or a device has no size and cannot be truncated.
    if (this.size > 0) ftruncateSync(this.descriptor, 0)
    this.size = 0
  }

  /** Removes an incomplete line at the end. */
  mend(): void {
    const piece = Buffer.allocUnsafe(PIECE)
    let whole = 0
    for (let end = this.size; end > 0 && whole === 0; end -= PIECE) {
      const from = Math.max(0, end - PIECE)
      const count = readSync(this.descriptor, piece, 0, end - from, from)
      whole = from + piece.subarray(0, count).lastIndexOf(NEW_LINE) + 1
      if (whole === from) whole = 0
    }
    if (whole === this.size) return
    ftruncateSync(this.descriptor, whole)
    this.size = whole
  }

  /** Yields the complete lines, and finally removes an incomplete one at the end. */
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
   * Appends a line. When this returns the line is with the operating system, so a crash of the process does not lose it.
   *
   * @throws the system's error, such as ENOSPC. After that the file accepts no more lines, as they would follow a broken one
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

  /** Flushes the file to disk and closes it. */
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

  /** Flushes the lines to disk, in the thread pool. */
  private sync(): void {
    fsync(this.descriptor, (error) => {
      this.syncing = undefined
      // After a failed sync it is unknown which lines are on the disk, so no more may be appended.
      if (error !== null && !hasNoDisk(error) && this.state === 'open') this.state = 'broken'
    })
  }
}

/**
 * Returns a value as a single line of JSON, whichever characters a reader splits lines at.
 *
 * @throws {TypeError} for a value that JSON cannot represent
 */
export function jsonLine(value: unknown): string {
  const json = JSON.stringify(value) as string | undefined
  if (json === undefined) throw new TypeError(`Expected a value that JSON has, got ${show(value)}`)
  // JSON allows these unescaped, but they are line terminators in JavaScript.
  return json.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}

/** Whether a sync failed because the lines do not go to a disk: the file is a pipe, a terminal, `/dev/null`. */
function hasNoDisk(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'EINVAL' || code === 'ENOTSUP' || code === 'EROFS'
}
