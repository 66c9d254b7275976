import { AuthBase, type AuthenticatedRequest, type Challenge, type Credential, checkCredential } from './auth.ts'
import { type AuthChallenge, parseChallenges } from './challenges.ts'

/** Hash functions by their names in a challenge (RFC 7616 section 6.1, and SHA as in requests). */
const HASHES: Readonly<Record<string, string>> = {
  MD5: 'md5',
  SHA: 'sha1',
  'SHA-256': 'sha256',
  'SHA-512': 'sha512',
  'SHA-512-256': 'sha512-256',
}

interface AcceptedChallenge {
  readonly params: AuthChallenge['params']
  readonly hash: string
  readonly isSession: boolean
  /** Quality of protection: whether the digest covers the request alone or its body too; `undefined`: none, as in RFC 2069. */
  readonly qop: 'auth' | 'auth-int' | undefined
}

/**
 * Digest authentication (RFC 7616; requests: HTTPDigestAuth). The first request is refused with a nonce, and is sent again with the
 * digest. Later requests reuse the nonce as long as the server accepts it. Of several challenges the first supported one is used. The
 * quality of protection is `auth`, or `auth-int` if the server accepts nothing else and the whole body is in memory. The supported
 * algorithms are MD5, SHA, SHA-256, SHA-512, SHA-512-256 and their `-sess` forms.
 *
 * @example
 * const page = yield* get(url, { auth: new HTTPDigestAuth('user', 'password') })
 */
export class HTTPDigestAuth extends AuthBase {
  readonly username: Credential
  readonly password: Credential
  private accepted: AcceptedChallenge | undefined = undefined
  private uses = 0

  constructor(username: Credential, password: Credential) {
    super()
    this.username = checkCredential(username, 'username')
    this.password = checkCredential(password, 'password')
  }

  authenticate(request: AuthenticatedRequest): void {
    if (this.accepted !== undefined && isCovered(request, this.accepted)) this.authorize(request, this.accepted)
  }

  override answer(response: Challenge, request: AuthenticatedRequest): boolean {
    if (response.statusCode < 400 || response.statusCode >= 500) return false
    const accepted = acceptable(response.headers.getAll('WWW-Authenticate').join(', '))
    if (accepted === undefined || !isCovered(request, accepted)) return false
    // A server treats a repeated count for the same nonce as a replay (RFC 7616 section 3.4).
    if (accepted.params.nonce !== this.accepted?.params.nonce) this.uses = 0
    this.accepted = accepted
    this.authorize(request, accepted)
    return true
  }

  private authorize(request: AuthenticatedRequest, { params, hash, isSession, qop }: AcceptedChallenge): void {
    const { realm = '', nonce = '', opaque, algorithm } = params
    // Loaded on first use, as the module is large.
    const { createHash, randomBytes } = process.getBuiltinModule('node:crypto')
    // As in headers, each character stands for one byte, so that what the server sent goes back unchanged.
    const digest = (data: string | Uint8Array): string =>
      createHash(hash)
        .update(typeof data === 'string' ? Buffer.from(data, 'latin1') : data)
        .digest('hex')
    const username = bytesAsText(this.username)
    const { pathname, search } = new URL(request.url)
    const uri = pathname + search
    this.uses += 1
    const count = this.uses.toString(16).padStart(8, '0')
    const clientNonce = randomBytes(8).toString('hex')
    let secret = digest(`${username}:${realm}:${bytesAsText(this.password)}`)
    if (isSession) secret = digest(`${secret}:${nonce}:${clientNonce}`)
    const body = qop === 'auth-int' ? `:${digest(request.body ?? '')}` : ''
    const message = digest(`${request.method}:${uri}${body}`)
    const middle = qop === undefined ? nonce : `${nonce}:${count}:${clientNonce}:${qop}`
    const fields = [
      `username=${quote(username)}`,
      `realm=${quote(realm)}`,
      `nonce=${quote(nonce)}`,
      `uri=${quote(uri)}`,
      `response="${digest(`${secret}:${middle}:${message}`)}"`,
    ]
    if (opaque !== undefined) fields.push(`opaque=${quote(opaque)}`)
    if (algorithm !== undefined) fields.push(`algorithm=${algorithm}`)
    if (qop !== undefined) fields.push(`qop=${qop}`, `nc=${count}`)
    if (qop !== undefined || isSession) fields.push(`cnonce="${clientNonce}"`)
    request.headers.set('Authorization', `Digest ${fields.join(', ')}`)
  }
}

function acceptable(header: string): AcceptedChallenge | undefined {
  for (const { scheme, params } of parseChallenges(header)) {
    if (scheme !== 'digest' || params.nonce === undefined) continue
    const algorithm = (params.algorithm ?? 'MD5').toUpperCase()
    const isSession = algorithm.endsWith('-SESS')
    const hash = HASHES[isSession ? algorithm.slice(0, -'-SESS'.length) : algorithm]
    // Some servers send an empty `qop` when they mean none; requests accepts that too.
    const offers = params.qop ? params.qop.split(',').map((offer) => offer.trim().toLowerCase()) : undefined
    const qop =
      offers === undefined ? undefined : (['auth', 'auth-int'] as const).find((known) => offers.includes(known))
    if (hash !== undefined && (offers === undefined || qop !== undefined)) return { params, hash, isSession, qop }
  }
  return undefined
}

/** Whether everything that the digest must cover is known: with `auth-int` the body must not be sent piece by piece. */
function isCovered({ body, headers }: AuthenticatedRequest, { qop }: AcceptedChallenge): boolean {
  if (qop !== 'auth-int' || body !== undefined) return true
  return !headers.has('Transfer-Encoding') && (headers.get('Content-Length') ?? '0') === '0'
}

/** Bytes, or the UTF-8 of a string, as text with one character for each byte. */
function bytesAsText(bytes: Credential): string {
  return Buffer.from(bytes as Uint8Array).toString('latin1')
}

function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`
}
