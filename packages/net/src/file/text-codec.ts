import { StringDecoder } from 'node:string_decoder'

const UTF8 = /^utf[-_]?8$/i
const OTHERS: readonly (readonly [RegExp, BufferEncoding])[] = [
  [/^(us[-_])?ascii$/i, 'ascii'],
  [/^(latin[-_]?1|iso[-_]?8859[-_]1)$/i, 'latin1'],
  [/^utf[-_]?16[-_]?le$/i, 'utf16le'],
]

/** Turns bytes into text piece by piece, and text into bytes. */
export interface TextCodec {
  decode(bytes: Buffer, end: boolean): string
  encode(text: string): Buffer
}

/**
 * Finds the codec of an encoding.
 *
 * @throws {RangeError} if there is none (Python: LookupError)
 */
export function findCodec(encoding: string, errors: 'strict' | 'replace' | 'ignore'): TextCodec {
  if (UTF8.test(encoding)) {
    const decoder = new TextDecoder('utf-8', { fatal: errors === 'strict', ignoreBOM: true })
    return {
      decode(bytes, end) {
        const text = decoder.decode(bytes, { stream: !end })
        return errors === 'ignore' ? text.replaceAll('\ufffd', '') : text
      },
      encode: (text) => Buffer.from(text),
    }
  }
  const known = OTHERS.find(([pattern]) => pattern.test(encoding))
  if (known === undefined) throw new RangeError(`unknown encoding: ${encoding}`)
  const [, name] = known
  const decoder = new StringDecoder(name)
  return {
    decode: (bytes, end) => decoder.write(bytes) + (end ? decoder.end() : ''),
    encode: (text) => Buffer.from(text, name),
  }
}

/** Turns every line end into '\n', also one that two pieces share. */
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
