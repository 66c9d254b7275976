import type { Transferable as NodeTransferable } from 'node:worker_threads'
import type { BytesPayload, Payload } from '../codec/payload.ts'
import { SerializationError } from '../errors/process-error.ts'
import { readTextFrames, textFrame } from './frames.ts'
import type { Header, Transport } from './transport.ts'
import { isPrompt, receiveInTurn, writeAtEndOfTurn } from './turn.ts'

/** One or more text frames, or one message with bytes and out-of-band parts. */
type Part = string | [header: string, bytes: Uint8Array, extras?: readonly unknown[]]

/** The form in which parts are posted: a string by itself is cheapest. */
type Posted = string | Part[]

/** Either end of the channel between a thread and the thread that started it: a `Worker`, or the worker's `parentPort`. */
export interface Port {
  postMessage(value: unknown, transfers?: readonly NodeTransferable[]): void
  on(event: 'message', listener: (value: unknown) => void): unknown
  ref(): void
  unref(): void
}

/** Messages between the threads of a process. Everything sent in one turn of the event loop is posted together. */
export class PortTransport implements Transport {
  onMessage: (header: Header, payload: Payload | undefined) => void = () => {}
  onEnd: () => void = () => {}
  private readonly port: Port
  /** What to post before `text`. */
  private parts: Part[] = []
  private text = ''
  private isScheduled = false
  private ended = false

  constructor(port: Port) {
    this.port = port
    const receive = (posted: Posted) => this.receive(posted)
    port.on('message', (posted) => receiveInTurn(receive, posted as Posted))
  }

  private receive(posted: Posted): void {
    if (typeof posted === 'string') readTextFrames(posted, this.onMessage)
    else for (const part of posted) this.receivePart(part)
  }

  private receivePart(part: Part): void {
    if (typeof part === 'string') {
      readTextFrames(part, this.onMessage)
      return
    }
    const [header, bytes, extras] = part
    this.onMessage(JSON.parse(header) as Header, extras === undefined ? { bytes } : { bytes, extras })
  }

  send(header: Header, payload?: Payload): void {
    if (this.ended) return
    if (payload?.bytes === undefined) {
      this.text += textFrame(header, payload)
    } else if (payload.extras === undefined) {
      this.queuePart([JSON.stringify(header), ownBytes(payload.bytes)])
    } else {
      this.postNow(header, payload)
      return
    }
    if (isPrompt(header)) {
      this.write()
    } else if (!this.isScheduled) {
      this.isScheduled = true
      writeAtEndOfTurn(this)
    }
  }

  /** Appends a part to the queue, after the pending text. */
  private queuePart(part: Part): void {
    if (this.text !== '') this.parts.push(this.text)
    this.text = ''
    this.parts.push(part)
  }

  /**
   * Posts a message with out-of-band parts at once and by itself: if it is refused, its sender must get the error, and no other
   * message may be lost.
   */
  private postNow(header: Header, { bytes, extras, transfers }: BytesPayload): void {
    this.write()
    const part: Part = [JSON.stringify(header), bytes, extras!]
    try {
      this.port.postMessage([part], transfers as unknown as readonly NodeTransferable[])
    } catch (error) {
      throw new SerializationError(`Expected a value that can be sent: ${(error as Error).message}`, { cause: error })
    }
  }

  write(): void {
    this.isScheduled = false
    const { text, parts } = this
    if (text === '' && parts.length === 0) return
    this.text = ''
    if (parts.length === 0) {
      this.post(text)
      return
    }
    this.parts = []
    if (text !== '') parts.push(text)
    this.post(parts)
  }

  private post(posted: Posted): void {
    if (!this.ended) this.port.postMessage(posted)
  }

  flush(done: () => void): void {
    this.write()
    queueMicrotask(done)
  }

  /** Called when the other side has ended. */
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
}

/** Posting a view clones its whole buffer, so a small part of a large one is copied out first. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.length === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes)
}
