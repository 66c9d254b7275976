import { requote } from '../url/percent.ts'
import { firstFrom, type Occurrences } from './occurrences.ts'

/** An `Allow` or `Disallow` line: a path prefix, in which `*` matches any characters and a final `$` the end of the path. */
export interface Rule {
  readonly allow: boolean
  /** The length of the pattern, which is how specific the rule is. */
  readonly length: number
  /** The parts of the pattern between its wildcards. */
  readonly pieces: readonly string[]
  readonly anchored: boolean
}

/** Whether a text is so long that a file cannot contain very many of them. Long texts are searched for one by one. */
export const isLong = (text: string): boolean => text.length > 128

/** Parses the pattern of a rule. */
export function ruleOf(pattern: string, allow: boolean): Rule {
  const anchored = pattern.endsWith('$')
  const plain = normalised(anchored ? pattern.slice(0, -1) : pattern)
  // A pattern that begins with neither `/` nor `*` could never match a path; crawlers read it as relative to the root.
  const rooted = /^[/*]/.test(plain) ? plain : `/${plain}`
  const pieces = rooted.split(/\*+/)
  // Anything may follow a path anyway.
  if (!anchored && pieces.at(-1) === '') pieces.pop()
  return { allow, anchored, length: rooted.length + (anchored ? 1 : 0), pieces }
}

/** Whether a pattern matches a path. `found` has the occurrences of the texts of all patterns, if they were searched for together. */
export function matches(path: string, { pieces, anchored }: Rule, found: Occurrences | undefined): boolean {
  const first = pieces[0]!
  if (!path.startsWith(first)) return false
  let at = first.length
  if (anchored && pieces.length === 1) return at === path.length
  const last = anchored ? pieces.at(-1)! : ''
  for (let index = 1; index < (anchored ? pieces.length - 1 : pieces.length); index += 1) {
    const piece = pieces[index]!
    const place = found === undefined || isLong(piece) ? path.indexOf(piece, at) : firstFrom(found.get(piece), at)
    if (place < 0) return false
    at = place + piece.length
  }
  return path.length - last.length >= at && path.endsWith(last)
}

/** Normalises escapes: in upper case, only where needed, other characters as UTF-8 (RFC 9309 section 2.2.2). The result is ASCII. */
export function normalised(path: string): string {
  // URLs have apostrophes escaped in their query. A final dollar sign of a pattern was already removed; any other one is literal.
  const text = requote(path).replaceAll("'", '%27').replaceAll('$', '%24')
  // In a query these may be escaped or not: the RFC's own example is a URL in a parameter.
  const query = text.indexOf('?')
  return query < 0 ? text : text.slice(0, query) + text.slice(query).replaceAll('%2F', '/').replaceAll('%3A', ':')
}
