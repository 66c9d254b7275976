import type { TimeLimit } from '@greenlit/core/engine'
import { branded } from '@greenlit/core/engine'
import { Reading, type StreamUser } from './reading.ts'
import type { Transport } from './transport.ts'

/** The stream ended before what was asked for had come (Python: EOFError). */
export class EOFError extends /* @__PURE__ */ branded('EOFError') {
  readonly code: string = 'EOF'
}

/** As `EOFError`, with the bytes that did come (asyncio: IncompleteReadError). */
export class IncompleteReadError extends /* @__PURE__ */ branded('IncompleteReadError', EOFError) {
  override readonly code: string = 'INCOMPLETE_READ'
  /** What came before the end. */
  readonly partial: Buffer
  /** How many bytes were asked for. */
  readonly expected: number

  constructor(partial: Buffer, expected: number) {
    super(`${partial.length} bytes read on a total of ${expected} expected bytes`)
    this.partial = partial
    this.expected = expected
  }
}

/** `recvExact`: so many bytes in one piece. The greenlet is parked once, however many packets they come in. */
export class RecvExact extends Reading<Buffer> {
  readonly want: number

  constructor(socket: StreamUser, size: number, timeout: TimeLimit) {
    super(socket, timeout)
    this.want = size
  }

  protected collect(transport: Transport): Buffer {
    const bytes = transport.inbox.takeJoined(this.want)
    if (bytes.length < this.want) throw new IncompleteReadError(bytes, this.want)
    return bytes
  }

  protected giveBack(transport: Transport, answer: Buffer): void {
    transport.putBack(answer)
  }

  override describe(): string {
    return 'Socket.recvExact'
  }
}
