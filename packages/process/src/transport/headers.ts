import type { Header } from './transport.ts'

/** The number of cached headers: a power of two. */
const SLOTS = 64
/** Longer headers are rarely repeated, and are not cached. */
const MAX_TEXT = 100

interface Known {
  readonly header: Header
  readonly text: string
}

const sent: (Known | undefined)[] = Array(SLOTS).fill(undefined)
const received: (Known | undefined)[] = Array(SLOTS).fill(undefined)

/**
 * Encodes a header as JSON. Most headers repeat a recent one, and comparing is faster than `JSON.stringify`. Cached headers are
 * shared, so a header must never be changed.
 */
export function headerText(header: Header): string {
  const slot = (header[2] + header[3] * 8 + header.length) & (SLOTS - 1)
  const known = sent[slot]
  if (known !== undefined && isSame(known.header, header)) return known.text
  const text = JSON.stringify(header)
  if (text.length <= MAX_TEXT) sent[slot] = { header, text }
  return text
}

function isSame(one: Header, other: Header): boolean {
  if (one.length !== other.length) return false
  for (let index = 0; index < one.length; index += 1) if (one[index] !== other[index]) return false
  return true
}

/** Decodes the header in part of a text. Equal headers may be the same object. */
export function headerIn(text: string, start: number, end: number): Header {
  const length = end - start
  const slot = (length + text.charCodeAt(start + (length >> 1)) * 7 + text.charCodeAt(end - 2) * 13) & (SLOTS - 1)
  const known = received[slot]
  if (known !== undefined && known.text.length === length && text.startsWith(known.text, start)) return known.header
  const own = text.slice(start, end)
  const header = JSON.parse(own) as Header
  if (length <= MAX_TEXT) received[slot] = { header, text: own }
  return header
}
