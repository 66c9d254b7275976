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
}

const ENCODINGS: readonly Encoding[] = [
  { name: 'utf-8', pattern: /^utf[-_]?8$/i, buffer: 'utf8', unmappable: /\p{Surrogate}/gu },
  { name: 'ascii', pattern: /^(us[-_])?ascii$/i, buffer: 'latin1', unmappable: /[\u0080-\u{10ffff}]/gu },
  {
    name: 'latin-1',
    pattern: /^(latin[-_]?1|iso[-_]?8859[-_]1)$/i,
    buffer: 'latin1',
    unmappable: /[\u0100-\u{10ffff}]/gu,
  },
  { name: 'utf-16le', pattern: /^utf[-_]?16[-_]?le$/i, buffer: 'utf16le', unmappable: /\p{Surrogate}/gu },
]

/**
 * Returns the codec for an encoding.
 *
 * @throws {RangeError} if the encoding is unknown (Python: LookupError)
 */
export function findCodec(encoding: string, errors: TextErrors): TextCodec {
  const found = ENCODINGS.find(({ pattern }) => pattern.test(encoding))
  if (found === undefined) throw new RangeError(`unknown encoding: ${encoding}`)
  const { name, buffer, unmappable } = found
  return {
    decode: buffer === 'latin1' ? byteDecoder(found, errors) : unicodeDecoder(found, errors),
    encode: (text) => Buffer.from(handleUnmappable(text, name, unmappable, errors, '?', 'encode'), buffer),
  }
}

/** Drops, replaces or rejects the characters that the encoding cannot represent. */
function handleUnmappable(
  text: string,
  name: string,
  unmappable: RegExp,
  errors: TextErrors,
  mark: string,
  verb: 'encode' | 'decode',
): string {
  if (errors !== 'strict') return text.replace(unmappable, errors === 'replace' ? mark : '')
  const at = text.search(unmappable)
  if (at >= 0) throw new RangeError(`'${name}' codec can't ${verb} ${JSON.stringify(text[at])} at position ${at}`)
  return text
}

function byteDecoder({ name, unmappable }: Encoding, errors: TextErrors): TextCodec['decode'] {
  if (name !== 'ascii') return (bytes) => bytes.toString('latin1')
  return (bytes) => handleUnmappable(bytes.toString('latin1'), name, unmappable, errors, '\ufffd', 'decode')
}

function unicodeDecoder({ name }: Encoding, errors: TextErrors): TextCodec['decode'] {
  const decoder = new TextDecoder(name, { fatal: errors === 'strict', ignoreBOM: true })
  return (bytes, end) => {
    try {
      const text = decoder.decode(bytes, { stream: !end })
      return errors === 'ignore' ? text.replaceAll('\ufffd', '') : text
    } catch (error) {
      throw new RangeError(`'${name}' codec can't decode what came: it is malformed`, { cause: error })
    }
  }
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
