import { show } from '@greenlit/core/engine'
import { type CharacterWidth, wholeTextLength, widthOf } from './whole-text.ts'

/** How to handle bytes that cannot be decoded and characters that cannot be encoded. */
export type EncodingErrors = 'strict' | 'replace' | 'ignore'

/** Names that Python has for encodings of Node. */
const PYTHON_NAMES: readonly (readonly [RegExp, BufferEncoding])[] = [
  [/^utf[-_]?8$/i, 'utf8'],
  [/^(us[-_])?ascii$/i, 'ascii'],
  [/^(latin[-_]?1|iso[-_]?8859[-_]1)$/i, 'latin1'],
  [/^utf[-_]?16[-_]?le$/i, 'utf16le'],
]

/** Node's name of an encoding, given by that or by Python's; `undefined` if Node does not have it. */
export function nodeEncoding(name: string): BufferEncoding | undefined {
  return Buffer.isEncoding(name) ? name : PYTHON_NAMES.find(([pattern]) => pattern.test(name))?.[1]
}

/** The highest code point of the encodings that do not cover all of Unicode. */
const HIGHEST: Readonly<Record<string, number>> = { ascii: 0x7f, latin1: 0xff, binary: 0xff }

const NEWLINE = 10
const CARRIAGE_RETURN = 13

/** Encodes and decodes the text in the pipes of a program; decoded line ends become `\n` (Python: io.TextIOWrapper). */
export class TextCodec {
  private readonly encoding: BufferEncoding
  private readonly highest: number | undefined
  private readonly errors: EncodingErrors | undefined
  private readonly decoder: TextDecoder | undefined
  private readonly width: CharacterWidth

  /**
   * @param encoding one of Node's encodings
   * @param errors how to handle errors; `undefined` means 'replace' when decoding and 'strict' when encoding
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
   * Encodes text.
   *
   * @throws {RangeError} for a character that the encoding lacks, unless such characters are replaced or ignored
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
   * Decodes bytes.
   *
   * @throws {RangeError} for malformed bytes, if decoding is strict
   */
  decode(bytes: Buffer): string {
    return withNewlines(this.characters(bytes, this.errors))
  }

  /** Decodes incomplete data, which may end in the middle of a character. That is no error, even if decoding is strict. */
  decodePart(bytes: Buffer): string {
    return withNewlines(this.characters(bytes, this.errors === 'ignore' ? 'ignore' : 'replace'))
  }

  private characters(bytes: Buffer, errors: EncodingErrors | undefined): string {
    const isAscii = this.highest === 0x7f
    if (errors === 'ignore') {
      if (isAscii) return bytes.toString('latin1').replace(/[\x80-\xff]/g, '')
      if (this.width === 'utf8') return withoutMalformed(bytes)
      if (this.width === 'utf16') return bytes.toString('utf16le').replace(/\p{Surrogate}/gu, '')
    }
    if (errors === 'strict' && isAscii && bytes.some((byte) => byte > 0x7f)) throw this.malformed(undefined)
    if (isAscii) return bytes.toString('latin1').replace(/[\x80-\xff]/g, '\ufffd')
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

  /** The number of leading bytes that form whole text: see `wholeTextLength`. */
  wholeLength(bytes: Buffer, length: number, ended: boolean): number {
    return wholeTextLength(bytes, length, this.width, ended)
  }

  /** The length of the first line with its line end, in bytes; -1 if it is incomplete. */
  lineLength(bytes: Buffer, ended: boolean): number {
    const unit = this.width === 'utf16' ? 2 : 1
    const newline = find(bytes, NEWLINE, unit)
    const before = newline < 0 ? bytes : bytes.subarray(0, newline)
    const carriageReturn = find(before, CARRIAGE_RETURN, unit)
    if (carriageReturn < 0) return newline < 0 ? -1 : newline + unit
    const next = carriageReturn + unit
    if (next === newline) return next + unit
    // A final `\r` may be followed by a `\n` that has not arrived yet.
    return next + unit <= bytes.length || ended ? next : -1
  }
}

/** The index of the first occurrence of a character, in text whose code units have `unit` bytes; -1 if there is none. */
function find(bytes: Buffer, code: number, unit: number): number {
  if (unit === 1) return bytes.indexOf(code)
  for (let index = 0; index + 1 < bytes.length; index += 2) if (bytes.readUInt16LE(index) === code) return index
  return -1
}

/** Converts all line ends to `\n`. */
function withNewlines(text: string): string {
  // Most text has no `\r`, and is decoded line by line.
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
}

/** Drops malformed UTF-8 but keeps replacement characters that are encoded in it: no other character contains their bytes. */
function withoutMalformed(bytes: Buffer): string {
  const parts = bytes.toString('latin1').split('\xef\xbf\xbd')
  return parts.map((part) => Buffer.from(part, 'latin1').toString('utf8').replaceAll('\ufffd', '')).join('\ufffd')
}
