import type { Coroutine, Operation } from '@greenlit/core'
import { Call, Done, type TimeLimit } from '@greenlit/core/engine'
import { osError } from '../errors/make.ts'
import { noBytes } from '../stream/byte-queue.ts'
import type { Reading, StreamUser } from '../stream/reading.ts'
import { Sendall } from '../stream/sending.ts'
import { cannotRead, endReading, type ReadableFile } from './reads.ts'
import type { TextErrors } from './text-codec.ts'

/** The socket of a file. */
export interface FileOwner extends StreamUser {
  fileno(): number
  openFile(file: SocketFile): void
  closeFile(file: SocketFile): void
  /** Of a secure socket: makes a call wait for the handshake, which it begins if nobody has. */
  afterHandshake?<T>(call: Operation<T>, limit: TimeLimit): Operation<T>
}

/** How `makefile` makes a file. */
export interface MakefileOptions {
  /** How many bytes are collected before they are sent; 0 sends each write at once (binary only). Default 8192. */
  buffering?: number
  /** Of a text file: 'utf-8' (default), 'ascii', 'latin-1' or 'utf-16-le'. */
  encoding?: string
  /**
   * What text is that cannot be read or written in the encoding: an error with 'strict' (default); with 'replace' U+FFFD where it
   * is read, '?' where it is written; nothing with 'ignore'.
   */
  errors?: TextErrors
  /** Of a text file: `undefined` reads every line end as '\n'; '' leaves them; '\n', '\r', '\r\n' end lines, and are written. */
  newline?: '' | '\n' | '\r' | '\r\n' | undefined
}

/** What files of sockets have in common: they collect what is written, and keep the connection open until they are closed. */
export abstract class SocketFile implements ReadableFile {
  /** The mode it was made with. */
  readonly mode: string
  /** @internal */
  readonly owner: FileOwner
  /** @internal */
  timedOut = false
  /** @internal */
  reading: Reading<unknown> | null = null
  private readonly canRead: boolean
  private readonly canWrite: boolean
  private readonly bufferSize: number
  /** @internal Whether a kill or a limit ended a wait until bytes were out: they are on their way still. */
  gaveUp = false
  private pending: Buffer[] = []
  private pendingSize = 0
  private isClosed = false

  constructor(owner: FileOwner, mode: string, bufferSize: number) {
    this.owner = owner
    this.mode = mode
    this.canWrite = mode.includes('w')
    this.canRead = mode.includes('r') || !this.canWrite
    this.bufferSize = bufferSize
    owner.openFile(this)
  }

  /** @internal */
  get buffered(): boolean {
    return this.bufferSize > 0
  }

  /** Whether `close` was called. */
  get closed(): boolean {
    return this.isClosed
  }

  /** The number of its socket; -1 once it is closed (Python: name). */
  get name(): number {
    return this.isClosed ? -1 : this.owner.fileno()
  }

  /** The number of its socket. */
  fileno(): number {
    this.checkOpen()
    return this.owner.fileno()
  }

  /** Whether it was made for reading. */
  readable(): boolean {
    this.checkOpen()
    return this.canRead
  }

  /** Whether it was made for writing. */
  writable(): boolean {
    this.checkOpen()
    return this.canWrite
  }

  /** Never: a stream goes forward only. */
  seekable(): boolean {
    this.checkOpen()
    return false
  }

  /** A call of the file, which a secure socket may have to shake hands for. */
  protected ready<T>(call: Operation<T>): Operation<T> {
    const { owner } = this
    return owner.afterHandshake === undefined ? call : owner.afterHandshake(call, undefined)
  }

  private checkOpen(): void {
    if (this.isClosed) throw new RangeError('I/O operation on closed file')
  }

  /** @internal */
  checkReading(): void {
    this.checkOpen()
    if (!this.canRead) throw osError('EBADF', 'File not open for reading')
    if (this.timedOut) throw cannotRead()
  }

  /** @internal */
  checkWriting(): void {
    this.checkOpen()
    if (!this.canWrite) throw osError('EBADF', 'File not open for writing')
  }

  /** Collects bytes, and sends what was collected once it is enough. */
  protected writeBytes(bytes: Buffer): Operation<undefined> {
    this.checkWriting()
    if (this.pendingSize + bytes.length >= this.bufferSize) return this.sendPending(bytes)
    // The caller may use its buffer again.
    this.pending.push(Buffer.from(bytes))
    this.pendingSize += bytes.length
    return new Done()
  }

  /** Sends what was collected, and more behind it; what may not wait leaves what was collected. */
  private sendPending(more: Buffer = noBytes()): Operation<undefined> {
    if (this.pendingSize + more.length === 0 && !this.gaveUp) return new Done()
    const collected = this.takePending()
    return new FileSend(this, collected, collected.length === 0 ? more : Buffer.concat([collected, more]))
  }

  private takePending(): Buffer {
    const { pending } = this
    const bytes = pending.length === 1 ? pending[0]! : Buffer.concat(pending, this.pendingSize)
    this.pending = []
    this.pendingSize = 0
    return bytes
  }

  /** @internal Takes back in front what could not be sent. */
  keepPending(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.pending.unshift(bytes)
    this.pendingSize += bytes.length
  }

  /**
   * Sends what was written and not sent yet.
   *
   * @throws {OSError} as `Socket.sendall` does
   */
  flush(): Operation<undefined> {
    return this.ready(new Call(flushFile, [this as SocketFile]))
  }

  /** @internal */
  flushNow(): Operation<undefined> {
    this.checkOpen()
    return this.sendPending()
  }

  /**
   * Sends what was written and lets go of the socket, at once; the last file of a closed socket ends the connection. Who reads from
   * the file gets EBADF. Closing twice is fine.
   *
   * @returns an operation with nothing left to wait for
   * @throws {OSError} if what was written cannot be sent; it is closed all the same
   */
  close(): Operation<undefined> {
    if (!this.isClosed) {
      this.isClosed = true
      try {
        if (this.pendingSize > 0) {
          const transport = this.owner.connected('EPIPE')
          transport.checkSending()
          transport.send(this.takePending())
        }
      } finally {
        endReading(this)
        this.owner.closeFile(this)
      }
    }
    return new Done()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** Sends what a file has collected, which stays there if it would have to wait and may not. */
class FileSend extends Sendall {
  private readonly file: SocketFile
  private readonly collected: Buffer

  constructor(file: SocketFile, collected: Buffer, bytes: Buffer) {
    super(file.owner, bytes, undefined)
    this.file = file
    this.collected = collected
  }

  /** After one that was given up it waits for what that has left on its way. */
  protected override get isNothing(): boolean {
    return super.isNothing && !this.file.gaveUp
  }

  protected override refused(): void {
    this.file.keepPending(this.collected)
  }

  override cancel(): void {
    this.file.gaveUp = true
    super.cancel()
  }
}

function* flushFile(file: SocketFile): Coroutine<undefined> {
  return yield* file.flushNow()
}
