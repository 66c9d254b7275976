import { osError } from '../errors/make.ts'
import { NetTransport } from '../stream/net-transport.ts'

/** Fits into the send buffer of any fresh connection, so it is out at once. */
const FIRST_PIECE = 1024
/** In how many turns of Node's event loop such a piece is out, with a wide margin. */
const TURNS = 16

/**
 * A stream over TLS. If the peer has disconnected before the last bytes of the handshake could be sent, Node completes none of the
 * writes that follow, and reports no error. This finds out by the first write, and fails with EPIPE from then on.
 */
export class SecureTransport extends NetTransport {
  private hasSent = false
  private isStuck = false
  private isClosing = false

  protected override write(bytes: Buffer): void {
    if (this.hasSent) {
      super.write(bytes)
      return
    }
    this.hasSent = true
    super.write(bytes.subarray(0, FIRST_PIECE))
    if (bytes.length > FIRST_PIECE) super.write(bytes.subarray(FIRST_PIECE))
    const mark = this.accepted - this.unsent
    setImmediate(lookAtFirst, this, mark + 1, TURNS)
  }

  /** @internal */
  foundStuck(): void {
    this.isStuck = true
    this.sendEnded = true
    if (this.hasWaiters) this.failWriters(osError('EPIPE'))
    if (this.isClosing) this.netSocket.destroy()
  }

  override close(): void {
    this.isClosing = true
    super.close()
    if (this.isStuck) this.netSocket.destroy()
  }
}

/** Looks in every turn whether some of the first bytes are out. */
function lookAtFirst(transport: SecureTransport, mark: number, turnsLeft: number): void {
  if (transport.gone || transport.isOut(mark)) return
  if (turnsLeft > 1) setImmediate(lookAtFirst, transport, mark, turnsLeft - 1)
  else transport.foundStuck()
}
