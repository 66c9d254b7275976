import { show } from '@greenlit/core/engine'
import { checkActed } from '../check-acted.ts'
import type { CaseInsensitiveDict } from '../headers/case-insensitive-dict.ts'

/** The part of a request that authentication can use. */
export interface AuthenticatedRequest {
  readonly method: string
  readonly url: string
  readonly headers: CaseInsensitiveDict
  /** The bytes of the body, if all of it is in memory. */
  readonly body: Uint8Array | undefined
}

/** A response that may demand authentication. */
export interface Challenge {
  readonly statusCode: number
  readonly headers: CaseInsensitiveDict
}

/**
 * An authentication scheme (requests: AuthBase). A subclass sets headers on the request, and may answer a challenge in the response
 * with other headers: the request is then sent once more.
 *
 * @example
 * class TokenAuth extends AuthBase {
 *   authenticate(request: AuthenticatedRequest) {
 *     request.headers.set('Authorization', `Bearer ${token}`)
 *   }
 * }
 */
export abstract class AuthBase {
  /** Sets the credentials of a request about to be sent. It runs synchronously and must not be a coroutine. */
  abstract authenticate(request: AuthenticatedRequest): void

  /**
   * Called once with the response to the request, if its status is 400 or above.
   *
   * @param _response the response
   * @param _request a copy of the request, on which new credentials can be set
   * @returns whether to send that copy
   */
  answer(_response: Challenge, _request: AuthenticatedRequest): boolean {
    return false
  }
}

/** A user name or password: a string is encoded as UTF-8, bytes are sent as they are. */
export type Credential = string | Uint8Array

/** Credentials: a user name and password for basic authentication, an `AuthBase`, or a function that sets the headers of a request. */
export type Auth =
  | readonly [user: Credential, password: Credential]
  | AuthBase
  | ((request: AuthenticatedRequest) => unknown)

/** Checks an `auth` option; a pair becomes `HTTPBasicAuth`. */
export function authOf(auth: unknown): AuthBase {
  if (auth instanceof AuthBase) return auth
  if (typeof auth === 'function') return new FunctionAuth(auth as (request: AuthenticatedRequest) => unknown)
  if (Array.isArray(auth) && auth.length === 2 && isCredential(auth[0]) && isCredential(auth[1])) {
    return new HTTPBasicAuth(auth[0], auth[1])
  }
  // The value may be a password or a token, so it is not shown.
  const shown = Array.isArray(auth) ? 'another array' : typeof auth === 'string' ? 'a string' : show(auth)
  throw new TypeError(`Expected \`auth\` to be [user, password], an authentication or a function, got ${shown}`)
}

function isCredential(value: unknown): value is Credential {
  return typeof value === 'string' || value instanceof Uint8Array
}

/** Checks a user name or password. The message does not show the value. */
export function checkCredential(value: unknown, name: string): Credential {
  if (isCredential(value)) return value
  throw new TypeError(`Expected \`${name}\` to be a string or bytes, got ${value === null ? 'null' : typeof value}`)
}

/** Sets the credentials of a request. An asynchronous `authenticate` is rejected: the request would be sent without them. */
export function authorize(auth: AuthBase, request: AuthenticatedRequest): void {
  checkActed(auth.authenticate(request), 'an authentication')
}

/**
 * Basic authentication in UTF-8 (RFC 7617; requests: HTTPBasicAuth).
 *
 * @example
 * const page = yield* get(url, { auth: new HTTPBasicAuth('user', 'password') }) // or auth: ['user', 'password']
 */
export class HTTPBasicAuth extends AuthBase {
  readonly username: Credential
  readonly password: Credential

  constructor(username: Credential, password: Credential) {
    super()
    this.username = checkCredential(username, 'username')
    this.password = checkCredential(password, 'password')
  }

  authenticate(request: AuthenticatedRequest): void {
    request.headers.set('Authorization', basicAuthorization(this.username, this.password))
  }
}

/**
 * Basic authentication with a proxy (requests: HTTPProxyAuth).
 *
 * @example
 * const page = yield* get(url, { auth: new HTTPProxyAuth('user', 'password') }) // sets Proxy-Authorization
 */
export class HTTPProxyAuth extends HTTPBasicAuth {
  override authenticate(request: AuthenticatedRequest): void {
    request.headers.set('Proxy-Authorization', basicAuthorization(this.username, this.password))
  }
}

/** Wraps a user's function as an authentication scheme. */
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

/** The value of an Authorization header for basic authentication in UTF-8 (RFC 7617). */
export function basicAuthorization(user: Credential, password: Credential): string {
  const bytes = [user, ':', password].map((part) => (typeof part === 'string' ? Buffer.from(part) : part))
  return `Basic ${Buffer.concat(bytes).toString('base64')}`
}
