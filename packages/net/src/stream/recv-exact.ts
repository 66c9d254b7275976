import type { Blocking, TimeLimit } from '@greenlit/core/engine'
import { branded } from '@greenlit/core/engine'
import { Reading, type StreamUser } from './reading.ts'
import type { Transport } from './transport.ts'

/**
 * The stream ended before the requested data had arrived (Python: EOFError).
 *
 * @example
 * const header = yield* attempt(client.recvExact(4))
 * if (!header.ok && header.error instanceof EOFError) console.log('the peer has closed')
 */
export class EOFError extends /* @__PURE__ */ branded('EOFError') {
  readonly code: string = 'EOF'
}

/**
 * An `EOFError` that carries the bytes that did arrive (asyncio: IncompleteReadError).
 *
 * @example
 * const header = yield* attempt(client.recvExact(4))
 * if (!header.ok && header.error instanceof IncompleteReadError) console.log(header.error.partial.length, 'of 4 bytes')
 */
export class IncompleteReadError extends /* @__PURE__ */ branded('IncompleteReadError', EOFError) {
  override readonly code: string = 'INCOMPLETE_READ'
  /** The bytes that arrived before the end. */
  readonly partial: Buffer
  /** The number of bytes requested. */
  readonly expected: number

  constructor(partial: Buffer, expected: number) {
    super(`${partial.length} bytes read on a total of ${expected} expected bytes`)
    this.partial = partial
    this.expected = expected
  }
}

/** `recvExact`: takes exactly `size` bytes as one buffer. The greenlet is parked only once, however many packets they arrive in. */
export class RecvExact extends Reading<Buffer> {
  readonly want: number
  private isShort = false

  constructor(socket: StreamUser, size: number, timeout: TimeLimit) {
    super(socket, timeout)
    this.want = size
  }

  override serve(): void {
    if (this.hasEnough(this.transport!)) super.serve()
    else this.isShort = this.wake(undefined)
  }

  // The error takes the bytes along, so it is thrown only when the greenlet runs: a call killed in between has taken nothing.
  override next(): ReturnType<Blocking<Buffer>['next']> {
    if (this.isShort) {
      this.isShort = false
      const transport = this.transport!
      this.outcome = this.collect(transport)
      transport.taken()
    }
    return super.next()
  }

  protected collect(transport: Transport): Buffer {
    const bytes = transport.inbox.takeJoined(this.want)
    if (bytes.length < this.want) throw new IncompleteReadError(bytes, this.want)
    return bytes
  }

  protected putBack(transport: Transport, result: Buffer): void {
    transport.putBack(result)
  }

  override describe(): string {
    return 'Socket.recvExact'
  }
}
