import type { TimeLimit } from '@greenlit/core/engine'
import { MSG_DONTWAIT, MSG_OOB, MSG_PEEK, MSG_WAITALL } from '../constants.ts'
import { osError } from '../errors/make.ts'
import { limitOf } from '../limit-of.ts'
import { Reading, type StreamUser } from './reading.ts'
import type { Transport } from './transport.ts'

/** `recv`: takes the next bytes, at most `size`. */
export class Recv extends Reading<Buffer> {
  protected readonly size: number

  constructor(socket: StreamUser, size: number, timeout: TimeLimit) {
    super(socket, timeout)
    this.size = size
  }

  override get want(): number {
    return this.size === 0 ? 0 : 1
  }

  protected collect(transport: Transport): Buffer {
    return transport.inbox.takeAvailable(this.size)
  }

  protected putBack(transport: Transport, result: Buffer): void {
    transport.putBack(result)
  }
}

/** `recv` with MSG_* flags. */
export class RecvWithFlags extends Recv {
  private readonly flags: number

  constructor(socket: StreamUser, size: number, flags: number, timeout: TimeLimit) {
    super(socket, size, (flags & MSG_DONTWAIT) === 0 ? timeout : 0)
    this.flags = flags
  }

  override get want(): number {
    return waitsForAll(this.flags, this.timeout, this.socket) ? this.size : super.want
  }

  override start(): boolean {
    if ((this.flags & MSG_OOB) !== 0) throw osError('EOPNOTSUPP', 'Node gives no out-of-band data (MSG_OOB)')
    return super.start()
  }

  protected override collect(transport: Transport): Buffer {
    if ((this.flags & MSG_PEEK) !== 0) return transport.inbox.peek(this.size)
    if ((this.flags & MSG_WAITALL) !== 0) return transport.inbox.takeJoined(this.size)
    return transport.inbox.takeAvailable(this.size)
  }

  protected override putBack(transport: Transport, result: Buffer): void {
    if ((this.flags & MSG_PEEK) === 0) transport.putBack(result)
  }
}

/** `recvInto`: moves the next bytes into the caller's buffer. */
export class RecvInto extends Reading<number> {
  private readonly target: Uint8Array
  private readonly flags: number

  constructor(socket: StreamUser, target: Uint8Array, flags: number, timeout: TimeLimit) {
    super(socket, (flags & MSG_DONTWAIT) === 0 ? timeout : 0)
    this.target = target
    this.flags = flags
  }

  override get want(): number {
    const { length } = this.target
    return waitsForAll(this.flags, this.timeout, this.socket) ? length : Math.min(1, length)
  }

  protected collect(transport: Transport): number {
    if ((this.flags & MSG_PEEK) === 0) return transport.inbox.takeInto(this.target)
    const bytes = transport.inbox.peek(this.target.length)
    this.target.set(bytes)
    return bytes.length
  }

  protected putBack(transport: Transport, filled: number): void {
    if ((this.flags & MSG_PEEK) === 0) transport.putBack(Buffer.from(this.target.subarray(0, filled)))
  }

  override describe(): string {
    return 'Socket.recvInto'
  }
}

/** As in the kernel, a non-blocking call takes what there is even with MSG_WAITALL. */
function waitsForAll(flags: number, timeout: TimeLimit, socket: StreamUser): boolean {
  return (flags & MSG_WAITALL) !== 0 && limitOf(timeout, socket) !== 0
}
