import type { Operation } from '@greenlit/core'
import { checkOptions, checkTimeout, checkTimeoutFromZero, Done, type TimeLimit } from '@greenlit/core/engine'
import { type Payload, sizeOf } from '../codec/payload.ts'
import { type SharedReference, shareClass } from '../codec/shared.ts'
import { OSError, osError } from '../errors/os-error.ts'
import { WaitableObject } from '../shared/waitable-object.ts'
import { flag, NONE } from '../tree/arguments.ts'
import type { CallOptions } from '../tree/blocking-call.ts'
import { ObjectRef } from '../tree/object-ref.ts'
import type { Asker } from '../tree/owned-object.ts'
import { tree } from '../tree/tree.ts'
import { bytesOf, checkBuffer, checkBytes, checkWithin, copyInto, expiredReceive, messageOf } from './messages.ts'
import { BlockingSend, expiredSend, PipelinedSend } from './send.ts'

/** The number of the last reference sent to an unknown destination. */
let lastTransit = 0

/** How many unacknowledged bytes `send` may have in flight to a remote owner before it waits. */
const MAX_UNACKNOWLEDGED = 65_536

interface SendBytesOptions {
  offset?: number | undefined
  size?: number | undefined
  timeout?: TimeLimit
}

interface ReceiveBytesOptions {
  maxlength?: number | undefined
  maxLength?: number | undefined
  timeout?: TimeLimit
}

/**
 * One end of a pipe between processes (Python: multiprocessing.connection.Connection). Messages arrive whole and in order. Each
 * goes to exactly one of the readers at the other end, in whichever process; if that reader is killed, the message is not lost.
 *
 * @example
 * const [mine, its] = Pipe()
 * new Process({ target, args: [its] }).start()
 * its.close() // the child now has its own
 * yield* mine.send({ question: 1 })
 * const answer = yield* mine.recv()
 */
export class Connection extends WaitableObject {
  /** Whether it can be read from. */
  readonly readable: boolean
  /** Whether it can be written to. */
  readonly writable: boolean
  private isClosed = false
  private peerClosed = false
  private unacknowledged = 0
  private isWatchingPeer = false
  /** Whether a message was accepted since the peer is watched: only then a later one may do without a reply. */
  private isAccepted = false
  /** The options of a plain `recv`, shared because there are many such calls. */
  private readonly receiving: CallOptions<unknown> = {
    check: () => this.checkReadable(),
    takesNext: true,
    finish: (raw, payload) => messageOf(raw === true, payload!),
  }

  /** @internal */
  constructor(ref: ObjectRef, readable: boolean, writable: boolean) {
    super(ref)
    this.readable = readable
    this.writable = writable
  }

  protected get kind(): string {
    return 'Connection'
  }

  /** Whether this process has closed it. */
  get closed(): boolean {
    return this.isClosed
  }

  /** @internal */
  override toReference(destination: string | undefined, carrier?: string): SharedReference {
    this.checkOpen()
    lastTransit += 1
    const transitId = destination === undefined ? `${tree.id}/${lastTransit}` : null
    this.tell('share', [destination ?? null, transitId, carrier ?? null])
    const key = this.ref.sentTo(destination)
    return ['Connection', this.ref.node, key, this.readable, this.writable, transitId]
  }

  /** @internal */
  recalled(reference: SharedReference, destination: string | undefined): void {
    this.tell('recall', [destination ?? null, reference[5]])
  }

  /** @internal */
  moved(reference: SharedReference, carrier: string): void {
    this.tell('moved', [null, reference[5], carrier])
  }

  /** @internal */
  arrived(reference: SharedReference): void {
    const transitId = reference[5]
    if (transitId !== null) this.tell('arrived', [null, transitId])
    this.isClosed = false
  }

  /**
   * Sends a value as it is now, waiting while too much is unread at the other end.
   *
   * @param value any value that can be sent
   * @param options `timeout`: milliseconds from 0 up, default none
   * @throws {BrokenPipeError} if the other end is closed; {OSError} if this end is closed or read-only; {SerializationError} for a
   *   value that cannot be sent; {TimeoutError} on expiry: the value is then not sent
   */
  send(value: unknown, options?: { timeout?: TimeLimit }): Operation<undefined> {
    return this.sendMessage(value, false, checkTimeoutFromZero(checkOptions(options).timeout))
  }

  /**
   * Sends bytes as one message.
   *
   * @param bytes the bytes to send; a string is encoded as UTF-8
   * @param offset where in the bytes to begin. Default 0. It and `size` may also be among the options, which then take its place
   * @param size how many bytes to send. Default all from `offset`
   * @throws {RangeError} at once, if the offset or size is out of bounds; otherwise as `send`
   */
  sendBytes(
    bytes: Uint8Array | ArrayBufferView | ArrayBuffer | string,
    offset: number | SendBytesOptions = 0,
    size?: number,
    options: { timeout?: TimeLimit } = {},
  ): Operation<undefined> {
    const given: SendBytesOptions =
      typeof offset === 'object' ? checkOptions(offset) : { ...checkOptions(options), offset, size }
    const { offset: start = 0, size: length, timeout } = given
    const whole = checkBytes(bytes)
    checkWithin('offset', start, whole.length)
    checkWithin('size', length ?? 0, whole.length - start)
    const part = whole.subarray(start, start + (length ?? whole.length))
    return this.sendMessage(part, true, checkTimeoutFromZero(timeout))
  }

  private sendMessage(message: unknown, raw: boolean, timeout: TimeLimit): Operation<undefined> {
    return this.ref.owned === null
      ? new PipelinedSend(this, message, raw, timeout)
      : new BlockingSend(this, message, raw, timeout)
  }

  /** @internal Throws if this end is closed or read-only. */
  checkWritable(): void {
    this.checkOpen()
    if (!this.writable) throw new OSError('EBADF', { strerror: 'connection is read-only' })
  }

  /**
   * @internal Sends a message to a remote owner without waiting for a reply. Returns false if the caller has to use `sendAndWait`
   *   instead.
   */
  sendPipelined(payload: Payload, raw: boolean): boolean {
    this.unacknowledged += sizeOf(payload)
    // Out-of-band parts may be refused on the way, and without a reply nobody would find out.
    if (!this.isAccepted || this.unacknowledged >= MAX_UNACKNOWLEDGED || payload.extras !== undefined) return false
    try {
      tree.requests.tell(this.ref, 'send', flag(raw), payload)
    } catch (error) {
      payload.recall?.()
      throw error
    }
    return true
  }

  /** @internal Sends a message and waits until it and all earlier ones have been accepted. */
  sendAndWait(payload: Payload, raw: boolean, timeout: TimeLimit): Operation<undefined> {
    const finish = () => {
      this.unacknowledged = 0
      this.isAccepted = true
      return undefined
    }
    const options = { payload: () => payload, timeout, onExpiry: expiredSend, expiresThere: true, finish }
    return this.ask<undefined>('send', flag(raw), options)
  }

  /** @internal Throws if nobody can read what is sent. */
  checkPeer(): void {
    this.watchPeer()
    if (this.peerClosed || !tree.reaches(this.ref.node)) throw osError('EPIPE')
  }

  /** Asks the owner to report when the other end is closed: pipelined messages have no reply that could say so. */
  private watchPeer(): void {
    if (this.isWatchingPeer) return
    this.isWatchingPeer = true
    const end = () => {
      this.peerClosed = true
      return true
    }
    const asker: Asker = { node: tree.id, answer: end, fail: end }
    tree.requests.ask(asker, this.ref, 'untilPeerClosed', [], undefined)
  }

  /**
   * Receives a value, waiting for one. A kill or timeout consumes none.
   *
   * @param options `timeout`: milliseconds from 0 up, default none
   * @throws {EOFError} if nothing is left and the other end is closed; {OSError} if this end is closed or write-only;
   *   {TimeoutError} on expiry
   */
  recv<T = unknown>(options?: { timeout?: TimeLimit }): Operation<T> {
    if (options !== undefined) return this.receive<T>(options, messageOf<T>)
    return this.ask<T>('recv', NONE, this.receiving as CallOptions<T>)
  }

  /**
   * Receives a message of bytes.
   *
   * @param options `maxlength`: the longest message accepted, in bytes; also spelled `maxLength`, or given as a plain number;
   *   `timeout`: milliseconds from 0 up
   * @throws {OSError} for a longer message, which is lost, and this end is closed; otherwise as `recv`
   */
  recvBytes(options?: number | ReceiveBytesOptions): Operation<Buffer> {
    const given: ReceiveBytesOptions = typeof options === 'number' ? { maxlength: options } : checkOptions(options)
    const maxlength = given.maxlength ?? given.maxLength ?? Infinity
    if (maxlength !== Infinity) checkWithin('maxlength', maxlength, Infinity)
    return this.receive<Buffer>(given, (raw, payload) => {
      const bytes = bytesOf(raw, payload)
      if (bytes.length <= maxlength) return Buffer.from(bytes)
      this.close()
      throw new OSError('EMSGSIZE', { strerror: 'bad message length' })
    })
  }

  /**
   * Receives a message of bytes into a buffer.
   *
   * @param buffer the buffer to fill
   * @param offset where in the buffer to begin. Default 0
   * @returns the length of the message
   * @throws {BufferTooShort} if the message does not fit: the error's `bytes` holds it; otherwise as `recv`
   */
  recvBytesInto(
    buffer: Uint8Array | ArrayBufferView,
    offset = 0,
    options: { timeout?: TimeLimit } = {},
  ): Operation<number> {
    const target = checkBuffer(buffer)
    checkWithin('offset', offset, target.length)
    return this.receive<number>(options, (raw, payload) => copyInto(target, offset, bytesOf(raw, payload)))
  }

  private receive<T>(options: { timeout?: TimeLimit }, finish: (raw: boolean, payload: Payload) => T): Operation<T> {
    const timeout = checkTimeoutFromZero(checkOptions(options).timeout)
    return this.ask<T>('recv', NONE, {
      check: this.receiving.check!,
      timeout,
      onExpiry: expiredReceive,
      // Only the owner knows whether there is a message without waiting.
      expiresThere: timeout === 0,
      takesNext: true,
      finish: (raw, payload) => finish(raw === true, payload!),
    })
  }

  private checkReadable(): void {
    this.checkOpen()
    if (!this.readable) throw new OSError('EBADF', { strerror: 'connection is write-only' })
  }

  /**
   * Returns whether `recv` would return or throw without waiting; that includes the end of all messages.
   *
   * @param options how long to wait, in milliseconds, as `timeout` or as a plain number. Default 0; `undefined` and `Infinity` wait
   *   forever
   */
  poll(options: number | { timeout?: TimeLimit } = 0): Operation<boolean> {
    const timeout = checkTimeout(typeof options === 'object' ? options?.timeout : options)
    const block = !(typeof timeout === 'number' && timeout <= 0)
    const check = this.receiving.check!
    return this.ask<boolean>('poll', flag(block), block ? { check, timeout, onExpiry: () => false } : { check })
  }

  /**
   * Closes this end for this process, at once. Greenlets still waiting to receive here get {OSError}; messages already sent still
   * arrive.
   */
  close(): Operation<undefined> {
    if (!this.isClosed) this.tell('close', NONE)
    this.isClosed = true
    return new Done()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** Notifies the owner. If the owner is gone, the notification does not matter. */
  private tell(method: string, args: readonly unknown[]): void {
    if (this.ref.owned === null) tree.requests.tell(this.ref, method, args, undefined)
    else this.callNow(method, args)
  }

  private checkOpen(): void {
    if (this.isClosed) throw new OSError('EBADF', { strerror: 'handle is closed' })
  }

  protected override get readiness(): readonly [method: string, block: boolean] {
    this.checkOpen()
    return ['poll', true]
  }
}

shareClass('Connection', Connection, ([, node, key, readable, writable]) => {
  return new Connection(ObjectRef.at(node, key), readable === true, writable === true)
})
