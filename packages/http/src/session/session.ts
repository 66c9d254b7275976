import type { Operation, Suspension } from '@greenlit/core'
import { Call, checkOptions, Done, show } from '@greenlit/core/engine'
import { type Auth, authOf } from '../auth/auth.ts'
import { netrcLogin } from '../auth/netrc.ts'
import { ACCEPT_ENCODING } from '../body/decode-body.ts'
import { checkBoolean } from '../check-argument.ts'
import { CookieJar } from '../cookies/cookie-jar.ts'
import type { Engine } from '../engine/engine.ts'
import { RequestException } from '../errors/request-exception.ts'
import { CaseInsensitiveDict, type HeadersInit } from '../headers/case-insensitive-dict.ts'
import { mergeHeaders } from '../headers/merge-headers.ts'
import type { Proxies } from '../proxy/select-proxy.ts'
import { PreparedRequest } from '../request/prepared-request.ts'
import { asCookies, type Cookies, draftRequest, prepareRequest, type Request, withCookies } from '../request/request.ts'
import type { Response } from '../response/response.ts'
import { type Params, queryOf } from '../url/params.ts'
import { Adapters } from './adapters.ts'
import { HTTPAdapter } from './http-adapter.ts'
import type { Hooks, RequestOptions, SendOptions, SessionHooks, SessionOptions } from './options.ts'
import { performRequest } from './perform-request.ts'
import type { RequestingSession } from './request-context.ts'
import { DEFAULT_REDIRECTS, type SessionDefaults, sessionHooks, settingsOf } from './settings.ts'

type Writable<T> = { -readonly [Key in keyof T]: T[Key] }

/**
 * Shares cookies, connections and defaults between requests (requests: Session). Its fields may be changed at any time; a change
 * applies to requests made from then on.
 *
 * @example
 * using session = new Session({ headers: { 'User-Agent': 'example/1.0' } })
 * yield* session.post('https://example.org/login', { data: { user, password } })
 * const page = yield* session.get('https://example.org/account')
 */
export class Session implements Writable<SendOptions>, SessionDefaults, RequestingSession {
  auth: Auth | null | undefined
  /** Query parameters of every request. */
  params: Params | undefined
  trustEnv: boolean
  timeout: SendOptions['timeout']
  minRate: SendOptions['minRate']
  allowRedirects: boolean | undefined
  maxRedirects: number | undefined
  stream: boolean | undefined
  verify: SendOptions['verify']
  cert: SendOptions['cert']
  retries: SendOptions['retries']
  maxSize: number | undefined
  sensitiveHeaders: SendOptions['sensitiveHeaders']
  lookup: SendOptions['lookup']
  guard: SendOptions['guard']
  private ownHeaders: CaseInsensitiveDict
  private ownHooks: SessionHooks
  private ownProxies: Proxies
  private _jar: CookieJar
  private readonly _adapters: Adapters

  /**
   * @param options see `SessionOptions`
   * @throws {TypeError} or {RangeError} for an invalid option
   */
  constructor(options: SessionOptions = {}) {
    const checked = checkOptions(options)
    const headers = { 'User-Agent': 'greenlit', 'Accept-Encoding': ACCEPT_ENCODING, Accept: '*/*' }
    this.ownHeaders = mergeHeaders(headers, checked.headers)
    this._jar = jarOf(checked.cookies)
    this.auth = checked.auth
    this.params = checked.params ?? {}
    this.ownHooks = sessionHooks(checked.hooks ?? {})
    this.trustEnv = checkBoolean(checked.trustEnv, 'trustEnv', true)
    this.timeout = checked.timeout
    this.minRate = checked.minRate
    this.allowRedirects = checked.allowRedirects
    this.maxRedirects = checked.maxRedirects ?? DEFAULT_REDIRECTS
    this.stream = checked.stream ?? false
    this.verify = checked.verify ?? true
    this.cert = checked.cert
    this.ownProxies = checked.proxies ?? {}
    this.retries = checked.retries
    this.maxSize = checked.maxSize
    this.sensitiveHeaders = checked.sensitiveHeaders
    this.lookup = checked.lookup
    this.guard = checked.guard
    settingsOf(this, {})
    if (this.auth !== undefined && this.auth !== null) authOf(this.auth)
    if (this.params !== undefined && this.params !== null) queryOf(this.params)
    this._adapters = new Adapters(new HTTPAdapter({ engine: checked.engine }))
  }

  /** The headers of every request. A value assigned here is copied, unless it is a `CaseInsensitiveDict`. */
  get headers(): CaseInsensitiveDict {
    return this.ownHeaders
  }

  set headers(headers: HeadersInit) {
    this.ownHeaders = headers instanceof CaseInsensitiveDict ? headers : new CaseInsensitiveDict(headers)
  }

  /** The hooks of every request: `session.hooks.response.push(hook)` adds one. A value assigned here is copied. */
  get hooks(): SessionHooks {
    return this.ownHooks
  }

  set hooks(hooks: Hooks) {
    this.ownHooks = sessionHooks(hooks)
  }

  /** The proxies of every request: `session.proxies.https = 'http://127.0.0.1:3128'` adds one. */
  get proxies(): Writable<Proxies> {
    return this.ownProxies
  }

  set proxies(proxies: Proxies | null | undefined) {
    this.ownProxies = proxies ?? {}
  }

  /** The cookies that servers have set. A value assigned here is copied, unless it is a `CookieJar`. */
  get cookies(): CookieJar {
    return this._jar
  }

  set cookies(cookies: Cookies) {
    this._jar = jarOf(cookies)
  }

  /**
   * Makes a request.
   *
   * @param method the HTTP method, such as 'GET'
   * @param url the http or https URL
   * @param options see `RequestOptions`
   * @throws {TypeError} or {RangeError} immediately for an invalid option; when waited for, a subclass of {RequestException} that says
   *   what failed, also for a URL, header or body that cannot be sent. A kill or timeout of the greenlet closes the connection
   */
  request(method: string, url: string | URL, options: RequestOptions = {}): Operation<Response> {
    return this.startRequest(method, url, options, this.cookies)
  }

  /** @internal Makes a request whose cookies are not kept in the session. */
  requestAlone(method: string, url: string | URL, options: RequestOptions = {}): Operation<Response> {
    return this.startRequest(method, url, options, new CookieJar())
  }

  /** Gets a page; see `request` (requests: Session.get). */
  get(url: string | URL, options?: RequestOptions): Operation<Response> {
    return this.request('GET', url, options)
  }

  /** Asks which methods a URL allows; see `request`. */
  options(url: string | URL, options?: RequestOptions): Operation<Response> {
    return this.request('OPTIONS', url, options)
  }

  /** Gets the headers of a page; redirects are not followed unless `allowRedirects` is true; see `request`. */
  head(url: string | URL, options?: RequestOptions): Operation<Response> {
    return this.request('HEAD', url, options)
  }

  /** Posts a form, JSON or bytes; see `request`. */
  post(url: string | URL, options?: RequestOptions): Operation<Response> {
    return this.request('POST', url, options)
  }

  /** Puts a body at a URL; see `request`. */
  put(url: string | URL, options?: RequestOptions): Operation<Response> {
    return this.request('PUT', url, options)
  }

  /** Modifies the resource at a URL; see `request`. */
  patch(url: string | URL, options?: RequestOptions): Operation<Response> {
    return this.request('PATCH', url, options)
  }

  /** Deletes the resource at a URL; see `request`. */
  delete(url: string | URL, options?: RequestOptions): Operation<Response> {
    return this.request('DELETE', url, options)
  }

  /**
   * Prepares a request with the session's headers, cookies, parameters and authentication (requests: Session.prepare_request).
   *
   * @throws immediately if some part of the request is invalid
   */
  prepareRequest(request: Request): PreparedRequest {
    if (typeof (request as Partial<Request> | undefined | null)?.parts !== 'object')
      throw new TypeError(`Expected \`request\` to be a Request of this package, got ${show(request)}`)
    const { method, url, parts } = request
    return prepareRequest(method, url, parts, this, withCookies(this.cookies, asCookies(parts.cookies)))
  }

  /**
   * Sends a prepared request (requests: Session.send).
   *
   * @param request from `prepareRequest` or `Request.prepare`
   * @param options see `SendOptions`
   */
  send(
    request: PreparedRequest,
    options: SendOptions & { readonly hooks?: Hooks | undefined } = {},
  ): Operation<Response> {
    if (!(request instanceof PreparedRequest)) {
      throw new TypeError(
        `Expected \`request\` to be a PreparedRequest, as prepareRequest makes it, got ${show(request)}`,
      )
    }
    return performRequest(this, request, settingsOf(this, checkOptions(options)), this.cookies, undefined)
  }

  /**
   * Uses an adapter, or an engine, for all requests whose URL begins with a prefix; the longest prefix wins (requests: mount).
   *
   * @param prefix such as 'https://example.org/'
   */
  mount(prefix: string, adapter: HTTPAdapter | Engine): void {
    this._adapters.mount(prefix, adapter)
  }

  /**
   * Returns the adapter for a URL (requests: get_adapter).
   *
   * @throws {InvalidSchema} if no adapter is mounted on a prefix of it
   */
  getAdapter(url: string): HTTPAdapter {
    return this._adapters.of(url)
  }

  /** @internal The login for a URL from the netrc file, unless `trustEnv` is false. */
  readonly _login = (url: URL): Auth | undefined => (this.trustEnv ? netrcLogin(url) : undefined)

  /**
   * Closes the idle connections immediately; connections in use are closed after their response. The session remains usable.
   *
   * @returns an operation that completes without waiting
   */
  close(): Operation<undefined> {
    this._adapters.close()
    return new Done()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** @param store the jar that keeps the cookies set by servers */
  private startRequest(
    method: string,
    url: string | URL,
    options: RequestOptions,
    store: CookieJar,
  ): Operation<Response> {
    const checked = checkOptions(options)
    const settings = settingsOf(this, checked)
    const cookies = asCookies(checked.cookies)
    // Rejects invalid cookies at once.
    if (cookies !== undefined) jarOf(cookies)
    let draft: PreparedRequest
    try {
      draft = draftRequest(method, url, checked, this)
    } catch (error) {
      // A request that cannot be sent fails like an unreachable server: when the operation is waited for, not here.
      if (error instanceof RequestException) return new Call<[RequestException], Response>(fail, [error])
      throw error
    }
    return performRequest(this, draft, settings, store, { cookies })
  }
}

function jarOf(cookies: unknown): CookieJar {
  return cookies instanceof CookieJar ? cookies : new CookieJar(asCookies(cookies))
}

function* fail(error: RequestException): Generator<Suspension, never, unknown> {
  throw error
}
