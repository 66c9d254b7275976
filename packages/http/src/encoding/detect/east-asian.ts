import { decode } from '../decode.ts'
import { HANGUL, KANJI, SIMPLIFIED, TRADITIONAL } from './frequent-characters.ts'

/**
 * An East Asian encoding, and how common its characters are. A cost is the negative logarithm of a likelihood: the rarer the
 * character, the higher its cost.
 */
interface Encoding {
  readonly name: string
  /** The smallest second byte of a character in `rows`. */
  readonly firstTrail: number
  /** The most frequent characters of the language. */
  readonly frequent: string
  /** Ranges of lead bytes, and the cost of their two-byte characters. */
  readonly rows: readonly (readonly [first: number, last: number, cost: number])[]
  /** Ranges of code points, and their cost. */
  readonly ranges: readonly (readonly [first: number, last: number, cost: number])[]
}

const FULL_WIDTH: Encoding['ranges'] = [
  [0x3000, 0x3003, 5],
  [0x3005, 0x3007, 8],
  [0x3008, 0x3011, 6.5],
  [0x3014, 0x3015, 8],
  [0xff01, 0xff5e, 7],
  [0x2010, 0x2027, 7.5],
  // Roman numerals, arrows, circled numbers, lines, boxes and stars.
  [0x2160, 0x2169, 9],
  [0x2190, 0x2193, 8.5],
  [0x2460, 0x2473, 9],
  [0x2500, 0x254b, 9],
  [0x25a0, 0x2606, 8.5],
]
/** The cost of a character in `frequent`. */
const FREQUENT = 7
/** The cost of a character that the language hardly uses. */
const RARE = 15
/** The cost of an invalid character. */
const NONE = 18
/** The cost of a change between ASCII letters and other characters within a word. */
const MIXED = 2.5
/** The cost of the start of a run of half-width kana: long runs are text, single ones are usually bytes of another encoding. */
const LONE = 5
/** The result is certain from this number of bytes beyond ASCII and this score per byte. */
const SURE_FROM = 60
const SURE = -4.2
/**
 * From this number of bytes beyond ASCII and this score per byte no other encoding reaches the score of GBK, so that none is tried, whose
 * tables may not be built yet. In no corpus does text of another encoding score more than -4.2, or GBK less than -3.9.
 */
const CERTAIN_FROM = 200
const CERTAIN = -3.9

const ENCODINGS: readonly Encoding[] = [
  {
    name: 'gbk',
    firstTrail: 0xa1,
    frequent: SIMPLIFIED,
    rows: [
      [0xb0, 0xd7, 9],
      [0xd8, 0xf7, 12],
    ],
    ranges: FULL_WIDTH,
  },
  {
    name: 'big5',
    firstTrail: 0x40,
    frequent: TRADITIONAL,
    rows: [
      [0x87, 0xa0, 13],
      [0xa4, 0xc5, 9],
      [0xc9, 0xf9, 12.5],
      [0xfa, 0xfe, 13],
    ],
    // Bopomofo, the phonetic letters of Taiwan, which some write instead of words.
    ranges: [...FULL_WIDTH, [0x3105, 0x3129, 8]],
  },
  {
    name: 'euc-jp',
    firstTrail: 0xa1,
    frequent: KANJI,
    rows: [
      [0xb0, 0xcf, 9],
      [0xd0, 0xf4, 12.5],
    ],
    ranges: [...FULL_WIDTH, [0x3041, 0x3093, 4.7], [0x30a1, 0x30fc, 5.5], [0xff61, 0xff9f, 9]],
  },
  {
    name: 'shift_jis',
    firstTrail: 0x40,
    frequent: KANJI,
    rows: [
      [0x88, 0x97, 9],
      [0x98, 0x9f, 12.5],
      [0xe0, 0xea, 12.5],
    ],
    // Half-width kana take a single byte, so any two bytes of another encoding could be two of them.
    ranges: [...FULL_WIDTH, [0x3041, 0x3093, 4.7], [0x30a1, 0x30fc, 5.5], [0xff61, 0xff9f, 6.5]],
  },
  {
    name: 'euc-kr',
    firstTrail: 0xa1,
    frequent: HANGUL,
    rows: [
      [0xb0, 0xc8, 8.5],
      [0xca, 0xfd, 12.5],
    ],
    // Single letters express laughter and tears: ㅋㅋ, ㅎㅎ, ㅜㅜ, ㅠㅠ.
    ranges: [
      ...FULL_WIDTH,
      [0x3131, 0x3163, 8],
      [0x314b, 0x314b, 4.5],
      [0x314e, 0x314e, 4.5],
      [0x315c, 0x315c, 4.5],
      [0x3160, 0x3160, 4.5],
      [0xac00, 0xd7a3, 12],
    ],
  },
]

const costs = new Map<string, Float32Array>()

/** The most likely East Asian encoding of a sample. */
export interface EastAsianGuess {
  readonly encoding: string
  /** The logarithm of the likelihood of the text, comparable with that for single-byte encodings. */
  readonly score: number
  /** Whether the score is so high that no text in a single-byte encoding reaches it. */
  readonly isSure: boolean
}

/**
 * Returns the East Asian encoding in which a sample is the most likely text.
 *
 * @param sample from `sampleOf`
 */
export function bestEastAsian(sample: Uint8Array): EastAsianGuess {
  let encoding = 'gbk'
  let score = Number.NEGATIVE_INFINITY
  let high = 0
  for (const byte of sample) if (byte >= 0x80) high += 1
  for (const candidate of ENCODINGS) {
    const found = scoreOf(sample, candidate, score)
    if (found > score) [encoding, score] = [candidate.name, found]
    if (encoding === 'gbk' && high >= CERTAIN_FROM && score > CERTAIN * high) break
  }
  return { encoding, score, isSure: high >= SURE_FROM && score > SURE * high }
}

function scoreOf(sample: Uint8Array, encoding: Encoding, floor: number): number {
  const cost = costsOf(encoding)
  const text = decode(sample, encoding.name)
  let score = 0
  let before = 0x20
  for (let at = 0; at < text.length && score > floor; at += 1) {
    const code = text.charCodeAt(at)
    if (code >= 0x80) score -= cost[code]!
    if (code >= 0x80 ? isAsciiLetter(before) : before >= 0x80 && isAsciiLetter(code)) score -= MIXED
    if (isHalfWidth(code) && !isHalfWidth(before)) score -= LONE
    before = code
  }
  return score
}

function isAsciiLetter(code: number): boolean {
  const letter = code | 0x20
  return letter >= 0x61 && letter <= 0x7a
}

function isHalfWidth(code: number): boolean {
  return code >= 0xff61 && code <= 0xff9f
}

/** Returns the cost of each character in an encoding, by code point. */
function costsOf(encoding: Encoding): Float32Array {
  let cost = costs.get(encoding.name)
  if (cost !== undefined) return cost
  cost = new Float32Array(65536).fill(RARE)
  for (const [first, last, price] of encoding.ranges) cost.fill(price, first, last + 1)
  for (const [first, last, price] of encoding.rows) {
    const text = decode(rowsOf(first, last, encoding.firstTrail), encoding.name)
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at)
      if (code >= 0x3400 && code < 0xd7a4) cost[code] = price
    }
  }
  for (const character of encoding.frequent) cost[character.codePointAt(0)!] = FREQUENT
  cost[0xfffd] = NONE
  cost.fill(NONE, 0x80, 0xa0)
  cost.fill(NONE, 0xe000, 0xf900)
  costs.set(encoding.name, cost)
  return cost
}

/** Returns the bytes of all two-byte characters whose lead byte is in a range. */
function rowsOf(first: number, last: number, firstTrail: number): Uint8Array {
  const rows = new Uint8Array(2 * (last - first + 1) * (0xff - firstTrail))
  let size = 0
  for (let lead = first; lead <= last; lead += 1) {
    for (let trail = firstTrail; trail < 0xff; trail += 1) {
      rows[size++] = lead
      rows[size++] = trail
    }
  }
  return rows
}
