/**
 * A language as the detector sees it: how likely each of its letters is to follow another. Measured on translations of free software,
 * of which only these statistics are included.
 */
export interface Language {
  /** The language's letters beyond ASCII, in lower case, the most frequent first. */
  readonly letters: string
  /**
   * For each pair of classes, at least one of which is a letter beyond ASCII: -4 times the natural logarithm of the probability that
   * the second follows the first, as a digit of `DIGITS`. The classes are, in order: everything that is not a letter; the ASCII
   * letters, a class each for a language in Latin script and a single one for any other; `letters`.
   */
  readonly pairs: string
}

/** The maximum score of an ASCII letter next to a letter of another script. */
const MIXED = -9
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-'

/** A language, decoded for scoring text. */
export interface LanguageModel {
  /** The number of classes. */
  readonly size: number
  /** The class of each letter, in lower case. */
  readonly classes: ReadonlyMap<number, number>
  /** The logarithm of the probability that class `b` follows class `a`, at `a * size + b`. */
  readonly pairs: Float32Array
}

const models = new Map<Language, LanguageModel>()

/** Returns the model of a language. It is built once. */
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
    // The texts of programs, which were measured, mix scripts within a word; pages do not.
    for (let other = first; other < size; other += 1) {
      table[size + other] = Math.min(table[size + other]!, MIXED)
      table[other * size + 1] = Math.min(table[other * size + 1]!, MIXED)
    }
  }
  return { size, classes, pairs: table }
}
