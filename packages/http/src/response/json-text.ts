import { encodingFromMark } from '../encoding/declared.ts'
import { apparentEncoding, decode } from '../encoding/encoding.ts'
import { decodeUtf8 } from '../url/percent.ts'

/** Decodes JSON without a declared encoding: UTF-8 as its standard says, UTF-16 or UTF-32, or else the encoding it looks like. */
export function jsonText(bytes: Uint8Array): string {
  const encoding = jsonEncoding(bytes)
  const text = encoding === 'utf-8' ? decodeUtf8(bytes) : decode(bytes, encoding)
  return text ?? decode(bytes, apparentEncoding(bytes))
}

/** JSON begins with an ASCII character, so the zero bytes reveal UTF-16 and UTF-32 (RFC 4627 section 3; requests: guess_json_utf). */
function jsonEncoding(bytes: Uint8Array): string {
  const [first, second, third, fourth] = bytes
  const mark = encodingFromMark(bytes)
  if (mark !== undefined) return mark
  if (first === 0) return second === 0 ? 'utf-32be' : 'utf-16be'
  if (second !== 0) return 'utf-8'
  return third === 0 && fourth === 0 ? 'utf-32le' : 'utf-16le'
}

const SPACE = /[ \t\n\r]*/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: what must be escaped
const CHARACTERS = /[^"\\\x00-\x1f]*/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})/y
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

/**
 * Returns where a text stops being valid JSON, as a character offset from 0; its length if it is merely cut off. The error messages
 * of `JSON.parse` give a position only for some errors, and quote the text.
 */
export function jsonErrorPosition(text: string): number {
  const closers: string[] = []
  let at = 0
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at
    if (!pattern.test(text)) return false
    at = pattern.lastIndex
    return true
  }
  const take = (sign: string): boolean => {
    skip(SPACE)
    if (text[at] !== sign) return false
    at += 1
    return true
  }
  // A single pattern for the whole string would run out of backtracking memory if there are many escapes.
  const quoted = (): boolean => {
    const start = at
    if (!take('"')) return false
    do skip(CHARACTERS)
    while (skip(ESCAPE))
    if (text[at] === '"') at += 1
    else at = start
    return at !== start
  }
  const key = (): boolean => {
    skip(SPACE)
    return quoted() && take(':')
  }
  for (;;) {
    if (take('{')) {
      if (!take('}')) {
        closers.push('}')
        if (!key()) return at
        continue
      }
    } else if (take('[')) {
      if (!take(']')) {
        closers.push(']')
        continue
      }
    } else if (!quoted() && !skip(SCALAR)) return at
    while (closers.length > 0 && take(closers.at(-1)!)) closers.pop()
    const closer = closers.at(-1)
    if (closer === undefined) {
      skip(SPACE)
      return at
    }
    if (!take(',') || (closer === '}' && !key())) return at
  }
}
