import type { Socket } from 'node:net'
import type { Payload } from '../codec/payload.ts'
import { SerializationError } from '../errors/process-error.ts'
import type { Header, Transport } from './transport.ts'

/** The lengths of the whole message and of its header, in front of each message. */
const PREFIX = 8
/** Added to the header's length: what kind of payload follows, if any. */
const TEXT = 2 ** 28
const BYTES = 2 ** 29
const HEADER_LENGTH = TEXT - 1
/** Payloads up to this many bytes are copied behind their header, so that a message is one piece of memory. */
const MOST_COPIED = 16_384

/**
 * Messages over a pipe between processes. All that is sent in one turn goes out in one write.
 *
 *     | length | header's length | header as JSON | payload |
 */
export class PipeTransport implements Transport {
  onMessage: (header: Header, payload: Payload | undefined) => void = () => {}
  onEnd: () => void = () => {}
  private readonly socket: Socket
  private outgoing: Uint8Array[] = []
  private flushing = false
  private pieces: Buffer[] = []
  private held = 0
  private needed = PREFIX
  private ended = false

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => this.arrived(chunk))
    socket.on('error', () => {})
    socket.on('end', () => this.end())
    socket.on('close', () => this.end())
  }

  send(header: Header, payload?: Payload): void {
    if (payload?.extras !== undefined)
      throw new SerializationError(
        "Expected a value that can go to another process: shared and handed-over memory can only go to threads, with `context: 'thread'`",
      )
    const bytes = payload?.bytes
    const text = JSON.stringify(header)
    const headerLength = Buffer.byteLength(text)
    if (bytes === undefined)
      this.sendText(headerLength, payload === undefined ? text : text + payload.text, payload !== undefined)
    else this.sendBytes(headerLength, text, bytes)
    if (this.flushing) return
    this.flushing = true
    queueMicrotask(this.writeAll)
  }

  private readonly writeAll = (): void => this.write()

  private sendText(headerLength: number, text: string, hasPayload: boolean): void {
    const length = PREFIX + (hasPayload ? Buffer.byteLength(text) : headerLength)
    const message = Buffer.allocUnsafe(length)
    message.writeUInt32LE(length, 0)
    message.writeUInt32LE(hasPayload ? headerLength + TEXT : headerLength, 4)
    message.write(text, PREFIX)
    this.outgoing.push(message)
  }

  private sendBytes(headerLength: number, header: string, bytes: Uint8Array): void {
    const length = PREFIX + headerLength + bytes.length
    const copied = bytes.length <= MOST_COPIED
    const message = Buffer.allocUnsafe(copied ? length : PREFIX + headerLength)
    message.writeUInt32LE(length, 0)
    message.writeUInt32LE(headerLength + BYTES, 4)
    message.write(header, PREFIX)
    if (copied) message.set(bytes, PREFIX + headerLength)
    this.outgoing.push(message)
    if (!copied) this.outgoing.push(bytes)
  }

  private write(done?: () => void): void {
    this.flushing = false
    const { outgoing, socket } = this
    if (outgoing.length === 0 || socket.destroyed || socket.writableEnded) {
      done?.()
      return
    }
    this.outgoing = []
    if (outgoing.length > 1) socket.cork()
    for (let index = 0; index < outgoing.length - 1; index += 1) socket.write(outgoing[index]!)
    socket.write(outgoing.at(-1)!, done)
    if (outgoing.length > 1) socket.uncork()
  }

  flush(done: () => void): void {
    this.outgoing.push(new Uint8Array(0))
    this.write(done)
  }

  private arrived(chunk: Buffer): void {
    this.pieces.push(chunk)
    this.held += chunk.length
    if (this.held < this.needed) return
    const all = this.pieces.length === 1 ? chunk : Buffer.concat(this.pieces, this.held)
    let offset = 0
    this.needed = PREFIX
    while (all.length - offset >= PREFIX) {
      const length = all.readUInt32LE(offset)
      if (all.length - offset < length) {
        this.needed = length
        break
      }
      this.deliver(all.subarray(offset, offset + length))
      offset += length
    }
    this.pieces = offset === all.length ? [] : [offset === 0 ? all : all.subarray(offset)]
    this.held = all.length - offset
  }

  private deliver(message: Buffer): void {
    const mark = message.readUInt32LE(4)
    const headerEnd = PREFIX + (mark & HEADER_LENGTH)
    const header = JSON.parse(message.toString('utf8', PREFIX, headerEnd)) as Header
    let payload: Payload | undefined
    if (mark >= BYTES) payload = { bytes: message.subarray(headerEnd) }
    else if (mark >= TEXT) payload = { text: message.toString('utf8', headerEnd) }
    this.onMessage(header, payload)
  }

  private end(): void {
    if (this.ended) return
    this.ended = true
    this.socket.destroy()
    this.onEnd()
  }

  ref(): void {
    this.socket.ref()
  }

  unref(): void {
    this.socket.unref()
  }

  destroy(): void {
    this.socket.destroy()
  }
}
