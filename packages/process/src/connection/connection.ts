import type { Operation } from '@greenlit/core'
import { checkOptions, checkTimeout, checkTimeoutFromZero, Done, show, type TimeLimit } from '@greenlit/core/engine'
import { type Payload, sizeOf } from '../codec/payload.ts'
import { type SharedReference, shareClass } from '../codec/shared.ts'
import { OSError, osError } from '../errors/os-error.ts'
import { WaitableObject } from '../shared/waitable-object.ts'
import { flag, NONE } from '../tree/arguments.ts'
import type { AskOptions } from '../tree/ask.ts'
import type { Asker } from '../tree/owned.ts'
import { Place } from '../tree/place.ts'
import { tree } from '../tree/tree.ts'
import { bytesOf, checkWithin, copyInto, expiredReceive, messageOf } from './messages.ts'
import { expiredSend, Send, SendAhead } from './send.ts'

/** The number of what was last sent to nobody knows whom. */
let lastParcel = 0

/** How many bytes may be on their way to an owner elsewhere, unconfirmed, before `send` waits. */
const MOST_UNDERWAY = 65_536

interface ReceiveBytesOptions {
  maxlength?: number
  maxLength?: number
  timeout?: TimeLimit
}

/**
 * One end of a pipe between processes (Python: multiprocessing.connection.Connection). What is sent arrives whole and in order; a
 * message goes to one of those who read at the other end, in whatever process, and none is lost if that one is killed.
 *
 * @example
 * const [mine, its] = Pipe()
 * new Process({ target, args: [its] }).start()
 * its.close() // here: it has its own now
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
  private underway = 0
  private asked = false

  /** @internal */
  constructor(place: Place, readable: boolean, writable: boolean) {
    super(place)
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
  override toReference(destination: string | undefined): SharedReference {
    this.checkOpen()
    lastParcel += 1
    const parcel = destination === undefined ? `${tree.id}/${lastParcel}` : null
    this.tell('share', [destination ?? null, parcel])
    const object = this.place.sentTo(destination)
    return ['Connection', this.place.node, object, this.readable, this.writable, parcel]
  }

  /** @internal */
  recalled(reference: SharedReference, destination: string | undefined): void {
    this.tell('recall', [destination ?? null, reference[5]])
  }

  /** @internal */
  arrived(reference: SharedReference): void {
    const parcel = reference[5]
    if (parcel !== null) this.tell('arrived', [null, parcel])
    this.isClosed = false
  }

  /**
   * Sends a value, as it is now, waiting while too much is unread at the other end.
   *
   * @param value whatever can be sent
   * @param options `timeout`: milliseconds from 0 up, default without end
   * @throws {BrokenPipeError} if the other end is closed; {OSError} if this one is, or is read-only; {SerializationError} for a value
   *   that cannot be sent; {TimeoutError} when the time is over: the value is then not sent
   */
  send(value: unknown, options?: { timeout?: TimeLimit }): Operation<undefined> {
    return this.sendMessage(value, false, checkTimeoutFromZero(checkOptions(options).timeout))
  }

  /**
   * Sends bytes as a message.
   *
   * @param bytes what to send
   * @param offset where in it to begin. Default 0
   * @param size how many bytes. Default all from there
   * @throws {RangeError} at once, for an offset or size outside of it; else as `send`
   */
  sendBytes(bytes: Uint8Array, offset = 0, size?: number, options: { timeout?: TimeLimit } = {}): Operation<undefined> {
    if (!(bytes instanceof Uint8Array)) throw new TypeError(`Expected \`bytes\` to be a Uint8Array, got ${show(bytes)}`)
    checkWithin('offset', offset, bytes.length)
    checkWithin('size', size ?? 0, bytes.length - offset)
    const part = bytes.subarray(offset, size === undefined ? undefined : offset + size)
    return this.sendMessage(part, true, checkTimeoutFromZero(checkOptions(options).timeout))
  }

  private sendMessage(message: unknown, raw: boolean, timeout: TimeLimit): Operation<undefined> {
    this.checkOpen()
    if (!this.writable) throw new OSError('EBADF', { strerror: 'connection is read-only' })
    if (this.place.owned === null) return new SendAhead(this, message, raw, timeout)
    return new Send(this.place, message, raw, timeout)
  }

  /** @internal Sends a message to an owner elsewhere; answers whether there is nothing to wait for. */
  sendNow(payload: Payload, raw: boolean): boolean {
    this.underway += sizeOf(payload)
    // What goes beside its bytes may be refused on the way, which nobody would be told.
    if (this.underway >= MOST_UNDERWAY || payload.extras !== undefined) return false
    try {
      tree.requests.tell(this.place, 'send', flag(raw), payload)
    } catch (error) {
      payload.recall?.()
      throw error
    }
    return true
  }

  /** @internal Sends a message and waits until it and all before it have found room. */
  sendAndWait(payload: Payload, raw: boolean, timeout: TimeLimit): Operation<undefined> {
    const finish = () => {
      this.underway = 0
      return undefined
    }
    return this.ask<undefined>('send', flag(raw), { payload: () => payload, timeout, onExpiry: expiredSend, finish })
  }

  /** @internal */
  checkPeer(): void {
    this.watchPeer()
    if (this.peerClosed || !tree.reaches(this.place.node)) throw osError('EPIPE')
  }

  /** Has the owner say when the other end is closed: messages that go ahead have no answer that could tell. */
  private watchPeer(): void {
    if (this.asked) return
    this.asked = true
    const end = () => {
      this.peerClosed = true
      return true
    }
    const asker: Asker = { node: tree.id, answer: end, fail: end }
    tree.requests.ask(asker, this.place, 'untilPeerClosed', [], undefined)
  }

  /**
   * Receives a value, waiting for one. A kill or timeout takes none.
   *
   * @param options `timeout`: milliseconds from 0 up, default without end
   * @throws {EOFError} if nothing is left and the other end is closed; {OSError} if this one is, or is write-only; {TimeoutError} when
   *   the time is over
   */
  recv<T = unknown>(options?: { timeout?: TimeLimit }): Operation<T> {
    if (options !== undefined) return this.receive<T>(options, messageOf<T>)
    this.checkReadable()
    return this.ask<T>('recv', NONE, RECEIVE as AskOptions<T>)
  }

  /**
   * Receives a message of bytes.
   *
   * @param options `maxlength`: how long it may be, which may be given by itself, and as `maxLength`; `timeout`: milliseconds from 0 up
   * @throws {OSError} for a longer one: it is lost, and this end is closed; else as `recv`
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
   * @param buffer where to
   * @param offset where in it. Default 0
   * @returns how many bytes it was
   * @throws {RangeError} if it does not fit: `bytes` of the error has it; else as `recv`
   */
  recvBytesInto(buffer: Uint8Array, offset = 0, options: { timeout?: TimeLimit } = {}): Operation<number> {
    if (!(buffer instanceof Uint8Array))
      throw new TypeError(`Expected \`buffer\` to be a Uint8Array, got ${show(buffer)}`)
    checkWithin('offset', offset, buffer.length)
    return this.receive<number>(options, (raw, payload) => copyInto(buffer, offset, bytesOf(raw, payload)))
  }

  private receive<T>(options: { timeout?: TimeLimit }, finish: (raw: boolean, payload: Payload) => T): Operation<T> {
    const timeout = checkTimeoutFromZero(checkOptions(options).timeout)
    this.checkReadable()
    return this.ask<T>('recv', NONE, {
      timeout,
      onExpiry: expiredReceive,
      finish: (raw, payload) => finish(raw === true, payload!),
    })
  }

  private checkReadable(): void {
    this.checkOpen()
    if (!this.readable) throw new OSError('EBADF', { strerror: 'connection is write-only' })
  }

  /**
   * Looks whether there is something to receive, which the end of all messages is too.
   *
   * @param options how long to wait, in milliseconds, as `timeout` or by itself; default 0, `undefined` and `Infinity` are without end
   */
  poll(options: number | { timeout?: TimeLimit } = 0): Operation<boolean> {
    const timeout = checkTimeout(typeof options === 'object' ? options?.timeout : options)
    this.checkReadable()
    const block = !(typeof timeout === 'number' && timeout <= 0)
    return this.ask<boolean>('poll', flag(block), block ? { timeout, onExpiry: () => false } : {})
  }

  /** Closes it, for this process, at once: whoever still waits to receive here gets {OSError}, and what was sent still arrives. */
  close(): Operation<undefined> {
    if (!this.isClosed) this.tell('close', NONE)
    this.isClosed = true
    return new Done()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** Tells the owner something; if that is gone, nobody needs to know. */
  private tell(method: string, args: readonly unknown[]): void {
    if (this.place.owned === null) tree.requests.tell(this.place, method, args, undefined)
    else this.act(method, args)
  }

  private checkOpen(): void {
    if (this.isClosed) throw new OSError('EBADF', { strerror: 'handle is closed' })
  }

  protected override get readiness(): readonly [method: string, block: boolean] {
    this.checkOpen()
    return ['poll', true]
  }
}

/** What a plain `recv` needs: it is made often. */
const RECEIVE: AskOptions<unknown> = { finish: (raw, payload) => messageOf(raw === true, payload!) }

shareClass('Connection', Connection, ([, node, object, readable, writable]) => {
  return new Connection(Place.at(node, object), readable === true, writable === true)
})
