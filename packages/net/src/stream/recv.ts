import type { TimeLimit } from '@greenlit/core/engine'
import { MSG_DONTWAIT, MSG_OOB, MSG_PEEK, MSG_WAITALL } from '../constants.ts'
import { osError } from '../errors/make.ts'
import { noBytes } from './byte-queue.ts'
import { Reading, type StreamUser } from './reading.ts'
import type { Transport } from './transport.ts'

/** `recv`: the next bytes, at most so many. */
export class Recv extends Reading<Buffer> {
  private readonly size: number
  private readonly flags: number

  constructor(socket: StreamUser, size: number, flags: number, timeout: TimeLimit) {
    super(socket, (flags & MSG_DONTWAIT) === 0 ? timeout : 0)
    this.size = size
    this.flags = flags
    if ((flags & MSG_WAITALL) !== 0) this.want = size
    else if (size === 0) this.want = 0
  }

  override start(): boolean {
    if ((this.flags & MSG_OOB) !== 0) throw osError('EOPNOTSUPP', 'Node gives no out-of-band data (MSG_OOB)')
    return super.start()
  }

  protected collect(transport: Transport): Buffer {
    if (this.flags === 0) return transport.inbox.take(this.size)
    if ((this.flags & MSG_PEEK) !== 0) return transport.inbox.peek(this.size)
    if ((this.flags & MSG_WAITALL) !== 0) return transport.inbox.takeJoined(this.size)
    return this.size === 0 ? noBytes() : transport.inbox.take(this.size)
  }

  protected giveBack(transport: Transport, answer: Buffer): void {
    if ((this.flags & MSG_PEEK) === 0) transport.inbox.unshift(answer)
  }
}

/** `recvInto`: the next bytes, into a buffer of the caller's. */
export class RecvInto extends Reading<number> {
  private readonly target: Uint8Array
  private readonly flags: number

  constructor(socket: StreamUser, target: Uint8Array, flags: number, timeout: TimeLimit) {
    super(socket, (flags & MSG_DONTWAIT) === 0 ? timeout : 0)
    this.target = target
    this.flags = flags
    this.want = (flags & MSG_WAITALL) === 0 ? Math.min(1, target.length) : target.length
  }

  protected collect(transport: Transport): number {
    if ((this.flags & MSG_PEEK) === 0) return transport.inbox.takeInto(this.target)
    const bytes = transport.inbox.peek(this.target.length)
    this.target.set(bytes)
    return bytes.length
  }

  protected giveBack(transport: Transport, filled: number): void {
    if ((this.flags & MSG_PEEK) === 0) transport.inbox.unshift(Buffer.from(this.target.subarray(0, filled)))
  }

  override describe(): string {
    return 'Socket.recvInto'
  }
}
