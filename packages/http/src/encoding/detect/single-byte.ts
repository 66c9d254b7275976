import { singleByteTable } from '../single-byte.ts'
import { type LanguageModel, modelOf } from './language.ts'
import { LATIN } from './latin-languages.ts'
import { OTHER } from './other-languages.ts'

const WESTERN = 'de fr es it pt da sv fi is ga ca nl sq'
const CENTRAL = 'cs sk pl hu ro hr sl de'
const BALTIC = 'lt lv et'
const CYRILLIC = 'ru uk be bg mk sr'

/** Encodings, the languages written in each, and a handicap that makes an encoding that is rare on the web less likely. */
const ENCODINGS: readonly (readonly [name: string, languages: string, handicap: number])[] = [
  ['windows-1252', WESTERN, 0],
  ['windows-1251', CYRILLIC, 0],
  ['koi8-r', 'ru', 0],
  ['koi8-u', 'uk ru', 1],
  ['windows-1250', CENTRAL, 1.5],
  ['iso-8859-2', CENTRAL, 1.5],
  ['windows-1253', 'el', 1],
  ['iso-8859-7', 'el', 1.5],
  ['windows-1254', 'tr', 1.5],
  ['windows-1255', 'he', 1],
  ['windows-1256', 'ar fa', 1],
  ['iso-8859-6', 'ar', 2],
  ['windows-874', 'th', 1],
  ['windows-1257', BALTIC, 1.5],
  ['iso-8859-13', BALTIC, 2.5],
  ['iso-8859-4', BALTIC, 4],
  ['windows-1258', 'vi', 2],
  ['iso-8859-5', CYRILLIC, 2],
  ['ibm866', CYRILLIC, 3],
  ['x-mac-cyrillic', CYRILLIC, 3],
  ['iso-8859-15', WESTERN, 2],
  ['iso-8859-3', 'eo', 3],
  ['iso-8859-14', 'cy', 3],
  ['iso-8859-16', 'ro hu pl hr sl', 4],
  ['macintosh', WESTERN, 5],
]

/** Classes besides those of a language: letters of other languages, common punctuation, other symbols, undefined bytes. */
const FOREIGN = 250
const PUNCTUATION = 251
const SIGN = 252
const NOTHING = 253
/** The cost of each of these classes. */
const COST = [9, 7, 9, 16]
/** The cost of an ASCII letter that follows any of these classes. */
const LETTER = 3
/** The cost of a symbol next to a letter. */
const TOUCHING = 3
const USUAL = new Set(Array.from('’‘“”„‚–—…«»‹›\xa0\xad', (sign) => sign.charCodeAt(0)))

/** An encoding, interpreted as text in one language. */
interface Reading {
  readonly encoding: string
  readonly handicap: number
  readonly model: LanguageModel
  /** The class of each byte. */
  readonly classes: Uint8Array
  /** For each byte: 0 if not a letter, 1 for a lower-case letter or one of a script without case, 2 for an upper-case letter. */
  readonly cases: Uint8Array
}

let readings: readonly Reading[] | undefined

/**
 * Returns the single-byte encoding in which a sample is the most likely text.
 *
 * @param sample from `sampleOf`
 * @param floor the score to exceed: the logarithm of the likelihood in the best encoding so far
 * @returns `undefined` if no encoding exceeds `floor`
 */
export function bestSingleByte(sample: Uint8Array, floor: number): { encoding: string; score: number } | undefined {
  readings ??= ENCODINGS.flatMap((encoding) => readingsOf(...encoding))
  let best: { encoding: string; score: number } | undefined
  for (const reading of readings) {
    const score = scoreOf(sample, reading, best?.score ?? floor)
    if (score > (best?.score ?? floor)) best = { encoding: reading.encoding, score }
  }
  return best
}

function readingsOf(encoding: string, languages: string, handicap: number): Reading[] {
  const table = singleByteTable(encoding)!
  const small = new Uint16Array(256)
  const cases = new Uint8Array(256)
  const others = new Uint8Array(256)
  for (let byte = 0; byte < 256; byte += 1) {
    const code = table[byte]!
    const character = String.fromCharCode(code)
    const lower = character.toLowerCase()
    const isLetter = /[\p{L}\p{M}]/u.test(character)
    // The lower-case form of the Turkish dotted capital I is two code units.
    small[byte] = lower.length === 1 ? lower.charCodeAt(0) : code
    cases[byte] = !isLetter ? 0 : character === lower ? 1 : 2
    if (byte < 0x80) others[byte] = 0
    else if (isLetter) others[byte] = FOREIGN
    else if (code < 0xa0 || code === 0xfffd) others[byte] = NOTHING
    else others[byte] = USUAL.has(code) ? PUNCTUATION : SIGN
  }
  return languages.split(' ').map((code) => {
    const latin = Object.hasOwn(LATIN, code)
    const model = modelOf(latin ? LATIN[code as keyof typeof LATIN] : OTHER[code as keyof typeof OTHER], latin)
    const classes = others.map((other, byte) => model.classes.get(small[byte]!) ?? other)
    return { encoding, handicap, model, classes, cases }
  })
}

/** Returns the logarithm of the likelihood of a sample, or an upper bound if that is not above `floor`. */
function scoreOf(sample: Uint8Array, { model, classes, cases, handicap }: Reading, floor: number): number {
  const { size, pairs } = model
  let score = -handicap
  let before = 0
  let caseBefore = 0
  let high = false
  for (let at = 0; at < sample.length && score > floor; at += 1) {
    const byte = sample[at]!
    const current = classes[byte]!
    const kind = cases[byte]!
    const isHigh = byte >= 0x80
    if (isHigh || high) {
      if (current >= FOREIGN) score -= COST[current - FOREIGN]!
      else if (before < FOREIGN) score += pairs[before * size + current]!
      else score += isHigh ? pairs[current]! : kind === 0 ? 0 : -LETTER
      if (kind !== 0 && before === SIGN) score -= TOUCHING
      else if (caseBefore !== 0 && current === SIGN) score -= TOUCHING
      if (kind === 2) score -= caseBefore === 1 ? 4 : caseBefore === 0 ? 1.5 : 0.3
    }
    before = current
    caseBefore = kind
    high = isHigh
  }
  return score
}
