import { show } from '@greenlit/core/engine'
import { type CharacterWidth, wholeText, widthOf } from './whole-text.ts'

/** What becomes of bytes that are no text, and of text that an encoding cannot write. */
export type EncodingErrors = 'strict' | 'replace' | 'ignore'

/** The highest character of the encodings that cannot write all. */
const HIGHEST: Readonly<Record<string, number>> = { ascii: 0x7f, latin1: 0xff, binary: 0xff }

const NEWLINE = 10
const CARRIAGE_RETURN = 13

/** How text is written in the pipes of a program, and read; line ends become `\n` (Python: io.TextIOWrapper). */
export class TextCodec {
  private readonly encoding: BufferEncoding
  private readonly highest: number | undefined
  private readonly errors: EncodingErrors | undefined
  private readonly decoder: TextDecoder | undefined
  private readonly width: CharacterWidth

  /**
   * @param encoding one of Node's
   * @param errors `undefined` reads bytes that are no text as the replacement character, and refuses to write what cannot be written
   */
  constructor(encoding: BufferEncoding, errors: EncodingErrors | undefined) {
    this.encoding = encoding
    this.highest = HIGHEST[encoding.toLowerCase()]
    this.errors = errors
    this.width = widthOf(encoding)
    const label = { utf16: 'utf-16le', utf8: 'utf-8', one: undefined }[this.width]
    this.decoder =
      errors === 'strict' && label !== undefined ? new TextDecoder(label, { fatal: true, ignoreBOM: true }) : undefined
  }

  /**
   * Writes text as bytes.
   *
   * @throws {RangeError} for a character that the encoding does not have, unless that is to be replaced or ignored
   */
  encode(text: string): Buffer {
    const { highest, errors } = this
    if (highest === undefined) return Buffer.from(text, this.encoding)
    let writable = ''
    for (const character of text) {
      if (character.codePointAt(0)! <= highest) writable += character
      else if (errors === 'replace') writable += '?'
      else if (errors !== 'ignore')
        throw new RangeError(`Expected text that ${this.encoding} can write, got ${show(character)}`)
    }
    return Buffer.from(writable, 'latin1')
  }

  /**
   * Reads bytes as text.
   *
   * @throws {RangeError} for bytes that are no text, if that is to be strict
   */
  decode(bytes: Buffer): string {
    return withNewlines(this.characters(bytes, this.errors))
  }

  /** Reads what has come so far, which may end within a character: even if that is to be strict, it is no error. */
  decodePart(bytes: Buffer): string {
    return withNewlines(this.characters(bytes, this.errors === 'ignore' ? 'ignore' : 'replace'))
  }

  private characters(bytes: Buffer, errors: EncodingErrors | undefined): string {
    const isSeven = this.highest === 0x7f
    if (errors === 'ignore') {
      if (isSeven) return bytes.toString('latin1').replace(/[\x80-\xff]/g, '')
      if (this.width === 'utf8') return withoutMalformed(bytes)
      if (this.width === 'utf16') return bytes.toString('utf16le').replace(/\p{Surrogate}/gu, '')
    }
    if (errors === 'strict' && isSeven && bytes.some((byte) => byte > 0x7f)) throw this.malformed(undefined)
    if (isSeven) return bytes.toString('latin1').replace(/[\x80-\xff]/g, '\ufffd')
    if (errors !== 'strict' || this.decoder === undefined) return bytes.toString(this.encoding)
    try {
      return this.decoder.decode(bytes)
    } catch (error) {
      throw this.malformed(error)
    }
  }

  private malformed(cause: unknown): RangeError {
    return new RangeError(`Expected the program to write text in ${this.encoding}, got bytes that are none`, { cause })
  }

  /** How many of the first bytes make whole text: see `wholeText`. */
  whole(bytes: Buffer, length: number, ended: boolean): number {
    return wholeText(bytes, length, this.width, ended)
  }

  /** How long the first line is, with its line end; -1 if that has not come. */
  lineLength(bytes: Buffer, ended: boolean): number {
    const unit = this.width === 'utf16' ? 2 : 1
    const newline = find(bytes, NEWLINE, unit)
    const before = newline < 0 ? bytes : bytes.subarray(0, newline)
    const carriageReturn = find(before, CARRIAGE_RETURN, unit)
    if (carriageReturn < 0) return newline < 0 ? -1 : newline + unit
    const next = carriageReturn + unit
    if (next === newline) return next + unit
    // What is not there yet may be the `\n` of a last `\r`.
    return next + unit <= bytes.length || ended ? next : -1
  }
}

/** Where a character is first, in bytes that have so many for a character at least. */
function find(bytes: Buffer, code: number, unit: number): number {
  if (unit === 1) return bytes.indexOf(code)
  for (let index = 0; index + 1 < bytes.length; index += 2) if (bytes.readUInt16LE(index) === code) return index
  return -1
}

/** Text with each line end as `\n`. */
function withNewlines(text: string): string {
  // Most has no other, and comes line by line.
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
}

/** A replacement character that was written is kept: no other character has its bytes within. */
function withoutMalformed(bytes: Buffer): string {
  const parts = bytes.toString('latin1').split('\xef\xbf\xbd')
  return parts.map((part) => Buffer.from(part, 'latin1').toString('utf8').replaceAll('\ufffd', '')).join('\ufffd')
}
