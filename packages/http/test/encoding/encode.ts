import { decode } from '../../src/encoding/decode.ts'

const tables = new Map<string, Map<string, readonly number[]>>()

/** Encodes text by inverting the decoder of an encoding. Characters that the encoding lacks are omitted. */
export function encode(text: string, encoding: string): Uint8Array {
  if (encoding === 'utf-8') return new TextEncoder().encode(text)
  if (encoding === 'iso-2022-jp') return iso2022Jp(text)
  let table = tables.get(encoding)
  if (table === undefined) tables.set(encoding, (table = invert(encoding)))
  const bytes: number[] = []
  for (const character of text) bytes.push(...(table.get(character) ?? []))
  return Uint8Array.from(bytes)
}

function invert(encoding: string): Map<string, readonly number[]> {
  const table = new Map<string, readonly number[]>()
  const add = (bytes: readonly number[]) => {
    const text = decode(Uint8Array.from(bytes), encoding)
    if (Array.from(text).length === 1 && text !== '\uFFFD' && !table.has(text)) table.set(text, bytes)
  }
  for (let byte = 0; byte < 256; byte += 1) add([byte])
  if (!/^(?:gb|big5|euc|shift)/.test(encoding)) return table
  for (let lead = 0x81; lead < 0xff; lead += 1) for (let trail = 0x40; trail < 0xff; trail += 1) add([lead, trail])
  return table
}

function iso2022Jp(text: string): Uint8Array {
  const bytes: number[] = []
  for (const run of text.match(/[\0-\x7f]+|[^\0-\x7f]+/g) ?? []) {
    const encoded = encode(run, 'euc-jp')
    if (run.charCodeAt(0) < 0x80) bytes.push(...encoded)
    else bytes.push(0x1b, 0x24, 0x42, ...encoded.map((byte) => byte & 0x7f), 0x1b, 0x28, 0x42)
  }
  return Uint8Array.from(bytes)
}
