import { textOfUnits } from './code-units.ts'

const TRAILS = 190
const FIRST_LEAD = 0x81
const FIRST_TRAIL = 0x41
const REPLACEMENT = 0xfffd

let table: Uint16Array | undefined

/**
 * Decodes EUC-KR as used on the web and in cp949: with all 11,172 syllables (WHATWG Encoding 13.1). The runtimes' own decoders know
 * only the 2,350 of KS X 1001.
 */
export class KoreanDecoder {
  private lead = 0

  decode(
    bytes: Uint8Array = new Uint8Array(0),
    { stream = false }: { readonly stream?: boolean | undefined } = {},
  ): string {
    table ??= buildTable()
    const out = new Uint16Array(bytes.length + 2)
    let size = 0
    let { lead } = this
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at]!
      if (lead === 0) {
        if (byte < 0x80) out[size++] = byte
        else if (byte >= FIRST_LEAD && byte < 0xff) lead = byte
        else out[size++] = REPLACEMENT
        continue
      }
      const inRange = byte >= FIRST_TRAIL && byte < 0xff
      const character = inRange ? table[(lead - FIRST_LEAD) * TRAILS + byte - FIRST_TRAIL]! : 0
      out[size++] = character === 0 ? REPLACEMENT : character
      lead = 0
      // An ASCII byte is never consumed by an invalid character, as it may end a tag.
      if (character === 0 && byte < 0x80) out[size++] = byte
    }
    if (lead !== 0 && !stream) {
      out[size++] = REPLACEMENT
      lead = 0
    }
    this.lead = lead
    return textOfUnits(out.subarray(0, size))
  }
}

/** Builds the table: KS X 1001 comes from the runtime, and the syllables that it lacks fill the free positions in order. */
function buildTable(): Uint16Array {
  const characters = new Uint16Array(126 * TRAILS)
  const standard = new TextDecoder('euc-kr')
  const held = new Set<number>()
  const put = (lead: number, trail: number, code: number) => {
    characters[(lead - FIRST_LEAD) * TRAILS + trail - FIRST_TRAIL] = code
  }
  const row = new Uint8Array(2 * 94)
  for (let lead = 0xa1; lead < 0xff; lead += 1) {
    for (let at = 0; at < 94; at += 1) row.set([lead, 0xa1 + at], 2 * at)
    const text = standard.decode(row)
    for (let at = 0; at < 94 && text.length === 94; at += 1) {
      const code = text.charCodeAt(at)
      if (code === REPLACEMENT || (code >= 0xe000 && code < 0xf900)) continue
      put(lead, 0xa1 + at, code)
      held.add(code)
    }
  }
  // The euro and registered signs, added to the standard in 1998.
  put(0xa2, 0xe6, 0x20ac)
  put(0xa2, 0xe7, 0xae)
  let lead = FIRST_LEAD
  let trail = FIRST_TRAIL
  for (let syllable = 0xac00; syllable < 0xd7a4; syllable += 1) {
    if (held.has(syllable)) continue
    put(lead, trail, syllable)
    trail += 1
    if (trail === 0x5b) trail = 0x61
    else if (trail === 0x7b) trail = 0x81
    else if (trail === (lead < 0xa1 ? 0xff : 0xa1)) {
      trail = FIRST_TRAIL
      lead += 1
    }
  }
  return characters
}
