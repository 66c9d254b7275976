import { Blocking, type TimeLimit } from '@greenlit/core/engine'
import type { Address } from '../address/address.ts'
import { MSG_DONTWAIT, MSG_OOB, MSG_PEEK } from '../constants.ts'
import { osError, timedOut } from '../errors/make.ts'
import { limitOf } from '../limit-of.ts'
import { noBytes } from '../stream/byte-queue.ts'
import { lookSoon } from '../stream/look-soon.ts'
import type { DatagramDescription, DatagramReader } from './datagram-description.ts'
import type { Datagram } from './datagram-queue.ts'

/** The part of a datagram socket that its calls use. */
export interface DatagramUser {
  readonly timeoutValue: number | undefined
  datagramsOf(): DatagramDescription
}

/** A call that waits for the next datagram, which it converts to a `T`. */
export class Receive<T> extends Blocking<T> implements DatagramReader {
  private readonly socket: DatagramUser
  private readonly shape: (data: Buffer, from: Address) => T
  private readonly flags: number
  private readonly timeout: TimeLimit
  private description: DatagramDescription | null = null
  private taken: Datagram | undefined

  /** @param shape turns the datagram into the result, cut to size: bytes that do not fit are discarded */
  constructor(socket: DatagramUser, shape: (data: Buffer, from: Address) => T, flags: number, timeout: TimeLimit) {
    super()
    this.socket = socket
    this.shape = shape
    this.flags = flags
    this.timeout = (flags & MSG_DONTWAIT) === 0 ? timeout : 0
  }

  get via(): object {
    return this.socket
  }

  override get isExternal(): boolean {
    return true
  }

  start(): boolean {
    if ((this.flags & MSG_OOB) !== 0) throw osError('EOPNOTSUPP', 'Node gives no out-of-band data (MSG_OOB)')
    const description = this.socket.datagramsOf()
    this.description = description
    description.checkReader()
    const failure = description.takeError()
    if (failure !== null) throw failure
    if (description.queue.length > 0) {
      this.outcome = this.collect()
      return true
    }
    const limit = limitOf(this.timeout, this.socket)
    if (description.receiveEnded && limit !== 0) {
      this.outcome = this.end()
      return true
    }
    description.attach(this)
    if (limit === 0) lookSoon(this)
    else this.limit(limit)
    return false
  }

  /** @internal */
  lookOnce(): void {
    this.description!.detach(this)
    this.fail(osError('EAGAIN'))
  }

  private collect(): T {
    const { queue } = this.description!
    const datagram = (this.flags & MSG_PEEK) === 0 ? queue.shift() : queue.peek()!
    if ((this.flags & MSG_PEEK) === 0) this.taken = datagram
    return this.shape(datagram[0], datagram[1])
  }

  /** The result once receiving has been shut down: no bytes, from nobody. */
  private end(): T {
    return this.shape(noBytes(), undefined as unknown as Address)
  }

  serveEnd(): void {
    this.wake(this.end())
  }

  serve(): void {
    if (!this.wake(this.collect())) this.discard()
  }

  cancel(): void {
    this.description!.detach(this)
  }

  protected override discard(): void {
    if (this.taken !== undefined) this.description!.putBack(this.taken)
    this.taken = undefined
  }

  override expire(): T {
    throw timedOut()
  }

  describe(): string {
    return 'Socket.recvfrom'
  }
}
