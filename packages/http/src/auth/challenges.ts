/** One challenge of a `WWW-Authenticate` header: its scheme in lower case and its parameters by name in lower case. */
export interface AuthChallenge {
  readonly scheme: string
  readonly params: Readonly<Record<string, string>>
}

/** A word, with a value behind an equals sign if it is a parameter: quoted or bare. */
const WORD = /[\s,]*([^\s=,"]+)(\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^\s,"]*)))?/gsy

/**
 * The challenges of a `WWW-Authenticate` header, in order (RFC 9110 section 11.6.1): a word without a value begins the next one.
 *
 * @example
 * parseChallenges('Basic realm="a", Digest realm="b", nonce="c"')[1]!.params.nonce // 'c'
 */
export function parseChallenges(header: string): AuthChallenge[] {
  const challenges: { scheme: string; params: Record<string, string> }[] = []
  for (const [, name = '', assignment, quoted, bare] of header.matchAll(WORD)) {
    if (assignment === undefined) {
      challenges.push({ scheme: name.toLowerCase(), params: {} })
    } else {
      const current = challenges.at(-1)
      if (current !== undefined) current.params[name.toLowerCase()] ??= quoted?.replace(/\\(.)/gs, '$1') ?? bare ?? ''
    }
  }
  return challenges
}
