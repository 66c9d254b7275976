import { Duplex } from 'node:stream'
import { closedElsewhere } from '../errors/make.ts'
import type { Transport } from './transport.ts'

const CHUNK_SIZE = 64 * 1024

/** A transport as a Node stream, for what Node builds on streams, such as TLS. */
export class TransportStream extends Duplex {
  private readonly transport: Transport

  constructor(transport: Transport) {
    super()
    this.transport = transport
  }

  private readonly reader = {
    want: 1,
    serve: (): void => this._read(),
    fail: (error: unknown): boolean => {
      this.destroy(error as Error)
      return true
    },
  }

  override _read(): void {
    const { transport } = this
    if (transport.inbox.length > 0) {
      const piece = transport.inbox.take(CHUNK_SIZE)
      transport.taken()
      this.push(piece)
    } else if (transport.error !== null) {
      this.destroy(transport.takeError()!)
    } else if (transport.eof) {
      this.push(null)
    } else {
      transport.startReading()
      if (transport.reader === null) transport.attach(this.reader)
    }
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    const { transport } = this
    try {
      transport.checkSending()
      transport.send(chunk)
    } catch (error) {
      done(error as Error)
      return
    }
    if (transport.unsent === 0) {
      done()
      return
    }
    const fail = (error: unknown): boolean => {
      done(error as Error)
      return true
    }
    transport.addWriter({ mark: transport.sentMark, serve: () => done(), fail })
  }

  override _final(done: (error?: Error | null) => void): void {
    if (!this.transport.sendEnded) this.transport.endSending()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const { transport } = this
    if (transport.hasWaiters) transport.failWaiters(closedElsewhere())
    transport.close()
    done(error)
  }
}
