import type { Transferable as NodeTransferable } from 'node:worker_threads'
import type { Payload } from '../codec/payload.ts'
import type { Header, Transport } from './transport.ts'

/**
 * Messages between threads, each as its header and its payload: text, bytes, bytes with what goes beside them, or nothing. Text costs
 * least to post, so a header is text.
 */
type Posted = (string | Uint8Array | [bytes: Uint8Array, extras: readonly unknown[]] | undefined)[]

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
  private outgoing: Posted = []
  private ended = false

  constructor(port: Port) {
    this.port = port
    port.on('message', (posted) => {
      const parts = posted as Posted
      for (let index = 0; index < parts.length; index += 2)
        this.onMessage(JSON.parse(parts[index] as string) as Header, payloadOf(parts[index + 1]))
    })
  }

  send(header: Header, payload?: Payload): void {
    if (this.ended) return
    if (payload?.extras !== undefined) {
      // What is handed over must be refused here, if it is, and not together with others.
      this.post()
      this.port.postMessage(
        [JSON.stringify(header), [payload.bytes, payload.extras]],
        payload.transfers as unknown as readonly NodeTransferable[],
      )
      return
    }
    const body =
      payload === undefined ? undefined : payload.bytes === undefined ? payload.text : ownBytes(payload.bytes)
    this.outgoing.push(JSON.stringify(header), body)
    if (this.outgoing.length === 2) queueMicrotask(this.post)
  }

  private readonly post = (): void => {
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

function payloadOf(part: Posted[number]): Payload | undefined {
  if (part === undefined) return undefined
  if (typeof part === 'string') return { text: part }
  return Array.isArray(part) ? { bytes: part[0], extras: part[1] } : { bytes: part }
}
