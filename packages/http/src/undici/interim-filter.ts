import type { Socket } from 'node:net'
import { decodeReason } from '../engine/decode-reason.ts'
import { MAX_HEADER_SIZE } from '../engine/engine.ts'
import { statusFailure } from '../engine/failure.ts'

const INTERIM = Buffer.from('HTTP/1.1 1')
/** How many bytes it takes to recognize an interim response. */
const STATUS_END = 'HTTP/1.1 1xx'.length
const HEAD_END = '\r\n\r\n'
/** A valid interim head; anything else is left to undici to reject. */
const INTERIM_HEAD =
  /^HTTP\/1\.1 1\d\d(?: [^\r\n]*)?\r\n(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*\r\n$/
const VERSION = Buffer.from('HTTP/1.')

/**
 * Inspects the head of each response before undici reads it, and removes interim responses (RFC 9110 section 15.2): undici closes
 * the connection at a `100 Continue`, which a server may send unasked.
 */
export class InterimFilter {
  /** Whether the next bytes are the head of a response. */
  private isAtHead = true
  /** Whether a byte of that head has been received. */
  hasBegun = false
  /** The reason phrase of the last response, if it is not pure ASCII: undici always decodes it as UTF-8. */
  reason: string | undefined = undefined
  /** The incomplete beginning of a status line or interim response. */
  private held: Buffer | undefined = undefined
  private readonly reject: (reason: Error) => void
  private readonly host: string

  /**
   * @param socket its `read` is filtered from now on; it is destroyed with an error at a 101 (Switching Protocols), and at a status
   *   line without end, which undici would read forever
   * @param host the host it is connected to, for error messages
   */
  constructor(socket: Socket, host: string) {
    this.reject = (reason) => socket.destroy(reason)
    this.host = host
    const read = socket.read.bind(socket) as (size?: number) => Buffer | null
    socket.read = (size?: number) => (this.isAtHead ? this.filter(read(size)) : read(size))
  }

  /** Called when the next bytes are the head of a response. */
  expectHead(): void {
    this.isAtHead = true
    this.hasBegun = false
  }

  private filter(bytes: Buffer | null): Buffer | null {
    if (bytes === null) return null
    this.hasBegun = true
    let rest = withoutLineEnds(this.held === undefined ? bytes : Buffer.concat([this.held, bytes]))
    this.held = undefined
    while (isInterim(rest)) {
      const end = rest.length < STATUS_END ? -1 : rest.indexOf(HEAD_END)
      if (end < 0 && rest.length > MAX_HEADER_SIZE) break
      if (end < 0) {
        this.held = rest
        return null
      }
      if (!INTERIM_HEAD.test(rest.toString('latin1', 0, end + HEAD_END.length))) break
      rest = withoutLineEnds(rest.subarray(end + HEAD_END.length))
    }
    if (rest.length === 0) return null
    if (rest.length > MAX_HEADER_SIZE && rest.indexOf(LINE_FEED) < 0) {
      this.reject(Object.assign(new Error('The status line does not end'), { code: 'HPE_HEADER_OVERFLOW' }))
      return null
    }
    if (isIncomplete(rest)) {
      this.held = rest
      return null
    }
    if (changesProtocol(rest)) {
      this.reject(statusFailure(this.host, 101))
      return null
    }
    this.isAtHead = false
    this.reason = reasonIn(rest)
    return rest
  }
}

const CARRIAGE_RETURN = 0x0d
const LINE_FEED = 0x0a

/** Skips empty lines before a head (RFC 9112 section 2.2). */
function withoutLineEnds(bytes: Buffer): Buffer {
  let at = 0
  while (bytes[at] === CARRIAGE_RETURN || bytes[at] === LINE_FEED) at += 1
  return at === 0 ? bytes : bytes.subarray(at)
}

/** Whether a status line is incomplete. Undici would report only its last part as the reason phrase. */
function isIncomplete(head: Buffer): boolean {
  if (head.indexOf(LINE_FEED) >= 0) return false
  return head.compare(VERSION, 0, Math.min(head.length, VERSION.length), 0, Math.min(head.length, VERSION.length)) === 0
}

/** The reason phrase of a status line, if it is not pure ASCII. */
function reasonIn(head: Buffer): string | undefined {
  let isAscii = true
  for (let at = STATUS_END; at < head.length; at += 1) {
    if (head[at] === CARRIAGE_RETURN)
      return isAscii ? undefined : decodeReason(head.toString('latin1', STATUS_END + 1, at))
    if (head[at]! > 0x7f) isAscii = false
  }
  return undefined
}

/** Whether a head has the status 101. */
function changesProtocol(head: Buffer): boolean {
  return head[9] === 0x31 && head[10] === 0x30 && head[11] === 0x31
}

/** Whether bytes are, or may become, an interim head. 101 does not count: after it the connection no longer carries HTTP. */
function isInterim(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, INTERIM.length)
  if (bytes[length - 1] !== INTERIM[length - 1] || bytes.compare(INTERIM, 0, length, 0, length) !== 0) return false
  return bytes.length < STATUS_END || bytes[10] !== 0x30 || bytes[11] !== 0x31
}
