import { MSG_PEEK, MSG_WAITALL } from '../constants.ts'
import { closedElsewhere } from '../errors/make.ts'
import { OSError } from '../errors/os-error.ts'
import { Reading, type StreamUser } from '../stream/reading.ts'
import { RecvWithFlags } from '../stream/recv.ts'
import { FILE_BUFFER, type Transport } from '../stream/transport.ts'

/** A file as its reading calls see it: after a timeout nobody can tell where it stands, so it refuses to go on. */
export interface ReadableFile {
  readonly owner: StreamUser
  timedOut: boolean
  /** The last call that had to wait. */
  reading: Reading<unknown> | null
  checkReading(): void
}

/** Ends the call that waits for what comes to a file: another greenlet has closed it. */
export function endReading({ reading }: ReadableFile): void {
  if (!reading?.isWaiting) return
  reading.cancel()
  reading.fail(closedElsewhere())
}

/** What a file gets that has timed out before (Python: SocketIO.readinto). */
export function cannotRead(): OSError {
  return new OSError('EIO', { strerror: 'cannot read from timed out object' })
}

/** From the first read on, a buffer's worth of bytes is taken from the socket as far as its peer can tell: closing resets nothing. */
function readAhead(owner: StreamUser): void {
  owner.connected('ENOTCONN').buffered = true
}

/** Gives back what a call has read that a kill keeps from ending; of a closed socket nobody reads any more. */
export function giveBack({ owner }: ReadableFile, bytes: Buffer): void {
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
    readAhead(this.file.owner)
    const done = super.start()
    if (!done) this.file.reading = this
    return done
  }

  protected override outOfTime(): void {
    this.file.timedOut = true
  }
}

/** `read`: so many bytes, fewer only at the end; or what is there. */
export class FileRead extends FileRecv {
  /** @param exact whether to wait for all of `size` */
  constructor(file: ReadableFile, size: number, exact: boolean) {
    super(file, size, exact ? MSG_WAITALL : 0)
  }

  override describe(): string {
    return 'file.read'
  }
}

/** `peek`: what is there, which stays. */
export class FilePeek extends FileRecv {
  constructor(file: ReadableFile) {
    super(file, FILE_BUFFER, MSG_PEEK)
  }

  override describe(): string {
    return 'file.peek'
  }
}

const NEWLINE = 10

/** `readline`: bytes up to and with the next line feed. */
export class FileReadLine extends Reading<Buffer> {
  want = 1
  private readonly file: ReadableFile
  private readonly most: number
  private searched = 0

  /** @param most the most bytes to take */
  constructor(file: ReadableFile, most: number) {
    super(file.owner, undefined)
    this.file = file
    this.most = most
  }

  override start(): boolean {
    this.file.checkReading()
    readAhead(this.file.owner)
    const done = super.start()
    if (!done) this.file.reading = this
    return done
  }

  protected override satisfied({ inbox }: Transport): boolean {
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
    // Without a line feed it stays the reader.
    if (!transport.eof && !this.satisfied(transport)) transport.attach(this)
    else super.serve()
  }

  protected collect(transport: Transport): Buffer {
    return transport.inbox.takeJoined(this.want)
  }

  protected giveBack(transport: Transport, answer: Buffer): void {
    transport.putBack(answer)
  }

  protected override outOfTime(): void {
    this.file.timedOut = true
  }

  override describe(): string {
    return 'file.readline'
  }
}
