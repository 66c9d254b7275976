import { show } from '@greenlit/core/engine'
import type { CaseInsensitiveDict } from '../headers/case-insensitive-dict.ts'

/** What authentication sees of a request. */
export interface AuthenticatedRequest {
  readonly method: string
  readonly url: string
  readonly headers: CaseInsensitiveDict
  /** The bytes of the body, if they are there in full. */
  readonly body: Uint8Array | undefined
}

/** A response that may ask for authentication. */
export interface Challenge {
  readonly statusCode: number
  readonly headers: CaseInsensitiveDict
}

/**
 * A way to say who asks (requests: AuthBase). A subclass puts its headers on the request, and may answer a response that asks for
 * more with other headers: the request is then sent once again.
 *
 * @example
 * class TokenAuth extends AuthBase {
 *   authenticate(request: AuthenticatedRequest) {
 *     request.headers.set('Authorization', `Bearer ${token}`)
 *   }
 * }
 */
export abstract class AuthBase {
  /** Puts credentials on a request that is about to be sent, at once: it is no coroutine. */
  abstract authenticate(request: AuthenticatedRequest): void

  /**
   * Is asked about the response that the request gets, once, if its status is 400 or more.
   *
   * @param _response the response
   * @param _request a copy of the request, to put other credentials on
   * @returns whether the request should be sent again
   */
  answer(_response: Challenge, _request: AuthenticatedRequest): boolean {
    return false
  }
}

/** A user name or password: text goes as UTF-8, bytes as they are. */
export type Credential = string | Uint8Array

/** Who asks: a user name and password for basic authentication, or something that puts its own headers on a request. */
export type Auth =
  | readonly [user: Credential, password: Credential]
  | AuthBase
  | ((request: AuthenticatedRequest) => unknown)

/** Checks an `auth` option; a pair becomes basic authentication. */
export function authOf(auth: unknown): AuthBase {
  if (auth instanceof AuthBase) return auth
  if (typeof auth === 'function') return new FunctionAuth(auth as (request: AuthenticatedRequest) => unknown)
  if (Array.isArray(auth) && auth.length === 2 && isCredential(auth[0]) && isCredential(auth[1])) {
    return new HTTPBasicAuth(auth[0], auth[1])
  }
  // Text may be a password or a token.
  const shown = Array.isArray(auth) ? 'another array' : typeof auth === 'string' ? 'a string' : show(auth)
  throw new TypeError(`Expected \`auth\` to be [user, password], an authentication or a function, got ${shown}`)
}

function isCredential(value: unknown): value is Credential {
  return typeof value === 'string' || value instanceof Uint8Array
}

/** Puts credentials on a request. What would do so only later, as a coroutine, is refused: the request goes out now. */
export function authorize(auth: AuthBase, request: AuthenticatedRequest): void {
  const result = auth.authenticate(request) as { next?: unknown; then?: unknown } | undefined
  if (typeof result?.next === 'function' || typeof result?.then === 'function')
    throw new TypeError(
      'Expected an authentication to act at once, got a coroutine or a promise: get what it needs before the request',
    )
}

/** Basic authentication (RFC 7617, in UTF-8; requests: HTTPBasicAuth). */
export class HTTPBasicAuth extends AuthBase {
  readonly username: Credential
  readonly password: Credential

  constructor(username: Credential, password: Credential) {
    super()
    this.username = username
    this.password = password
  }

  authenticate(request: AuthenticatedRequest): void {
    request.headers.set('Authorization', basicAuthorization(this.username, this.password))
  }
}

/** Basic authentication with a proxy (requests: HTTPProxyAuth). */
export class HTTPProxyAuth extends HTTPBasicAuth {
  override authenticate(request: AuthenticatedRequest): void {
    request.headers.set('Proxy-Authorization', basicAuthorization(this.username, this.password))
  }
}

/** A function of the user's as authentication. */
class FunctionAuth extends AuthBase {
  private readonly apply: (request: AuthenticatedRequest) => unknown

  constructor(apply: (request: AuthenticatedRequest) => unknown) {
    super()
    this.apply = apply
  }

  authenticate(request: AuthenticatedRequest): unknown {
    return this.apply(request)
  }
}

/** The value of an Authorization header for basic authentication (RFC 7617), in UTF-8. */
export function basicAuthorization(user: Credential, password: Credential): string {
  const bytes = [user, ':', password].map((part) => (typeof part === 'string' ? Buffer.from(part) : part))
  return `Basic ${Buffer.concat(bytes).toString('base64')}`
}
