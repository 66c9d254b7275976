import { withoutSpace } from '../headers/without-space.ts'

/** What the handling of every response turns on, found in one look at its headers. */
export interface Framing {
  /** Where it leads. */
  readonly location: string | undefined
  /** How many bytes it says that it has. */
  readonly contentLength: number | undefined
  /** The codings of its body, as the header has them. */
  readonly contentEncoding: string | undefined
  readonly setCookies: readonly string[]
}

const NO_COOKIES: readonly string[] = []

/** A name or a value of a header as an engine has it: text, or its bytes. */
export type HeaderPart = string | Buffer

/** @param raw names and values in turn */
export function framingOf(raw: readonly HeaderPart[]): Framing {
  let location: string | undefined
  let contentLength: number | undefined
  let contentEncoding: string | undefined
  let setCookies: string[] | undefined
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]!
    const value = raw[index + 1]!
    // The length tells most names apart without a look at their letters.
    switch (name.length) {
      case 8:
        // One that is empty leads nowhere, as requests has it.
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

/** A part of a header as text; its bytes are Latin-1, and may have white space behind them (RFC 9112 section 5). */
export function textOf(part: HeaderPart): string {
  if (typeof part === 'string') return part
  return withoutSpace(part.toString('latin1'))
}

/** To make text of bytes costs more than to look at each of so few. */
function isCalled(name: HeaderPart, lower: string): boolean {
  if (typeof name === 'string') return name === lower || name.toLowerCase() === lower
  // The bit is what tells the two cases of a letter apart; it changes neither digits nor the hyphen.
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
