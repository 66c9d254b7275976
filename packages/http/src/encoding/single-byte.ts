import { textOfUnits } from './code-units.ts'

/** Corrections where decoders of older runtimes deviate from WHATWG Encoding: the first byte, and the characters from there on. */
const CORRECTIONS: Readonly<Record<string, readonly (readonly [from: number, characters: string])[]>> = {
  // Some runtimes decode windows-1252 as Latin-1, whose C1 controls no page uses.
  'windows-1252': [[0x80, '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ']],
  'windows-1253': [[0xaa, '\uFFFD']],
  'windows-1255': [[0xca, '\u05BA']],
  'koi8-u': [
    [0xae, 'ў'],
    [0xbe, 'Ў'],
  ],
}
/** The characters from 0xA0 of ISO 8859-16, which older runtimes do not support. */
const ISO_8859_16 =
  '\xa0ĄąŁ€„Š§š©Ș«Ź\xadźŻ°±ČłŽ”¶·žčș»ŒœŸżÀÁÂĂÄĆÆÇÈÉÊËÌÍÎÏĐŃÒÓÔŐÖŚŰÙÚÛÜĘȚßàáâăäćæçèéêëìíîïđńòóôőöśűùúûüęțÿ'
const SINGLE =
  /^(?:windows-125\d|windows-874|iso-8859-\d+(?:-i)?|koi8-[ru]|ibm866|macintosh|x-mac-cyrillic|x-user-defined)$/

const tables = new Map<string, Uint16Array>()

/** Returns the 256 characters of a single-byte encoding; `undefined` for any other encoding. */
export function singleByteTable(name: string): Uint16Array | undefined {
  if (!SINGLE.test(name)) return undefined
  let table = tables.get(name)
  if (table === undefined) tables.set(name, (table = buildTable(name)))
  return table
}

/** Decodes bytes with a table from `singleByteTable`. */
export function decodeSingleByte(bytes: Uint8Array, table: Uint16Array): string {
  const characters = new Uint16Array(bytes.length)
  for (let at = 0; at < bytes.length; at += 1) characters[at] = table[bytes[at]!]!
  return textOfUnits(characters)
}

function buildTable(name: string): Uint16Array {
  const table = Uint16Array.from({ length: 256 }, (_, byte) => byte)
  if (name === 'x-user-defined') {
    for (let byte = 0x80; byte < 256; byte += 1) table[byte] = 0xf700 + byte
  } else if (name === 'iso-8859-16') {
    for (let byte = 0xa0; byte < 256; byte += 1) table[byte] = ISO_8859_16.charCodeAt(byte - 0xa0)
  } else {
    const upper = new TextDecoder(name).decode(Uint8Array.from({ length: 128 }, (_, at) => 0x80 + at))
    for (let at = 0; at < 128; at += 1) table[0x80 + at] = upper.charCodeAt(at)
    // Runtimes decode undefined bytes to private-use characters. The only one that is meant is Apple's logo, U+F8FF.
    for (let byte = 0x80; byte < 256; byte += 1)
      if (table[byte]! >= 0xe000 && table[byte]! < 0xf8ff) table[byte] = 0xfffd
  }
  for (const [from, characters] of CORRECTIONS[name] ?? []) {
    for (let at = 0; at < characters.length; at += 1) table[from + at] = characters.charCodeAt(at)
  }
  return table
}
