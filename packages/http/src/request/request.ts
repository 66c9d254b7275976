import { checkOptions, show } from '@greenlit/core/engine'
import { type Auth, authOf, authorize } from '../auth/auth.ts'
import { type BodyOptions, prepareBody } from '../body/prepare-body.ts'
import { CookieJar, type CookiesByName } from '../cookies/cookie-jar.ts'
import { CaseInsensitiveDict } from '../headers/case-insensitive-dict.ts'
import { mergeHeaders, type RequestHeaders } from '../headers/merge-headers.ts'
import { isPromiseLike } from '../is-promise-like.ts'
import { mergeParams, type Params } from '../url/params.ts'
import { prepareUrl } from '../url/prepare-url.ts'
import { checkMethod, PreparedRequest } from './prepared-request.ts'

/** Cookies to send: an object or pairs by name, or a jar. */
export type Cookies = CookiesByName | CookieJar

/** The parts of a request. */
export interface RequestParts extends BodyOptions {
  /** Parameters that are added to the query of the URL. */
  readonly params?: Params | undefined
  /**
   * Headers; `undefined` or `null` as a value removes the session's header of that name. Only a `CaseInsensitiveDict` can have several
   * lines of one name.
   */
  readonly headers?: RequestHeaders | undefined
  /** The credentials. Default: the session's, or the user name and password in the URL. */
  readonly auth?: Auth | null | undefined
  /** Cookies for this request, in addition to those of the session. */
  readonly cookies?: Cookies | undefined
}

/** The defaults that a session adds to the parts of a request. */
export interface RequestDefaults {
  readonly headers: CaseInsensitiveDict
  readonly params?: Params | undefined
  readonly auth?: Auth | null | undefined
  /** Returns the credentials for a host when neither the request, the session nor the URL has any. */
  readonly _login?: ((url: URL) => Auth | undefined) | undefined
}

/**
 * A request that has not been prepared yet (requests: Request).
 *
 * @example
 * const request = new Request('GET', 'https://example.org/', { params: { q: 'x' } })
 * const response = yield* session.send(session.prepareRequest(request))
 */
export class Request {
  readonly method: string
  readonly url: string | URL
  readonly parts: RequestParts

  /**
   * @param method the HTTP method, such as 'GET'
   * @param url the http or https URL
   * @param parts `params`, `headers`, `data`, `json`, `files`, `auth`, `cookies`
   */
  constructor(method: string, url: string | URL, parts?: RequestParts) {
    this.method = method
    this.url = url
    this.parts = checkOptions(parts)
  }

  /** Prepares the request on its own, without a session's defaults. */
  prepare(): PreparedRequest {
    const jar = new CookieJar(asCookies(this.parts.cookies))
    return prepareRequest(this.method, this.url, this.parts, { headers: new CaseInsensitiveDict() }, jar)
  }

  toString(): string {
    return `<Request [${this.method}]>`
  }

  /** What is printed: the parts hold cookies and logins. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}

/**
 * Prepares a request: URL, headers, body, cookies, authentication.
 *
 * @param jar the cookies that may be sent
 * @throws immediately if a part is invalid
 */
export function prepareRequest(
  method: string,
  url: string | URL,
  parts: RequestParts,
  defaults: RequestDefaults,
  jar: CookieJar,
): PreparedRequest {
  const request = draftRequest(method, url, parts, defaults)
  completeRequest(request, jar)
  return request
}

/** Prepares what of a request does not depend on when it is sent: all but the cookies and the credentials. */
export function draftRequest(
  method: string,
  url: string | URL,
  parts: RequestParts,
  defaults: RequestDefaults,
): PreparedRequest {
  const name = checkMethod(method)
  const params = mergeParams(defaults.params, parts.params)
  const { target, userinfo } = prepareUrl(url, params)
  const headers =
    parts.headers === undefined || parts.headers === null
      ? defaults.headers.copy()
      : mergeHeaders(defaults.headers, parts.headers)
  const request = new PreparedRequest(name, target, headers)
  prepareBody(request, parts)
  const auth =
    parts.auth ??
    defaults.auth ??
    userinfo ??
    (headers.has('authorization') ? undefined : defaults._login?.(target.origin))
  if (auth !== undefined) request.auth = authOf(auth)
  return request
}

/** Adds the cookies and the credentials to a draft. Those before it may have brought other cookies, or a nonce. */
export function completeRequest(request: PreparedRequest, jar: CookieJar): void {
  addCookies(request, jar)
  if (request.auth !== undefined) authorize(request.auth, request)
}

/**
 * Sets the Cookie header from a jar, unless the request already has one.
 *
 * @param unbound whether cookies without a domain are sent too
 */
export function addCookies(request: PreparedRequest, jar: CookieJar, unbound = true): void {
  if (jar.isEmpty || request.headers.has('Cookie')) return
  const cookies = jar.headerFor(request.target, { unbound })
  if (cookies !== undefined) request.headers.set('Cookie', cookies)
}

/** Returns the jar for a request with cookies of its own: a copy of the store with them. */
export function withCookies(store: CookieJar, own: Cookies | undefined): CookieJar {
  if (own === undefined) return store
  const jar = store.copy()
  jar.update(own)
  return jar
}

/** Checks a `cookies` option. */
export function asCookies(cookies: unknown): Cookies | undefined {
  if (cookies === undefined || cookies === null) return undefined
  if (typeof cookies === 'object' && !isPromiseLike(cookies)) return cookies as Cookies
  // The text of a cookie is often a login token, so it is not shown.
  const shown = typeof cookies === 'string' ? 'a string' : show(cookies)
  throw new TypeError(`Expected \`cookies\` to be an object or a jar, got ${shown}`)
}
