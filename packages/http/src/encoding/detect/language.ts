/**
 * How a language looks to the detector: how likely each of its letters follows each other. Measured on translations of free
 * software, of which only these counts are here.
 */
export interface Language {
  /** Its letters beyond ASCII, in lower case, the most frequent first. */
  readonly letters: string
  /**
   * For each two of the classes in turn, at least one of which is a letter beyond ASCII: -4 times the natural logarithm of how
   * likely the second follows the first, as a digit of `DIGITS`. The classes are: what is no letter; the ASCII letters, one class
   * each for a language in Latin letters and one together for any other; `letters`.
   */
  readonly pairs: string
}

/** Of a letter of another script in a word. */
const MIXED = -9
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-'

/** A language, ready to score text. */
export interface LanguageModel {
  /** How many classes there are. */
  readonly size: number
  /** The class of each letter, in lower case. */
  readonly classes: ReadonlyMap<number, number>
  /** The logarithm of how likely class `b` follows class `a`, at `a * size + b`. */
  readonly pairs: Float32Array
}

const models = new Map<Language, LanguageModel>()

/** The language unpacked, once. */
export function modelOf(language: Language, latin: boolean): LanguageModel {
  let model = models.get(language)
  if (model === undefined) models.set(language, (model = unpack(language, latin)))
  return model
}

function unpack({ letters, pairs }: Language, latin: boolean): LanguageModel {
  const classes = new Map<number, number>()
  for (let letter = 0; letter < 26; letter += 1) classes.set(0x61 + letter, latin ? letter + 1 : 1)
  const first = latin ? 27 : 2
  for (let at = 0; at < letters.length; at += 1) classes.set(letters.charCodeAt(at), first + at)
  const size = first + letters.length
  const table = new Float32Array(size * size)
  let digit = 0
  for (let a = 0; a < size; a += 1) {
    for (let b = a < first ? first : 0; b < size; b += 1) table[a * size + b] = -DIGITS.indexOf(pairs[digit++]!) / 4
  }
  if (!latin) {
    // Programs' texts mix scripts in a word, pages do not.
    for (let other = first; other < size; other += 1) {
      table[size + other] = Math.min(table[size + other]!, MIXED)
      table[other * size + 1] = Math.min(table[other * size + 1]!, MIXED)
    }
  }
  return { size, classes, pairs: table }
}
