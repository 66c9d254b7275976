import { Socket, type SocketConstructorOpts, type TcpSocketConnectOpts } from 'node:net'
import { checkIsBytes, type Payload } from '../codec/payload.ts'
import { FRAME_END, readTextFrames, TEXT_FRAME, textFrame } from './frames.ts'
import type { Header, Transport } from './transport.ts'
import { isPrompt, receiveInTurn, writeAtEndOfTurn } from './turn.ts'

/** The first byte of a binary frame; the length of the frame and that of its header part follow. */
const BYTES_FRAME = 0
const PREFIX = 9
/** Payloads of up to this many bytes are copied behind their header, so that the message is a single buffer. */
const MAX_COPIED = 16_384
/** The size of the read buffer, in bytes. */
const READ_SIZE = 65_536

/**
 * Messages over two pipes between processes, one for each direction: a write to a process that has exited fails, and Node then
 * destroys that pipe together with what has arrived on it. Everything sent in one turn of the event loop is written together.
 *
 *     | header as JSON | 01 | payload as text | 0A |
 *     | 00 | length | end of the header | header as JSON | payload |
 */
export class PipeTransport implements Transport {
  onMessage: (header: Header, payload: Payload | undefined) => void = () => {}
  onEnd: () => void = () => {}
  private readonly input: Socket
  private readonly output: Socket
  /** What to write before `text`. */
  private outgoing: (string | Uint8Array)[] = []
  private text = ''
  private isScheduled = false
  private pieces: Buffer[] = []
  private heldBytes = 0
  /** How many bytes must be held before another message can be complete. */
  private neededBytes = 1
  private ended = false

  /**
   * @param input the pipe to read; or its file descriptor, if this process was started with it
   * @param output the pipe to write, likewise
   */
  constructor(input: Socket | number, output: Socket | number) {
    if (typeof input === 'number') {
      this.input = this.open(input)
    } else {
      this.input = input
      const receive = (chunk: Buffer) => this.receive(chunk)
      input.on('data', (chunk: Buffer) => receiveInTurn(receive, chunk))
    }
    this.output = typeof output === 'number' ? new Socket({ fd: output, readable: false }) : output
    for (const pipe of [this.input, this.output]) pipe.on('error', () => {})
    // Nothing arrives on it, and it must not keep the program alive.
    this.output.resume().unref()
    this.input.on('end', () => this.end())
    this.input.on('close', () => this.end())
  }

  /** Opens a socket that reads into one buffer again and again, which saves a stream and much memory. */
  private open(descriptor: number): Socket {
    const buffer = Buffer.allocUnsafe(READ_SIZE + 1)
    const receive = (size: number) => {
      // A sentinel: the search in `isWholeText` then ends with the data, before stale bytes of earlier reads.
      buffer[size] = BYTES_FRAME
      if (this.heldBytes === 0 && isWholeText(buffer, 0, size))
        readTextFrames(buffer.toString('utf8', 0, size), this.onMessage)
      else this.receive(Buffer.from(buffer.subarray(0, size)))
    }
    const callback = (size: number) => {
      receiveInTurn(receive, size)
      return true
    }
    const options: SocketConstructorOpts & Pick<TcpSocketConnectOpts, 'onread'> = {
      fd: descriptor,
      onread: { buffer: buffer.subarray(0, READ_SIZE), callback },
    }
    const socket = new Socket(options)
    return socket.resume()
  }

  send(header: Header, payload?: Payload): void {
    checkIsBytes(payload)
    if (payload?.bytes === undefined) this.text += textFrame(header, payload)
    else this.sendBytes(JSON.stringify(header), payload.bytes)
    if (isPrompt(header)) {
      this.write()
    } else if (!this.isScheduled) {
      this.isScheduled = true
      writeAtEndOfTurn(this)
    }
  }

  private sendBytes(header: string, bytes: Uint8Array): void {
    const headerEnd = PREFIX + Buffer.byteLength(header)
    const length = headerEnd + bytes.length
    const copied = bytes.length <= MAX_COPIED
    const message = Buffer.allocUnsafe(copied ? length : headerEnd)
    message[0] = BYTES_FRAME
    message.writeUInt32LE(length, 1)
    message.writeUInt32LE(headerEnd, 5)
    message.write(header, PREFIX)
    if (copied) message.set(bytes, headerEnd)
    this.queueText()
    this.outgoing.push(message)
    if (!copied) this.outgoing.push(bytes)
  }

  /** Moves the pending text to the queue, so that what is sent next follows it. */
  private queueText(): void {
    if (this.text !== '') this.outgoing.push(this.text)
    this.text = ''
  }

  write(done?: () => void): void {
    this.isScheduled = false
    const { output, text } = this
    if (output.destroyed || output.writableEnded) {
      done?.()
    } else if (this.outgoing.length === 0) {
      this.text = ''
      if (text !== '' || done !== undefined) output.write(text, done)
    } else {
      this.queueText()
      const { outgoing } = this
      this.outgoing = []
      const last = outgoing.pop()!
      if (outgoing.length > 0) output.cork()
      for (const part of outgoing) output.write(part)
      output.write(last, done)
      if (outgoing.length > 0) output.uncork()
    }
  }

  flush(done: () => void): void {
    this.write(done)
  }

  private receive(chunk: Buffer): void {
    this.heldBytes += chunk.length
    if (this.heldBytes < this.neededBytes) {
      this.pieces.push(chunk)
      return
    }
    let all = chunk
    if (this.pieces.length > 0) {
      this.pieces.push(chunk)
      all = Buffer.concat(this.pieces, this.heldBytes)
      this.pieces = []
    }
    this.heldBytes = 0
    const offset = this.deliver(all)
    if (offset === all.length) return
    this.pieces.push(offset === 0 ? all : all.subarray(offset))
    this.heldBytes = all.length - offset
  }

  /** Delivers the complete messages; returns the offset of the rest. */
  private deliver(all: Buffer): number {
    let offset = 0
    while (offset < all.length) {
      const end = all[offset] === TEXT_FRAME ? this.deliverText(all, offset) : this.deliverBytes(all, offset)
      if (end < 0) return offset
      offset = end
    }
    this.neededBytes = 1
    return offset
  }

  private deliverText(all: Buffer, start: number): number {
    const end = isWholeText(all, start, all.length) ? all.length : all.indexOf(FRAME_END, start) + 1
    this.neededBytes = all.length - start + 1
    if (end === 0) return -1
    readTextFrames(all.toString('utf8', start, end), this.onMessage)
    return end
  }

  private deliverBytes(all: Buffer, start: number): number {
    this.neededBytes = PREFIX
    if (all.length - start < PREFIX) return -1
    this.neededBytes = all.readUInt32LE(start + 1)
    const end = start + this.neededBytes
    if (all.length < end) return -1
    const headerEnd = start + all.readUInt32LE(start + 5)
    const header = JSON.parse(all.toString('utf8', start + PREFIX, headerEnd)) as Header
    this.onMessage(header, { bytes: all.subarray(headerEnd, end) })
    return end
  }

  private end(): void {
    if (this.ended) return
    this.ended = true
    this.destroy()
    this.onEnd()
  }

  ref(): void {
    this.input.ref()
  }

  unref(): void {
    this.input.unref()
  }

  /** Closes the pipes on this side. */
  destroy(): void {
    this.input.destroy()
    this.output.destroy()
  }
}

/** Whether the bytes are complete text frames only. Text never contains the byte that begins a binary frame. */
function isWholeText(all: Buffer, start: number, end: number): boolean {
  if (all[start] !== TEXT_FRAME || all[end - 1] !== FRAME_END) return false
  const bytes = all.indexOf(BYTES_FRAME, start)
  return bytes < 0 || bytes >= end
}
