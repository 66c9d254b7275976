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
        if (isCalled(name, 'content-length')) contentLength ??= Number(textOf(value))
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
  const text = part.toString('latin1')
  const last = text.charCodeAt(text.length - 1)
  return last === 0x20 || last === 0x09 ? text.replace(/[ \t]+$/, '') : text
}

function isCalled(name: HeaderPart, lower: string): boolean {
  if (typeof name === 'string') return name === lower || name.toLowerCase() === lower
  // The first letter spares most names from being made text; the bit is what tells its two cases apart.
  return (name[0]! | 0x20) === lower.charCodeAt(0) && textOf(name).toLowerCase() === lower
}
