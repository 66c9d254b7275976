import { MAX_HEADER_SIZE } from '../engine/engine.ts'
import { CARRIAGE_RETURN, COLON, isTokenByte, isValueByte, LINE_FEED, SPACE, TAB } from './characters.ts'
import { HeadFields } from './head-fields.ts'
import { MalformedMessage } from './malformed-message.ts'

const VERSION_PREFIX = Buffer.from('HTTP/')
const DOT = 0x2e
/** Where the status code is in a status line. */
const STATUS_AT = 'HTTP/1.1 '.length
const STATUS_END = STATUS_AT + 3
/** An incomplete line of this many bytes is not parsed again until its end is received: byte by byte that would be quadratic. */
const LONG_LINE = 1024

/**
 * Parses response heads (RFC 9112 sections 4 and 5), received whole or in pieces. It is as strict as Node's parser: lines end in
 * CR LF and are not folded, and no white space is allowed between a header name and its colon.
 */
export class HeadParser {
  statusCode = 0
  /** The reason phrase, as Latin-1. */
  reason = ''
  /** Whether the version is HTTP/1.1, in which connections are persistent by default. */
  isCurrent = false
  fields: HeadFields = new HeadFields()
  /** The header lines, as received. */
  lines = ''
  /** Whether a byte of the head has been received. */
  hasBegun = false
  /** The bytes of an incomplete head. */
  private held: Buffer | undefined = undefined
  private heldLength = 0
  /** The start of the next line to parse. */
  private lineAt = 0
  private headersAt = 0
  /** The total size of names and values in bytes. */
  private size = 0
  private hasStatus = false

  /**
   * Reads on; returns where the head ends in `chunk`, or -1 if it is still incomplete.
   *
   * @throws {MalformedMessage}
   */
  read(chunk: Buffer, from: number): number {
    if (this.held === undefined) {
      const start = skipLineEnds(chunk, from)
      if (start === chunk.length) return -1
      this.hasBegun = true
      this.lineAt = start
      const end = this.readLines(chunk, chunk.length)
      if (end < 0) this.hold(chunk, start)
      return end
    }
    const before = this.heldLength
    this.append(chunk, from)
    const lineLength = this.heldLength - this.lineAt
    if (lineLength >= LONG_LINE && chunk.indexOf(LINE_FEED, from) < 0) {
      this.checkSize(this.size + lineLength)
      return -1
    }
    const end = this.readLines(this.held, this.heldLength)
    return end < 0 ? -1 : from + end - before
  }

  /** Prepares for the next head. */
  reset(): void {
    this.fields = new HeadFields()
    this.hasBegun = false
    this.held = undefined
    this.size = 0
    this.hasStatus = false
  }

  private readLines(bytes: Buffer, length: number): number {
    if (!this.hasStatus && !this.readStatus(bytes, length)) return -1
    for (;;) {
      const at = this.lineAt
      if (at >= length) return -1
      if (bytes[at] === CARRIAGE_RETURN) {
        if (at + 1 === length) return -1
        if (bytes[at + 1] !== LINE_FEED) throw new MalformedMessage('a head ends in a carriage return alone')
        this.lines = bytes.toString('latin1', this.headersAt, at)
        return at + 2
      }
      if (!this.readHeader(bytes, at, length)) {
        this.checkSize(this.size + length - at)
        return -1
      }
    }
  }

  private readStatus(bytes: Buffer, length: number): boolean {
    const start = this.lineAt
    for (let index = 0; index < VERSION_PREFIX.length; index += 1) {
      if (start + index === length) return false
      if (bytes[start + index] !== VERSION_PREFIX[index]) throw new MalformedMessage('it does not begin with HTTP/')
    }
    let at = start + STATUS_END
    if (at >= length) return false
    this.isCurrent = isCurrent(bytes, start)
    this.statusCode = statusIn(bytes, start + STATUS_AT)
    if (bytes[at] === SPACE) {
      while (at < length && bytes[at] !== CARRIAGE_RETURN && bytes[at] !== LINE_FEED) at += 1
    }
    if (!isLineEnd(bytes, at, length)) {
      this.checkSize(length - start - STATUS_END)
      return false
    }
    this.reason = bytes.toString('latin1', start + STATUS_END + 1, at)
    this.size = this.reason.length
    this.lineAt = at + 2
    this.headersAt = at + 2
    this.hasStatus = true
    return true
  }

  private readHeader(bytes: Buffer, start: number, length: number): boolean {
    let at = start
    while (at < length && isTokenByte(bytes[at]!)) at += 1
    if (at === length) return false
    if (bytes[at] !== COLON || at === start) throw new MalformedMessage('the name of a header is none')
    const nameEnd = at
    at += 1
    while (at < length && isBlank(bytes[at]!)) at += 1
    const valueAt = at
    while (at < length && isValueByte(bytes[at]!)) at += 1
    if (!isLineEnd(bytes, at, length)) return false
    let valueEnd = at
    while (valueEnd > valueAt && isBlank(bytes[valueEnd - 1]!)) valueEnd -= 1
    this.size += nameEnd - start + valueEnd - valueAt
    this.checkSize(this.size)
    this.fields.note(bytes, start, nameEnd, valueAt, valueEnd)
    this.lineAt = at + 2
    return true
  }

  private checkSize(size: number): void {
    if (size >= MAX_HEADER_SIZE) throw new MalformedMessage('the headers are too large', 'HPE_HEADER_OVERFLOW')
  }

  private hold(chunk: Buffer, start: number): void {
    this.held = Buffer.from(chunk.subarray(start))
    this.heldLength = this.held.length
    this.lineAt -= start
    this.headersAt -= start
  }

  /** Appends to the held bytes. The buffer doubles when full: a copy for each received byte would be quadratic. */
  private append(chunk: Buffer, from: number): void {
    const length = this.heldLength + chunk.length - from
    if (length > this.held!.length) {
      const larger = Buffer.allocUnsafe(2 * length)
      larger.set(this.held!.subarray(0, this.heldLength))
      this.held = larger
    }
    chunk.copy(this.held!, this.heldLength, from)
    this.heldLength = length
  }
}

/** Skips empty lines, which some servers send after a body (RFC 9112 section 2.2). */
export function skipLineEnds(bytes: Buffer, from: number): number {
  let at = from
  while (at < bytes.length && (bytes[at] === CARRIAGE_RETURN || bytes[at] === LINE_FEED)) at += 1
  return at
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB
}

/** Whether a line ends at `at`; `false` if more bytes are needed to tell. */
function isLineEnd(bytes: Buffer, at: number, length: number): boolean {
  if (at >= length) return false
  if (bytes[at] !== CARRIAGE_RETURN) throw new MalformedMessage('a line has a character that must not be in it')
  if (at + 1 === length) return false
  if (bytes[at + 1] !== LINE_FEED) throw new MalformedMessage('a line ends in a carriage return alone')
  return true
}

function isCurrent(bytes: Buffer, start: number): boolean {
  const major = bytes[start + 5]! - 0x30
  const minor = bytes[start + 7]! - 0x30
  const isKnown = bytes[start + 6] === DOT && bytes[start + 8] === SPACE && isVersion(major, minor)
  if (!isKnown) throw new MalformedMessage('its version is unknown')
  return major === 1 && minor === 1
}

function isVersion(major: number, minor: number): boolean {
  return (major === 1 && (minor === 1 || minor === 0)) || (major === 0 && minor === 9) || (major === 2 && minor === 0)
}

function statusIn(bytes: Buffer, at: number): number {
  let status = 0
  for (let index = at; index < at + 3; index += 1) {
    const digit = bytes[index]! - 0x30
    if (!(digit >= 0 && digit <= 9)) throw new MalformedMessage('its status is no number of three digits')
    status = status * 10 + digit
  }
  return status
}
