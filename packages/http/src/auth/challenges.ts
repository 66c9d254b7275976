/** A challenge of a `WWW-Authenticate` header: its scheme in lower case and its parameters by lower-case name. */
export interface AuthChallenge {
  readonly scheme: string
  readonly params: Readonly<Record<string, string>>
}

/** A word: a scheme, or a parameter with an equals sign and a quoted or bare value. */
const WORD = /[\s,]*([^\s=,"]+)(\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^\s,"]*)))?/gsy

/**
 * Parses a `WWW-Authenticate` header into its challenges, in order (RFC 9110 section 11.6.1): a word without a value starts a new one.
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
