import { skippingUtf8Decoder, utf8Decoder, utf16Decoder, withoutMark } from './unicode-decoders.ts'

/** How to treat data that cannot be decoded or encoded: throw, substitute a replacement character, or drop it. */
export type TextErrors = 'strict' | 'replace' | 'ignore'

/** Decodes bytes incrementally, and encodes text. */
export interface TextCodec {
  decode(bytes: Buffer, end: boolean): string
  encode(text: string): Buffer
}

interface Encoding {
  readonly name: string
  readonly pattern: RegExp
  readonly buffer: BufferEncoding
  /** Matches the characters that the encoding cannot represent. */
  readonly unmappable: RegExp
  /** Whether a byte order mark at the start is dropped when reading. */
  readonly readsMark?: boolean
  /** Whether a byte order mark is written before the first text. */
  readonly writesMark?: boolean
  readonly bigEndian?: boolean
}

const UTF_8 = { buffer: 'utf8', unmappable: /\p{Surrogate}/gu } as const
const UTF_16 = { buffer: 'utf16le', unmappable: /\p{Surrogate}/gu } as const

const ENCODINGS: readonly Encoding[] = [
  { name: 'utf-8', pattern: /^utf[-_]?8$/i, ...UTF_8 },
  { name: 'utf-8-sig', pattern: /^utf[-_]?8[-_]?sig$/i, ...UTF_8, readsMark: true, writesMark: true },
  { name: 'ascii', pattern: /^(us[-_])?ascii$/i, buffer: 'latin1', unmappable: /[\u0080-\u{10ffff}]/gu },
  {
    name: 'latin-1',
    pattern: /^(latin[-_]?1|iso[-_]?8859[-_]1)$/i,
    buffer: 'latin1',
    unmappable: /[\u0100-\u{10ffff}]/gu,
  },
  // Python writes no mark to sockets either, as they cannot seek.
  { name: 'utf-16', pattern: /^utf[-_]?16$/i, ...UTF_16, readsMark: true },
  { name: 'utf-16le', pattern: /^utf[-_]?16[-_]?le$/i, ...UTF_16 },
  { name: 'utf-16be', pattern: /^utf[-_]?16[-_]?be$/i, ...UTF_16, bigEndian: true },
]

/**
 * Returns the codec for an encoding.
 *
 * @throws {RangeError} if the encoding is unknown (Python: LookupError)
 */
export function findCodec(encoding: string, errors: TextErrors): TextCodec {
  const found = ENCODINGS.find(({ pattern }) => pattern.test(encoding))
  if (found === undefined) throw new RangeError(`unknown encoding: ${encoding}`)
  return { decode: decoderOf(found, errors), encode: encoderOf(found, errors) }
}

function encoderOf(encoding: Encoding, errors: TextErrors): TextCodec['encode'] {
  const { buffer, bigEndian = false } = encoding
  let mark = encoding.writesMark === true ? '\ufeff' : ''
  return (text) => {
    const bytes = Buffer.from(mark + handleUnmappable(text, encoding, errors, '?', 'encode'), buffer)
    mark = ''
    return bigEndian ? bytes.swap16() : bytes
  }
}

function decoderOf(encoding: Encoding, errors: TextErrors): TextCodec['decode'] {
  const { name, buffer, bigEndian = false } = encoding
  const handle = (text: string) => handleUnmappable(text, encoding, errors, '\ufffd', 'decode')
  if (name === 'latin-1') return (bytes) => bytes.toString('latin1')
  if (name === 'ascii') return (bytes) => handle(bytes.toString('latin1'))
  if (buffer === 'utf16le') {
    const decode = utf16Decoder(encoding.readsMark === true ? undefined : bigEndian)
    return (bytes, end) => handle(decode(bytes, end))
  }
  const decode = errors === 'ignore' ? skippingUtf8Decoder() : utf8Decoder(name, errors === 'strict')
  return encoding.readsMark === true ? withoutMark(decode) : decode
}

/** Drops, replaces or rejects the characters that the encoding cannot represent. */
function handleUnmappable(
  text: string,
  { name, unmappable }: Encoding,
  errors: TextErrors,
  mark: string,
  verb: 'encode' | 'decode',
): string {
  if (errors !== 'strict') return text.replace(unmappable, errors === 'replace' ? mark : '')
  const at = text.search(unmappable)
  if (at >= 0) throw new RangeError(`'${name}' codec can't ${verb} ${JSON.stringify(text[at])} at position ${at}`)
  return text
}

/** Returns the number of characters (code points) in a text: a surrogate pair counts as one. */
export function countCharacters(text: string): number {
  let count = text.length
  for (const _pair of text.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g)) count -= 1
  return count
}

/** Translates line ends to '\n' on request, and keeps '\r\n' together: a '\r' at the end of a piece is held back for the next one. */
export class NewlineDecoder {
  private heldReturn = false
  private readonly translate: boolean

  constructor(translate: boolean) {
    this.translate = translate
  }

  decode(text: string, end: boolean): string {
    let whole = this.heldReturn ? `\r${text}` : text
    this.heldReturn = false
    if (!end && whole.endsWith('\r')) {
      this.heldReturn = true
      whole = whole.slice(0, -1)
    }
    return this.translate && whole.includes('\r') ? whole.replace(/\r\n?/g, '\n') : whole
  }
}
