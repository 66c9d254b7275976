import type { Transferable as NodeTransferable } from 'node:worker_threads'
import type { Payload } from '../codec/payload.ts'
import type { Header, Transport } from './transport.ts'

/** A message between threads. */
type Posted = [header: Header, bytes: Uint8Array | undefined, extras: readonly unknown[] | undefined]

/** Either end of the line between a thread and the one that started it: a `Worker`, or the worker's `parentPort`. */
export interface Port {
  postMessage(value: unknown, transfers?: readonly NodeTransferable[]): void
  on(event: 'message', listener: (value: unknown) => void): unknown
  ref(): void
  unref(): void
}

/** Messages between the threads of a process. All that is sent in one turn goes out in one post. */
export class PortTransport implements Transport {
  onMessage: (header: Header, payload: Payload | undefined) => void = () => {}
  onEnd: () => void = () => {}
  private readonly port: Port
  private outgoing: Posted[] = []
  private ended = false

  constructor(port: Port) {
    this.port = port
    port.on('message', (messages) => {
      for (const [header, bytes, extras] of messages as Posted[])
        this.onMessage(header, bytes === undefined ? undefined : extras === undefined ? { bytes } : { bytes, extras })
    })
  }

  send(header: Header, payload?: Payload): void {
    if (this.ended) return
    if (payload?.extras !== undefined) {
      // What is handed over must be refused here, if it is, and not together with others.
      this.post()
      this.port.postMessage(
        [[header, payload.bytes, payload.extras]],
        payload.transfers as unknown as readonly NodeTransferable[],
      )
      return
    }
    this.outgoing.push([header, payload === undefined ? undefined : ownBytes(payload.bytes), undefined])
    if (this.outgoing.length === 1) queueMicrotask(() => this.post())
  }

  private post(): void {
    if (this.outgoing.length === 0) return
    const { outgoing } = this
    this.outgoing = []
    if (!this.ended) this.port.postMessage(outgoing)
  }

  flush(done: () => void): void {
    this.post()
    queueMicrotask(done)
  }

  /** Says that the other side has ended. */
  end(): void {
    if (this.ended) return
    this.ended = true
    this.onEnd()
  }

  ref(): void {
    this.port.ref()
  }

  unref(): void {
    this.port.unref()
  }

  destroy(): void {
    this.end()
  }
}

/** Posting a view posts its whole buffer: a small part of a large one is copied out first. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.length === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes)
}
