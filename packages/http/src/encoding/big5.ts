import { HONG_KONG } from './big5-hong-kong.ts'

const FIRST = 0xe000
/** Matches what runtimes decode the user-defined area of Big5 and the invalid bytes 0x80 and 0xFF to. */
const PRIVATE = /[\x80\uE000-\uF8FF]/g
/** Letters whose combination with a diacritic is not a single character (WHATWG Encoding 12.1.1). */
const MARKED = new Map([
  [0xf325, 'Ê\u0304'],
  [0xf327, 'Ê\u030c'],
  [0xf344, 'ê\u0304'],
  [0xf346, 'ê\u030c'],
])

let characters: readonly string[] | undefined

/** Decodes Big5 as used on the web: with the characters of Hong Kong, which Cantonese is full of (WHATWG Encoding 12.1). */
export class Big5Decoder {
  private readonly plain = new TextDecoder('big5')

  decode(bytes?: Uint8Array, options: { readonly stream?: boolean | undefined } = {}): string {
    const text = this.plain.decode(bytes, { stream: options.stream ?? false })
    return text.replace(PRIVATE, replacement)
  }
}

function replacement(character: string): string {
  characters ??= Array.from(HONG_KONG)
  const code = character.charCodeAt(0)
  const known = characters[code - FIRST] ?? '?'
  return known === '?' ? (MARKED.get(code) ?? '\uFFFD') : known
}
