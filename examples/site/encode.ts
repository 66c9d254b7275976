/** Text encoders for encodings that browsers can only decode: each is built once by inverting the platform's decoder. */
const tables = new Map<string, Map<string, number[]>>()

/** Windows-1252 from 0x80 to 0x9f: some platforms decode it as Latin-1, so its characters are listed here (0: unassigned). */
const WINDOWS_1252 = '€\0‚ƒ„…†‡ˆ‰Š‹Œ\0Ž\0\0‘’“”•–—˜™š›œ\0žŸ'

/**
 * Encodes text.
 *
 * @param text what to encode; every character must exist in the encoding
 * @param encoding its WHATWG name
 * @throws {RangeError} if a character does not exist in the encoding
 */
export function encode(text: string, encoding: string): Uint8Array {
  if (encoding === 'utf-8') return new TextEncoder().encode(text)
  let table = tables.get(encoding)
  if (table === undefined) {
    table = invert(encoding)
    tables.set(encoding, table)
  }
  const bytes: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0)!
    const encoded = code < 0x80 ? [code] : table.get(character)
    if (encoded === undefined) throw new RangeError(`Expected a character that ${encoding} has, got ${character}`)
    bytes.push(...encoded)
  }
  return Uint8Array.from(bytes)
}

function invert(encoding: string): Map<string, number[]> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  const table = new Map<string, number[]>()
  const add = (bytes: number[]) => {
    try {
      const character = decoder.decode(Uint8Array.from(bytes))
      if ([...character].length === 1 && !table.has(character)) table.set(character, bytes)
    } catch {
      // Most byte pairs are unassigned.
    }
  }
  if (encoding === 'windows-1252') {
    for (const [index, character] of [...WINDOWS_1252].entries()) table.set(character, [0x80 + index])
  }
  for (let lead = 0x80; lead <= 0xff; lead += 1) {
    add([lead])
    for (let trail = 0x40; trail <= 0xfe; trail += 1) add([lead, trail])
  }
  return table
}
