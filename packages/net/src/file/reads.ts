import { MSG_PEEK, MSG_WAITALL } from '../constants.ts'
import { closedElsewhere } from '../errors/make.ts'
import { OSError } from '../errors/os-error.ts'
import { Reading, type StreamUser } from '../stream/reading.ts'
import { RecvWithFlags } from '../stream/recv.ts'
import { FILE_BUFFER, type Transport } from '../stream/transport.ts'

/** The part of a file that its reading calls use. After a timeout the position is unreliable, so the file refuses further reads. */
export interface ReadableFile {
  readonly owner: StreamUser
  timedOut: boolean
  /** The last reading call that had to wait. */
  reading: Reading<unknown> | null
  checkReading(): void
}

/** Fails the call that is waiting to read from a file, because another greenlet has closed the file. */
export function failPendingRead({ reading }: ReadableFile): void {
  if (!reading?.isWaiting) return
  reading.cancel()
  reading.fail(closedElsewhere())
}

/** Creates the error for reading from a file after a timeout (Python: SocketIO.readinto). */
export function cannotRead(): OSError {
  return new OSError('EIO', { strerror: 'cannot read from timed out object' })
}

/**
 * Marks the connection as read through a file's buffer. In Python that buffer would have taken up to its size of bytes from the
 * socket, so closing with no more than that unread must not reset the connection.
 */
function markBuffered(owner: StreamUser): void {
  owner.connected('ENOTCONN').buffered = true
}

/** Puts back what an interrupted call has read. If the socket has been closed, there is no one left to read it. */
export function putBack({ owner }: ReadableFile, bytes: Buffer): void {
  try {
    owner.connected('ENOTCONN').putBack(bytes)
  } catch {}
}

abstract class FileRecv extends RecvWithFlags {
  private readonly file: ReadableFile

  constructor(file: ReadableFile, size: number, flags: number) {
    super(file.owner, size, flags, undefined)
    this.file = file
  }

  override start(): boolean {
    this.file.checkReading()
    markBuffered(this.file.owner)
    const done = super.start()
    if (!done) this.file.reading = this
    return done
  }

  protected override onTimeout(): void {
    this.file.timedOut = true
  }
}

/** `read`: takes exactly `size` bytes, fewer only at the end of the stream; or what is available. */
export class FileRead extends FileRecv {
  /** @param exact whether to wait for all `size` bytes */
  constructor(file: ReadableFile, size: number, exact: boolean) {
    super(file, size, exact ? MSG_WAITALL : 0)
  }

  override describe(): string {
    return 'file.read'
  }
}

/** `peek`: returns what is available without consuming it. */
export class FilePeek extends FileRecv {
  constructor(file: ReadableFile) {
    super(file, FILE_BUFFER, MSG_PEEK)
  }

  override describe(): string {
    return 'file.peek'
  }
}

const NEWLINE = 10

/** `readline`: takes the bytes up to and including the next line feed. */
export class FileReadLine extends Reading<Buffer> {
  want = 1
  private readonly file: ReadableFile
  private readonly most: number
  private searched = 0

  /** @param most the maximum number of bytes */
  constructor(file: ReadableFile, most: number) {
    super(file.owner, undefined)
    this.file = file
    this.most = most
  }

  override start(): boolean {
    this.file.checkReading()
    markBuffered(this.file.owner)
    const done = super.start()
    if (!done) this.file.reading = this
    return done
  }

  protected override hasEnough({ inbox }: Transport): boolean {
    const end = inbox.indexOf(NEWLINE, this.searched)
    if (end >= 0 || inbox.length >= this.most) {
      this.want = Math.min(end < 0 ? inbox.length : end + 1, this.most)
      return true
    }
    this.searched = inbox.length
    this.want = inbox.length + 1
    return false
  }

  lookAgain(): void {
    this.searched = 0
  }

  override serve(): void {
    const transport = this.transport!
    // This finds the end of the line, also in bytes that arrived together with the end of the stream.
    const isWhole = this.hasEnough(transport)
    if (isWhole || transport.eof) super.serve()
    else transport.attach(this)
  }

  protected collect(transport: Transport): Buffer {
    return transport.inbox.takeJoined(this.want)
  }

  protected putBack(transport: Transport, result: Buffer): void {
    transport.putBack(result)
  }

  protected override onTimeout(): void {
    this.file.timedOut = true
  }

  override describe(): string {
    return 'file.readline'
  }
}
