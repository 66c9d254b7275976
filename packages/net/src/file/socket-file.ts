import type { Coroutine, Operation } from '@greenlit/core'
import { Call, Done, type TimeLimit } from '@greenlit/core/engine'
import { osError } from '../errors/make.ts'
import { noBytes } from '../stream/byte-queue.ts'
import type { Reading, StreamUser } from '../stream/reading.ts'
import { Sendall } from '../stream/sending.ts'
import { cannotRead, failPendingRead, type ReadableFile } from './reads.ts'
import type { TextErrors } from './text-codec.ts'

/** The part of a socket that its files use. */
export interface FileOwner extends StreamUser {
  fileno(): number
  openFile(file: SocketFile): void
  closeFile(file: SocketFile): void
  /** TLS sockets only: returns the call preceded by a wait for the handshake, which it starts if necessary. */
  afterHandshake?<T>(call: Operation<T>, limit: TimeLimit): Operation<T>
}

/** Options of `makefile`. */
export interface MakefileOptions {
  /** The size of the write buffer in bytes; 0 sends each write immediately (binary files only). Default 8192. */
  buffering?: number | undefined
  /**
   * The encoding of a text file: 'utf-8' (default), 'ascii', 'latin-1', 'utf-16-le', 'utf-16-be'; 'utf-8-sig', which begins with a byte
   * order mark; or 'utf-16', which is little-endian unless such a mark says otherwise.
   */
  encoding?: string | undefined
  /**
   * How a text file treats data that cannot be decoded or encoded: 'strict' (default) throws; 'replace' substitutes U+FFFD when
   * reading and '?' when writing; 'ignore' drops it.
   */
  errors?: TextErrors | undefined
  /**
   * The line ends of a text file: `undefined` reads any line end as '\n'; '' recognizes any line end but leaves it unchanged. With
   * '\n', '\r' or '\r\n', only that sequence ends a line, and it is written in place of '\n'.
   */
  newline?: '' | '\n' | '\r' | '\r\n' | undefined
}

/** The base class of socket files. A file buffers what is written, and keeps the connection open until it is closed. */
export abstract class SocketFile implements ReadableFile {
  /** The mode the file was opened with. */
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
  /** @internal Whether a kill or a timeout has interrupted a flush, so that some bytes are still being sent. */
  flushInterrupted = false
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

  /** The number of the file's socket; -1 once the file is closed (Python: name). */
  get name(): number {
    return this.isClosed ? -1 : this.owner.fileno()
  }

  /** Returns the number of the file's socket. */
  fileno(): number {
    this.checkOpen()
    return this.owner.fileno()
  }

  /** Returns whether the file was opened for reading. */
  readable(): boolean {
    this.checkOpen()
    return this.canRead
  }

  /** Returns whether the file was opened for writing. */
  writable(): boolean {
    this.checkOpen()
    return this.canWrite
  }

  /** Returns false: a stream cannot seek. */
  seekable(): boolean {
    this.checkOpen()
    return false
  }

  /** Returns false: a socket is no terminal. */
  isatty(): boolean {
    return this.seekable()
  }

  /** Returns a call of the file, preceded by the TLS handshake if the socket needs one. */
  protected ready<T>(call: Operation<T>): Operation<T> {
    const { owner } = this
    return owner.afterHandshake === undefined ? call : owner.afterHandshake(call, undefined)
  }

  /** @internal */
  checkOpen(): void {
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

  /** Adds bytes to the write buffer, and sends the buffer once it is full. */
  protected writeBytes(bytes: Buffer): Operation<undefined> {
    this.checkWriting()
    if (this.pendingSize + bytes.length >= this.bufferSize) return this.sendPending(bytes)
    // Copy: the caller may reuse its buffer.
    this.pending.push(Buffer.from(bytes))
    this.pendingSize += bytes.length
    return new Done()
  }

  /** Sends the write buffer, followed by `more`. A non-blocking call that would block leaves the buffer as it was. */
  private sendPending(more: Buffer = noBytes()): Operation<undefined> {
    if (this.pendingSize + more.length === 0 && !this.flushInterrupted) return new Done()
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

  /** @internal Puts bytes that could not be sent back at the front of the write buffer. */
  keepPending(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.pending.unshift(bytes)
    this.pendingSize += bytes.length
  }

  /**
   * Sends what has been written but not sent yet.
   *
   * @throws {OSError} as for `Socket.sendall`
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
   * Sends what has been written and closes the file, without blocking. Closing the last file of a closed socket closes the
   * connection. A greenlet blocked reading from the file gets EBADF. Closing twice is harmless.
   *
   * @returns an operation that is already complete
   * @throws {OSError} if what was written cannot be sent; the file is closed nevertheless
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
        failPendingRead(this)
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

/** Sends a file's write buffer, which goes back into the file if a non-blocking call would block. */
class FileSend extends Sendall {
  private readonly file: SocketFile
  private readonly collected: Buffer

  constructor(file: SocketFile, collected: Buffer, bytes: Buffer) {
    super(file.owner, bytes, undefined)
    this.file = file
    this.collected = collected
  }

  /** After an interrupted flush it waits for the bytes that are still being sent, even with none of its own. */
  protected override get isNoop(): boolean {
    return super.isNoop && !this.file.flushInterrupted
  }

  protected override onWouldBlock(): void {
    this.file.keepPending(this.collected)
  }

  override cancel(): void {
    this.file.flushInterrupted = true
    super.cancel()
  }
}

function* flushFile(file: SocketFile): Coroutine<undefined> {
  return yield* file.flushNow()
}
