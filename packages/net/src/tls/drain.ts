import { Reading } from '../stream/reading.ts'
import type { Transport } from '../stream/transport.ts'

/** Reads and discards everything up to the end of the stream, as one wait under one time limit. */
export class Drain extends Reading<undefined> {
  readonly want = 1

  protected override hasEnough(transport: Transport): boolean {
    this.collect(transport)
    return transport.eof
  }

  protected collect(transport: Transport): undefined {
    while (transport.inbox.length > 0) transport.inbox.take(Infinity)
    transport.taken()
  }

  protected putBack(): void {}

  override serve(): void {
    const transport = this.transport!
    this.collect(transport)
    if (transport.eof) this.wake(undefined)
    else transport.attach(this)
  }

  override describe(): string {
    return 'SSLSocket.unwrap'
  }
}
