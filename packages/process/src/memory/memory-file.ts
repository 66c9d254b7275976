import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { guardFolder } from '../tree/guardian.ts'

/** The in-memory file system, on systems that have one. */
const IN_MEMORY = '/dev/shm'

let folder: string | undefined
let files = 0

/** What remains to be cleaned up for a file that is no longer used here. */
interface Remains {
  readonly descriptor: number
  /** Where the file is, if no other process has been given it. */
  path: string | undefined
}

const collected = new FinalizationRegistry<Remains>(({ descriptor, path }) => {
  closeSync(descriptor)
  if (path !== undefined) rmSync(path, { force: true })
})

function ownFolder(): string {
  if (folder !== undefined) return folder
  const made = mkdtempSync(join(existsSync(IN_MEMORY) ? IN_MEMORY : tmpdir(), 'greenlit-'))
  folder = made
  guardFolder(made)
  process.on('exit', () => rmSync(made, { recursive: true, force: true }))
  return made
}

/**
 * Memory shared between processes. Node cannot share memory between processes, but a small file that never leaves the page cache can
 * be read and written by all of them at once, in a microsecond or two. The file is removed when the process that made it ends, or as
 * soon as it is unused if it was never sent to another process.
 */
export class MemoryFile {
  readonly path: string
  readonly number: number
  private readonly descriptor: number
  private readonly scratch: Buffer = Buffer.alloc(8)
  private readonly remains: Remains

  private constructor(path: string, number: number, flags: 'wx+' | 'r+') {
    this.path = path
    this.number = number
    this.descriptor = openSync(path, flags, 0o600)
    this.remains = { descriptor: this.descriptor, path: flags === 'wx+' ? path : undefined }
    collected.register(this, this.remains)
  }

  /** Makes a file of zeros. Throws Node's error if the device is full, after freeing the part that was written. */
  static make(length: number): MemoryFile {
    files += 1
    const file = new MemoryFile(join(ownFolder(), String(files)), files, 'wx+')
    try {
      // A single `writeSync` writes as much as there is room for, and does not report the rest.
      writeFileSync(file.descriptor, Buffer.alloc(length))
    } catch (error) {
      ftruncateSync(file.descriptor, 0)
      throw error
    }
    return file
  }

  /** Opens a file that another process made. */
  static open(path: string, number: number): MemoryFile {
    return new MemoryFile(path, number, 'r+')
  }

  /** Returns the path for another process to open: from now on the file stays until this process ends. */
  share(): string {
    this.remains.path = undefined
    return this.path
  }

  /** Reads a few bytes, at most 8. The returned buffer is valid until the next call. */
  readFew(offset: number, length: number): Buffer {
    readSync(this.descriptor, this.scratch, 0, length, offset)
    return this.scratch
  }

  /** Writes the first `length` bytes, at most 8, of the buffer that `fill` fills. */
  writeFew(offset: number, length: number, fill: (scratch: Buffer) => void): void {
    fill(this.scratch)
    writeSync(this.descriptor, this.scratch, 0, length, offset)
  }

  /** Reads any number of bytes into a new buffer. */
  read(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length)
    readSync(this.descriptor, bytes, 0, length, offset)
    return bytes
  }
}
