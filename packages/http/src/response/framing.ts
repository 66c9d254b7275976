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

/** @param raw names and values in turn */
export function framingOf(raw: readonly string[]): Framing {
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
        if (value !== '' && isCalled(name, 'location')) location ??= value
        break
      case 10:
        if (isCalled(name, 'set-cookie')) (setCookies ??= []).push(value)
        break
      case 14:
        if (isCalled(name, 'content-length')) contentLength ??= Number(value)
        break
      case 16:
        if (isCalled(name, 'content-encoding')) {
          contentEncoding = contentEncoding === undefined ? value : `${contentEncoding}, ${value}`
        }
        break
    }
  }
  return { location, contentLength, contentEncoding, setCookies: setCookies ?? NO_COOKIES }
}

function isCalled(name: string, lower: string): boolean {
  return name === lower || name.toLowerCase() === lower
}
