import type { Duplex } from 'node:stream'
import { inUse, osError } from '../errors/make.ts'
import { ByteQueue } from './byte-queue.ts'

/** Receiving stops above this many waiting bytes, so that the peer is held by flow control. */
const HIGH_WATER_MARK = 256 * 1024
/** Receiving goes on below this many waiting bytes. */
const LOW_WATER_MARK = 64 * 1024
/** Sending waits above this many bytes that the kernel has not taken. */
export const SEND_LIMIT = 64 * 1024
/** What the buffer of a file holds (Python: io.DEFAULT_BUFFER_SIZE). */
export const FILE_BUFFER = 8192

const EOF = 1
const SEND_ENDED = 2
const AUTO_CORK = 4
const BUFFERED = 8
/** From here on the bits are the subclass's. */
export const OWN_STATE = 16

/** What a connection has on which nothing waits to be read: it is never filled. */
const NOTHING_WAITS = new ByteQueue()

/** The one greenlet that reads. */
export interface Reader {
  /** How many bytes must wait before it is served. */
  readonly want: number
  /** Takes its bytes and wakes, also with fewer at the end of the stream. */
  serve(): void
  fail(error: unknown): boolean
  /** Bytes were put back in front of those that it has seen. */
  lookAgain?(): void
}

/** A greenlet that waits until its bytes are on their way. */
export interface Writer {
  /** It is served once this many bytes were flushed since the start of the connection. */
  readonly mark: number
  serve(): void
  fail(error: unknown): boolean
}

/** What wants to know that readiness may have changed. */
export interface TransportOwner {
  changed(): void
}

/**
 * One end of a connected byte stream: what was received and who waits for it. Subclasses move the bytes: through a socket of
 * Node, or straight to the other end in memory.
 */
export abstract class Transport {
  /** What was received and nobody has taken; `received` and `putBack` fill it. */
  inbox: ByteQueue = NOTHING_WAITS
  /** A failure that no call has taken yet; each is told once, as the kernel does. */
  error: Error | null = null
  owner: TransportOwner | null = null
  reader: Reader | null = null
  /** Bytes taken from callers since the start. */
  protected accepted = 0
  /** Its states, as bits: a field for each would cost an idle connection more than its greenlet. */
  private states = 0
  private writers: Writer[] | null = null

  /** Whether something outside the hub moves the bytes. */
  abstract readonly isExternal: boolean
  /** Bytes that are not flushed yet. */
  abstract get unsent(): number
  /** Takes bytes to send, which must stay as they are until they are flushed; throws if that is impossible. */
  abstract send(bytes: Buffer): void
  /** As `send`, for who does not wait: the memory of the bytes may be used again at once. */
  abstract sendCopy(bytes: Buffer): void
  /** Says that nothing more will be sent. */
  abstract endSending(): void
  /** Makes sure that bytes come in. */
  abstract startReading(): void
  /** Stops reading for good and gives the connection, with what has come in, as one of Node's streams: for TLS to go on with. */
  abstract handOver(): Duplex
  /** Gives the connection up; bytes taken for sending still go out. */
  abstract close(): void
  /** What was accepted for sending and not sent need not be sent any more. */
  protected abstract abandon(): void
  /** Gives the connection up with a reset. */
  abstract reset(): void
  /** Stops and restarts what comes in. */
  protected abstract hold(): void
  protected abstract release(): void

  protected is(state: number): boolean {
    return (this.states & state) !== 0
  }

  protected set(state: number, on: boolean): void {
    if (on) this.states |= state
    else this.states &= ~state
  }

  /** The peer, or `shutdown`, ended what can be received. */
  get eof(): boolean {
    return this.is(EOF)
  }

  /** No more can be sent. */
  get sendEnded(): boolean {
    return this.is(SEND_ENDED)
  }

  set sendEnded(ended: boolean) {
    this.set(SEND_ENDED, ended)
    // Who waits for room need not wait any more.
    if (this.owner !== null) this.owner.changed()
  }

  /** Bytes are collected and sent together at the end of the turn. */
  get autoCork(): boolean {
    return this.is(AUTO_CORK)
  }

  set autoCork(on: boolean) {
    this.set(AUTO_CORK, on)
  }

  /** Somebody reads through the buffer of a file, which in Python would hold what waits here. */
  get buffered(): boolean {
    return this.is(BUFFERED)
  }

  set buffered(on: boolean) {
    this.set(BUFFERED, on)
  }

  /** The mark a writer must wait for. */
  get sentMark(): number {
    return this.accepted
  }

  /** Registers the reader. */
  attach(reader: Reader): void {
    if (this.reader !== null) throw inUse()
    this.reader = reader
    if (reader.want > LOW_WATER_MARK) this.release()
  }

  detach(reader: Reader): void {
    if (this.reader === reader) this.reader = null
  }

  /** Refuses a second reader. */
  checkReader(): void {
    if (this.reader !== null) throw inUse()
  }

  addWriter(writer: Writer): void {
    if (this.writers === null) this.writers = [writer]
    else this.writers.push(writer)
  }

  /** Whether the kernel has all bytes up to a mark, though it may not have been told yet that it has those behind them. */
  isOut(mark: number): boolean {
    return mark <= this.accepted - this.unsent
  }

  /** A writer leaves with some of its bytes still unsent. */
  giveUp(writer: Writer): void {
    this.removeWriter(writer)
    this.abandon()
  }

  removeWriter(writer: Writer): void {
    const index = this.writers?.indexOf(writer) ?? -1
    if (index >= 0) this.writers!.splice(index, 1)
  }

  /** To be called after bytes left the inbox. */
  taken(): void {
    const { inbox } = this
    if (inbox.length > LOW_WATER_MARK) return
    this.release()
    if (inbox.length > 0 || inbox === NOTHING_WAITS) return
    this.inbox = NOTHING_WAITS
    ByteQueue.giveBack(inbox)
  }

  /** Puts bytes back that were taken. Another may have begun to wait for them since. */
  putBack(bytes: Buffer): void {
    this.ownInbox().unshift(bytes)
    if (this.owner !== null) this.owner.changed()
    this.reader?.lookAgain?.()
    this.serveReader()
  }

  private ownInbox(): ByteQueue {
    if (this.inbox === NOTHING_WAITS) this.inbox = ByteQueue.take()
    return this.inbox
  }

  /** Takes a failure out, to be thrown. */
  takeError(): Error | null {
    const { error } = this
    this.error = null
    return error
  }

  /** Throws what keeps bytes from being sent. */
  checkSending(): void {
    if (this.error !== null) throw this.takeError()
    if (this.sendEnded) throw osError('EPIPE')
  }

  /** Ends receiving: what is there can still be read. */
  endReading(): void {
    this.received(null)
  }

  /** Takes a chunk from the peer, or its end. */
  received(chunk: Buffer | null): void {
    if (this.eof) return
    if (chunk === null) this.set(EOF, true)
    else this.ownInbox().push(chunk)
    const { reader, inbox } = this
    const enough = reader === null || this.eof || inbox.length >= reader.want
    if (enough && inbox.length > HIGH_WATER_MARK) this.hold()
    if (this.owner !== null) this.owner.changed()
    if (reader !== null && enough) this.serveReader()
  }

  /** Gives the reader what it waits for. */
  protected serveReader(): void {
    const { reader } = this
    if (reader === null || (!this.eof && this.inbox.length < reader.want)) return
    this.reader = null
    reader.serve()
  }

  /** Serves the writers whose bytes are out. */
  flushed(): void {
    if (this.writers !== null) {
      const out = this.accepted - this.unsent
      while (this.writers.length > 0 && this.writers[0]!.mark <= out) this.writers.shift()!.serve()
    }
    if (this.owner !== null) this.owner.changed()
  }

  /** Tells a failure to whoever waits, or keeps it for the next call. */
  failed(error: Error): void {
    const waited = this.failWaiters(error)
    if (!waited) this.error = error
    this.sendEnded = true
    this.received(null)
  }

  /** Whether anybody waits to read, or until bytes are out: an error for nobody costs more than the rest of a close. */
  get hasWaiters(): boolean {
    return this.reader !== null || this.writers !== null
  }

  /** Wakes everybody who waits, with an error; answers whether anybody did. */
  failWaiters(error: Error): boolean {
    const { reader } = this
    this.reader = null
    const waited = reader?.fail(error) ?? false
    return this.failWriters(error) || waited
  }

  /** As `failWaiters`, only those who wait until bytes are out. */
  protected failWriters(error: Error): boolean {
    const { writers } = this
    this.writers = null
    let waited = false
    if (writers !== null) for (const writer of writers) waited = writer.fail(error) || waited
    return waited
  }
}
