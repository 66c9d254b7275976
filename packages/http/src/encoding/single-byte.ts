import { textOfUnits } from './code-units.ts'

/** Places where decoders of older runtimes part from WHATWG Encoding: bytes and what they stand for. */
const MENDED: Readonly<Record<string, readonly (readonly [from: number, characters: string])[]>> = {
  // From 0x80: a runtime may take windows-1252 for Latin-1, whose C1 controls no page means.
  'windows-1252': [[0x80, '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ']],
  'windows-1253': [[0xaa, '\uFFFD']],
  'windows-1255': [[0xca, '\u05BA']],
  'koi8-u': [
    [0xae, 'ў'],
    [0xbe, 'Ў'],
  ],
}
/** Characters above 0xA0 of ISO 8859-16, which older runtimes do not have. */
const ISO_8859_16 =
  '\xa0ĄąŁ€„Š§š©Ș«Ź\xadźŻ°±ČłŽ”¶·žčș»ŒœŸżÀÁÂĂÄĆÆÇÈÉÊËÌÍÎÏĐŃÒÓÔŐÖŚŰÙÚÛÜĘȚßàáâăäćæçèéêëìíîïđńòóôőöśűùúûüęțÿ'
const SINGLE =
  /^(?:windows-125\d|windows-874|iso-8859-\d+(?:-i)?|koi8-[ru]|ibm866|macintosh|x-mac-cyrillic|x-user-defined)$/

const tables = new Map<string, Uint16Array>()

/** The characters of the 256 bytes of an encoding with one byte a character; `undefined` for any other. */
export function singleByteTable(name: string): Uint16Array | undefined {
  if (!SINGLE.test(name)) return undefined
  let table = tables.get(name)
  if (table === undefined) tables.set(name, (table = build(name)))
  return table
}

/** Bytes as text, each byte a character of the table. */
export function decodeSingleByte(bytes: Uint8Array, table: Uint16Array): string {
  const characters = new Uint16Array(bytes.length)
  for (let at = 0; at < bytes.length; at += 1) characters[at] = table[bytes[at]!]!
  return textOfUnits(characters)
}

function build(name: string): Uint16Array {
  const table = Uint16Array.from({ length: 256 }, (_, byte) => byte)
  if (name === 'x-user-defined') {
    for (let byte = 0x80; byte < 256; byte += 1) table[byte] = 0xf700 + byte
  } else if (name === 'iso-8859-16') {
    for (let byte = 0xa0; byte < 256; byte += 1) table[byte] = ISO_8859_16.charCodeAt(byte - 0xa0)
  } else {
    const upper = new TextDecoder(name).decode(Uint8Array.from({ length: 128 }, (_, at) => 0x80 + at))
    for (let at = 0; at < 128; at += 1) table[0x80 + at] = upper.charCodeAt(at)
    // A private character stands for a byte that means nothing; but for Apple's sign.
    for (let byte = 0x80; byte < 256; byte += 1)
      if (table[byte]! >= 0xe000 && table[byte]! < 0xf8ff) table[byte] = 0xfffd
  }
  for (const [from, characters] of MENDED[name] ?? []) {
    for (let at = 0; at < characters.length; at += 1) table[from + at] = characters.charCodeAt(at)
  }
  return table
}
