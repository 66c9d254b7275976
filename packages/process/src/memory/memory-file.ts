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
import { guardFolder } from '../process/guardian.ts'

/** A file system in memory, where there is one. */
const IN_MEMORY = '/dev/shm'

let folder: string | undefined
let files = 0

/** What is left of a file that nobody here uses any more. */
interface Remains {
  readonly descriptor: number
  /** Where it is, if nobody else has it. */
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
 * Memory that processes share. Node can share none between processes; but a small file that never leaves the page cache can be read
 * and written by all at once, at a microsecond or two. It is gone with the process that made it, or before, if it
 * was never sent.
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

  /** Makes a file of zeroes. Throws Node's error if there is no room for it: what was written of it is given back. */
  static make(length: number): MemoryFile {
    files += 1
    const file = new MemoryFile(join(ownFolder(), String(files)), files, 'wx+')
    try {
      // One `writeSync` writes only what there is room for, and says nothing.
      writeFileSync(file.descriptor, Buffer.alloc(length))
    } catch (error) {
      ftruncateSync(file.descriptor, 0)
      throw error
    }
    return file
  }

  /** Opens the file that another process made. */
  static open(path: string, number: number): MemoryFile {
    return new MemoryFile(path, number, 'r+')
  }

  /** Others get to know where it is: it stays until this process ends. */
  share(): string {
    this.remains.path = undefined
    return this.path
  }

  /** Reads a few bytes; what is returned is good until the next call. */
  readFew(offset: number, length: number): Buffer {
    readSync(this.descriptor, this.scratch, 0, length, offset)
    return this.scratch
  }

  /** Writes the first bytes of what `few` filled. */
  writeFew(offset: number, length: number, fill: (scratch: Buffer) => void): void {
    fill(this.scratch)
    writeSync(this.descriptor, this.scratch, 0, length, offset)
  }

  /** Reads many bytes. */
  read(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length)
    readSync(this.descriptor, bytes, 0, length, offset)
    return bytes
  }
}
