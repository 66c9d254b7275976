import type { Duplex } from 'node:stream'
import { withCallLines } from '@greenlit/core/engine'
import { inUse, osError } from '../errors/make.ts'
import { ByteQueue } from './byte-queue.ts'

/** Receiving pauses above this many unread bytes, so that flow control holds the peer back. */
const HIGH_WATER_MARK = 256 * 1024
/** Receiving resumes at or below this many unread bytes. */
const LOW_WATER_MARK = 64 * 1024
/** `send` blocks while the kernel has this many bytes yet to take. */
export const SEND_LIMIT = 64 * 1024
/** The size of a file's buffer (Python: io.DEFAULT_BUFFER_SIZE). */
export const FILE_BUFFER = 8192

const EOF = 1
const SEND_ENDED = 2
const AUTO_CORK = 4
const BUFFERED = 8
/** The lowest bit that subclasses may use. */
export const SUBCLASS_FLAGS = 16

/** The shared inbox of all connections with nothing to read; never filled. */
const EMPTY_INBOX = new ByteQueue()

/** The one greenlet that is reading. */
export interface Reader {
  /** How many bytes must have arrived before it is served. */
  readonly want: number
  /** The socket it waits through. */
  readonly via?: object
  /** Takes the bytes and wakes the greenlet. At the end of the stream there may be fewer than `want`. */
  serve(): void
  fail(error: unknown): boolean
  /** Called when bytes were put back in front of those the reader has already examined. */
  lookAgain?(): void
}

/** A greenlet waiting until its bytes are flushed. */
export interface Writer {
  /** The writer is served once this many bytes have been flushed since the start of the connection. */
  readonly mark: number
  /** The socket it waits through. */
  readonly via?: object
  serve(): void
  fail(error: unknown): boolean
}

/** Is notified that readiness may have changed. */
export interface TransportOwner {
  changed(): void
}

/**
 * One end of a connected byte stream: the received bytes, and the greenlets waiting to read and to send. Subclasses move the bytes:
 * through a Node socket, or in memory straight to the other end.
 */
export abstract class Transport {
  /** Received bytes that have not been read yet; `received` and `putBack` fill it. */
  inbox: ByteQueue = EMPTY_INBOX
  /** A failure that no call has reported yet. Each is reported once, as in the kernel. */
  error: Error | null = null
  owner: TransportOwner | null = null
  reader: Reader | null = null
  /** The number of bytes taken from callers since the start. */
  protected accepted = 0
  /** State flags, as bits: separate fields would cost an idle connection more than its greenlet does. */
  private flags = 0
  private writers: Writer[] | null = null

  /** Whether something outside the hub (the kernel) moves the bytes. */
  abstract readonly isExternal: boolean
  /** The number of bytes not flushed yet. */
  abstract get unsent(): number
  /** Takes bytes to send, which must not change until they are flushed. Throws if they cannot be sent. */
  abstract send(bytes: Buffer): void
  /** Like `send`, for callers that do not wait: their buffer may be reused immediately. */
  abstract sendCopy(bytes: Buffer): void
  /** Ends the sending direction once all accepted bytes have been sent. */
  abstract endSending(): void
  /** Starts receiving, if that has not happened yet. */
  abstract startReading(): void
  /** Stops reading for good and returns the connection, with any unread bytes, as a Node stream, for TLS to take over. */
  abstract handOver(): Duplex
  /** Closes the connection; bytes accepted for sending still go out. */
  abstract close(): void
  /** Called when a writer gives up: bytes accepted so far but not sent may be discarded on close. */
  protected abstract abandon(): void
  /** Closes the connection with a reset. */
  abstract reset(): void
  /** Pauses receiving. */
  protected abstract pause(): void
  /** Resumes receiving. */
  protected abstract resume(): void

  protected hasFlag(flag: number): boolean {
    return (this.flags & flag) !== 0
  }

  protected setFlag(flag: number, on: boolean): void {
    if (on) this.flags |= flag
    else this.flags &= ~flag
  }

  /** Whether the peer, or `shutdown`, has ended the receiving direction; unread bytes may remain. */
  get eof(): boolean {
    return this.hasFlag(EOF)
  }

  /** Whether the sending direction has ended. */
  get sendEnded(): boolean {
    return this.hasFlag(SEND_ENDED)
  }

  set sendEnded(ended: boolean) {
    this.setFlag(SEND_ENDED, ended)
    // Sending now fails instead of blocking, which counts as writable.
    if (this.owner !== null) this.owner.changed()
  }

  /** Whether bytes are collected and sent together at the end of the turn. */
  get autoCork(): boolean {
    return this.hasFlag(AUTO_CORK)
  }

  set autoCork(on: boolean) {
    this.setFlag(AUTO_CORK, on)
  }

  /** Whether a file reads from this connection. In Python its buffer would hold the bytes that are unread here. */
  get buffered(): boolean {
    return this.hasFlag(BUFFERED)
  }

  set buffered(on: boolean) {
    this.setFlag(BUFFERED, on)
  }

  /** The mark that stands for everything accepted so far. */
  get sentMark(): number {
    return this.accepted
  }

  /** Registers the reader; throws if there is one already. */
  attach(reader: Reader): void {
    if (this.reader !== null) throw inUse()
    this.reader = reader
    if (reader.want > LOW_WATER_MARK) this.resume()
  }

  detach(reader: Reader): void {
    if (this.reader === reader) this.reader = null
  }

  /** Throws if there is already a reader. */
  checkReader(): void {
    if (this.reader !== null) throw inUse()
  }

  addWriter(writer: Writer): void {
    if (this.writers === null) this.writers = [writer]
    else this.writers.push(writer)
  }

  /** Whether all bytes up to a mark are flushed, even if the writer waiting for them has not been served yet. */
  isOut(mark: number): boolean {
    return mark <= this.accepted - this.unsent
  }

  /** Removes a writer that stops waiting while some of its bytes are still unsent. */
  giveUp(writer: Writer): void {
    this.removeWriter(writer)
    this.abandon()
  }

  removeWriter(writer: Writer): void {
    const index = this.writers?.indexOf(writer) ?? -1
    if (index >= 0) this.writers!.splice(index, 1)
  }

  /** Must be called after bytes were taken from the inbox. */
  taken(): void {
    const { inbox } = this
    if (inbox.length > LOW_WATER_MARK) return
    this.resume()
    if (inbox.length > 0 || inbox === EMPTY_INBOX) return
    this.inbox = EMPTY_INBOX
    ByteQueue.recycle(inbox)
  }

  /** Puts back bytes that were taken, and serves them to a reader that has started to wait in the meantime. */
  putBack(bytes: Buffer): void {
    this.ownInbox().unshift(bytes)
    if (this.owner !== null) this.owner.changed()
    this.reader?.lookAgain?.()
    this.serveReader()
  }

  private ownInbox(): ByteQueue {
    if (this.inbox === EMPTY_INBOX) this.inbox = ByteQueue.acquire()
    return this.inbox
  }

  /** Takes the pending failure, to be thrown. */
  takeError(): Error | null {
    const { error } = this
    this.error = null
    return withCallLines(error, this.takeError)
  }

  /** Throws if bytes cannot be sent: the pending failure, or EPIPE. */
  checkSending(): void {
    if (this.error !== null) throw this.takeError()
    if (this.sendEnded) throw osError('EPIPE')
  }

  /** Ends receiving; bytes that have arrived can still be read. */
  endReading(): void {
    this.received(null)
  }

  /** Accepts a chunk from the peer, or `null` for the end of the stream. */
  received(chunk: Buffer | null): void {
    if (this.eof) return
    if (chunk === null) this.setFlag(EOF, true)
    else this.ownInbox().push(chunk)
    const { reader, inbox } = this
    const enough = reader === null || this.eof || inbox.length >= reader.want
    if (enough && inbox.length > HIGH_WATER_MARK) this.pause()
    if (this.owner !== null) this.owner.changed()
    if (reader !== null && enough) this.serveReader()
  }

  /** Serves the reader if what it waits for has arrived. */
  protected serveReader(): void {
    const { reader } = this
    if (reader === null || (!this.eof && this.inbox.length < reader.want)) return
    this.reader = null
    reader.serve()
  }

  /** Serves the writers whose bytes are flushed. */
  flushed(): void {
    if (this.writers !== null) {
      const out = this.accepted - this.unsent
      while (this.writers.length > 0 && this.writers[0]!.mark <= out) this.writers.shift()!.serve()
    }
    if (this.owner !== null) this.owner.changed()
  }

  /** Fails all waiting greenlets with an error, or keeps it for the next call if there are none. Ends both directions. */
  failed(error: Error): void {
    const waited = this.failWaiters(error)
    if (!waited) this.error = error
    this.sendEnded = true
    this.received(null)
  }

  /** Whether any greenlet is waiting. Ask before creating an error, which costs more than the rest of a close. */
  get hasWaiters(): boolean {
    return this.reader !== null || this.writers !== null
  }

  /** Wakes all waiting greenlets with an error; returns whether there were any. */
  failWaiters(error: Error): boolean {
    const { reader } = this
    this.reader = null
    const waited = reader?.fail(error) ?? false
    return this.failWriters(error) || waited
  }

  /** Wakes the greenlets that wait through one of the connection's sockets with an error. */
  failWaitersOf(socket: object, error: Error): void {
    const { reader, writers } = this
    if (reader?.via === socket) {
      this.reader = null
      reader.fail(error)
    }
    for (const writer of writers?.filter((each) => each.via === socket) ?? []) {
      this.removeWriter(writer)
      writer.fail(error)
    }
  }

  /** Like `failWaiters`, for writers only. */
  protected failWriters(error: Error): boolean {
    const { writers } = this
    this.writers = null
    let waited = false
    if (writers !== null) for (const writer of writers) waited = writer.fail(error) || waited
    return waited
  }
}
