import { trimWhitespace } from '../headers/trim-whitespace.ts'

/** The headers that matter for every response, found in one pass. */
export interface Framing {
  /** The redirect target. */
  readonly location: string | undefined
  /** The declared length of the body in bytes. */
  readonly contentLength: number | undefined
  /** The content codings of the body, as in the header. */
  readonly contentEncoding: string | undefined
  readonly setCookies: readonly string[]
}

const NO_COOKIES: readonly string[] = []

/** The name or value of a header as an engine has it: a string, or its bytes. */
export type HeaderPart = string | Buffer

/** @param raw alternating names and values */
export function framingOf(raw: readonly HeaderPart[]): Framing {
  let location: string | undefined
  let contentLength: number | undefined
  let contentEncoding: string | undefined
  let setCookies: string[] | undefined
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]!
    const value = raw[index + 1]!
    // The length rules out most names without looking at their letters.
    switch (name.length) {
      case 8:
        // An empty Location is no redirect, as in requests.
        if (isCalled(name, 'location')) location ??= textOf(value) || undefined
        break
      case 10:
        if (isCalled(name, 'set-cookie')) (setCookies ??= []).push(textOf(value))
        break
      case 14:
        if (isCalled(name, 'content-length')) contentLength ??= numberOf(value)
        break
      case 16:
        if (isCalled(name, 'content-encoding')) {
          const coding = textOf(value)
          contentEncoding = contentEncoding === undefined ? coding : `${contentEncoding}, ${coding}`
        }
        break
    }
  }
  return { location, contentLength, contentEncoding, setCookies: setCookies ?? NO_COOKIES }
}

/** A name or value as a string. Its bytes are Latin-1, possibly followed by white space (RFC 9112 section 5). */
export function textOf(part: HeaderPart): string {
  if (typeof part === 'string') return part
  return trimWhitespace(part.toString('latin1'))
}

/** Compares case-insensitively. Comparing so few bytes is cheaper than decoding them. */
function isCalled(name: HeaderPart, lower: string): boolean {
  if (typeof name === 'string') return name === lower || name.toLowerCase() === lower
  // Bit 0x20 is the case of an ASCII letter; digits and the hyphen have it set already.
  for (let index = 0; index < name.length; index += 1) {
    if ((name[index]! | 0x20) !== lower.charCodeAt(index)) return false
  }
  return true
}

const ZERO = 0x30

function numberOf(value: HeaderPart): number {
  if (typeof value === 'string' || value.length === 0 || value.length > 15) return Number(textOf(value))
  let number = 0
  for (let index = 0; index < value.length; index += 1) {
    const digit = value[index]! - ZERO
    if (!(digit >= 0 && digit <= 9)) return Number(textOf(value))
    number = number * 10 + digit
  }
  return number
}
