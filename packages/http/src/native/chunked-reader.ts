import { MAX_HEADER_SIZE } from '../engine/engine.ts'
import { CARRIAGE_RETURN, COLON, isTokenByte, isValueByte, LINE_FEED } from './characters.ts'
import { MalformedMessage } from './malformed-message.ts'

const SIZE_START = 0
const SIZE = 1
const EXTENSION_START = 2
const EXTENSION_NAME = 3
const EXTENSION_VALUE = 4
const QUOTED = 5
const QUOTED_PAIR = 6
const QUOTED_END = 7
const SIZE_END = 8
const DATA = 9
const DATA_RETURN = 10
const DATA_END = 11
const TRAILER_START = 12
const TRAILER_NAME = 13
const TRAILER_VALUE = 14
const TRAILER_END = 15
const LAST_FEED = 16
const DONE = 17

const SEMICOLON = 0x3b
const EQUALS = 0x3d
const QUOTE = 0x22
const BACKSLASH = 0x5c

/** The largest size of one chunk's extensions in bytes. */
const MAX_EXTENSIONS_SIZE = 16 * 1024

/** The destination of a body's bytes. */
export interface BodyTarget {
  push(bytes: Uint8Array): void
}

/** Decodes chunked transfer coding (RFC 9112 section 7.1), split at any point. Extensions and trailers are ignored. */
export class ChunkedReader {
  private state = SIZE_START
  /** How much of the current chunk is still to be received. */
  private left = 0
  /** The size of the extensions, or trailers, so far. */
  private extra = 0

  /** Whether the end of the body has been read. */
  get isDone(): boolean {
    return this.state === DONE
  }

  /** A chunked body ends with its last chunk, never with the connection. */
  get mayEnd(): boolean {
    return false
  }

  /**
   * Reads on; returns where it stopped: at the end of `bytes`, or of the body. The data is passed to `target` in one piece, moved
   * together in place over the framing between the chunks, so that a server cannot make many small pieces of it.
   *
   * @throws {MalformedMessage} after the valid data was passed to `target`
   */
  read(bytes: Buffer, from: number, target: BodyTarget): number {
    let at = from
    let start = -1
    let end = -1
    try {
      while (at < bytes.length && this.state !== DONE) {
        if (this.state !== DATA) {
          this.state = this.step(bytes[at]!)
          at += 1
          continue
        }
        const size = Math.min(this.left, bytes.length - at)
        if (start < 0) {
          start = at
          end = at + size
        } else {
          bytes.copyWithin(end, at, at + size)
          end += size
        }
        at += size
        this.left -= size
        if (this.left === 0) this.state = DATA_RETURN
      }
    } finally {
      if (start >= 0) target.push(bytes.subarray(start, end))
    }
    return at
  }

  /** Returns the next state, given a byte outside the data. */
  private step(byte: number): number {
    switch (this.state) {
      case SIZE_START:
        this.left = digitOf(byte)
        if (this.left < 0) throw malformed()
        this.extra = 0
        return SIZE
      case SIZE:
        return this.stepInSize(byte)
      case EXTENSION_START:
      case EXTENSION_NAME:
      case EXTENSION_VALUE:
      case QUOTED:
      case QUOTED_PAIR:
      case QUOTED_END:
        this.extra += 1
        if (this.extra > MAX_EXTENSIONS_SIZE) throw new MalformedMessage('the extensions of a chunk are too long')
        return stepInExtension(this.state, byte)
      case SIZE_END:
        if (byte !== LINE_FEED) throw malformed()
        if (this.left > 0) return DATA
        this.extra = 0
        return TRAILER_START
      case DATA_RETURN:
        if (byte === CARRIAGE_RETURN) return DATA_END
        throw malformed()
      case DATA_END:
        if (byte === LINE_FEED) return SIZE_START
        throw malformed()
      default:
        if (this.state === TRAILER_NAME || this.state === TRAILER_VALUE) this.extra += 1
        if (this.extra > MAX_HEADER_SIZE) throw new MalformedMessage('the trailers are too large')
        return stepInTrailer(this.state, byte)
    }
  }

  private stepInSize(byte: number): number {
    const digit = digitOf(byte)
    if (digit >= 0) {
      this.left = this.left * 16 + digit
      if (this.left > Number.MAX_SAFE_INTEGER) throw new MalformedMessage('a chunk is beyond all bounds')
      return SIZE
    }
    if (byte === CARRIAGE_RETURN) return SIZE_END
    if (byte === SEMICOLON) return EXTENSION_START
    throw malformed()
  }
}

function stepInExtension(state: number, byte: number): number {
  if (state === QUOTED_PAIR && isValueByte(byte)) return QUOTED
  if (state === QUOTED && isValueByte(byte)) {
    if (byte === QUOTE) return QUOTED_END
    return byte === BACKSLASH ? QUOTED_PAIR : QUOTED
  }
  if (state === QUOTED || state === QUOTED_PAIR) throw malformed()
  if (byte === CARRIAGE_RETURN && state !== EXTENSION_START) return SIZE_END
  if (byte === SEMICOLON && state !== EXTENSION_START) return EXTENSION_START
  if (byte === QUOTE && state === EXTENSION_VALUE) return QUOTED
  if (state === EXTENSION_VALUE && isTokenByte(byte)) return EXTENSION_VALUE
  if (state === QUOTED_END || state === EXTENSION_VALUE) throw malformed()
  if (byte === EQUALS) return EXTENSION_VALUE
  if (isTokenByte(byte)) return EXTENSION_NAME
  throw malformed()
}

function stepInTrailer(state: number, byte: number): number {
  switch (state) {
    case TRAILER_START:
      if (byte === CARRIAGE_RETURN) return LAST_FEED
      if (isTokenByte(byte)) return TRAILER_NAME
      break
    case TRAILER_NAME:
      if (byte === COLON) return TRAILER_VALUE
      if (isTokenByte(byte)) return TRAILER_NAME
      break
    case TRAILER_VALUE:
      if (byte === CARRIAGE_RETURN) return TRAILER_END
      if (isValueByte(byte)) return TRAILER_VALUE
      break
    case TRAILER_END:
      if (byte === LINE_FEED) return TRAILER_START
      break
    case LAST_FEED:
      if (byte === LINE_FEED) return DONE
      break
  }
  throw malformed()
}

/** The value of a hexadecimal digit, or -1. */
function digitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

function malformed(): MalformedMessage {
  return new MalformedMessage('a chunk is not framed as one')
}
