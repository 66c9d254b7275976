import { readFileSync } from 'node:fs'
import { isControlError, type Operation, type Suspension } from '@greenlit/core'
import { Call, now } from '@greenlit/core/engine'
import { ACCEPT_ENCODING } from '../body/decode-body.ts'
import { CookieJar } from '../cookies/cookie-jar.ts'
import type { Engine, EngineRequest, Limits, TlsSettings } from '../engine/engine.ts'
import { NodeEngine } from '../engine/node-engine.ts'
import { RequestException } from '../errors/request-exception.ts'
import { TooManyRedirects } from '../errors/too-many-redirects.ts'
import { CaseInsensitiveDict, type HeadersInit } from '../headers/case-insensitive-dict.ts'
import { addCookies, type PreparedRequest, prepareRequest } from '../request/prepared-request.ts'
import { limitsOf } from '../request/timeouts.ts'
import { Response } from '../response/response.ts'
import type { RequestOptions, ResponseHook } from './options.ts'
import { redirectedRequest } from './redirect.ts'

const DEFAULT_REDIRECTS = 30
const DEFAULT_SIZE = 1024 * 1024 * 1024

/** What a session is made with. */
export interface SessionOptions
  extends Pick<
    RequestOptions,
    | 'auth'
    | 'params'
    | 'timeout'
    | 'verify'
    | 'cert'
    | 'hooks'
    | 'maxRedirects'
    | 'maxSize'
    | 'stream'
    | 'lookup'
    | 'sensitiveHeaders'
  > {
  /** What carries the requests. Default: Node's own client, with connections that are kept alive. */
  readonly engine?: Engine | undefined
  /** Headers of every request. */
  readonly headers?: HeadersInit | undefined
  readonly cookies?: Readonly<Record<string, string>> | CookieJar | undefined
}

/**
 * Requests that share cookies, connections and defaults (requests: Session).
 *
 * @example
 * using session = new Session({ headers: { 'User-Agent': 'example/1.0' } })
 * yield* session.post('https://example.org/login', { data: { user, password } })
 * const page = yield* session.get('https://example.org/account')
 */
export class Session {
  /** Headers of every request. */
  readonly headers: CaseInsensitiveDict
  /** What the servers have set. */
  readonly cookies: CookieJar
  /** @internal */
  readonly defaults: SessionOptions
  /** @internal */
  readonly engine: Engine

  constructor(options: SessionOptions = {}) {
    this.defaults = options
    this.engine = options.engine ?? new NodeEngine()
    this.headers = new CaseInsensitiveDict({
      'User-Agent': 'greenlit',
      'Accept-Encoding': ACCEPT_ENCODING,
      Accept: '*/*',
    })
    for (const [name, value] of new CaseInsensitiveDict(options.headers)) this.headers.set(name, value)
    this.cookies = options.cookies instanceof CookieJar ? options.cookies : new CookieJar(options.cookies)
  }

  /**
   * Makes a request.
   *
   * @param method as 'GET'
   * @param url where to, http or https
   * @param options see `RequestOptions`
   * @throws {RequestException} of the kind that says what failed; what is wrong with the arguments, at once. A kill or timeout of the greenlet
   *   closes the connection
   */
  request(method: string, url: string | URL, options: RequestOptions = {}): Operation<Response> {
    const merged: RequestOptions = { ...this.defaults, ...options, headers: options.headers }
    limitsOf(merged.timeout)
    const jar = cookiesFor(this.cookies, options.cookies)
    const prepared = prepareRequest(method, url, merged, this.headers, jar)
    return new Call<[Session, PreparedRequest, RequestOptions, CookieJar], Response>(perform, [
      this,
      prepared,
      merged,
      jar,
    ])
  }

  get(url: string | URL, options?: RequestOptions): Operation<Response> {
    return this.request('GET', url, options)
  }

  options(url: string | URL, options?: RequestOptions): Operation<Response> {
    return this.request('OPTIONS', url, options)
  }

  head(url: string | URL, options?: RequestOptions): Operation<Response> {
    return this.request('HEAD', url, { allowRedirects: false, ...options })
  }

  post(url: string | URL, options?: RequestOptions): Operation<Response> {
    return this.request('POST', url, options)
  }

  put(url: string | URL, options?: RequestOptions): Operation<Response> {
    return this.request('PUT', url, options)
  }

  patch(url: string | URL, options?: RequestOptions): Operation<Response> {
    return this.request('PATCH', url, options)
  }

  delete(url: string | URL, options?: RequestOptions): Operation<Response> {
    return this.request('DELETE', url, options)
  }

  /** Closes the idle connections. */
  close(): void {
    this.engine.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

function cookiesFor(session: CookieJar, given: RequestOptions['cookies']): CookieJar {
  if (given === undefined || given === null) return session
  const jar = session.copy()
  jar.update(given)
  return jar
}

function* perform(
  session: Session,
  prepared: PreparedRequest,
  options: RequestOptions,
  jar: CookieJar,
): Generator<Suspension, Response, unknown> {
  const limits = limitsOf(options.timeout)
  const follow = options.allowRedirects ?? prepared.method !== 'HEAD'
  const most = options.maxRedirects ?? DEFAULT_REDIRECTS
  const history: Response[] = []
  let request = prepared
  for (;;) {
    const response = yield* exchange(session, request, options, jar, limits)
    response.history = [...history]
    if (!follow || !response.isRedirect) {
      if (!options.stream) yield* response.load()
      return response
    }
    if (history.length >= most) {
      response.close()
      throw new TooManyRedirects(`Exceeded ${most} redirects`, { request, response })
    }
    response.close()
    history.push(response)
    request = redirectedRequest(
      request,
      response.statusCode,
      response.headers.get('location')!,
      options.sensitiveHeaders ?? [],
    )
    addCookies(request, jar)
  }
}

function* exchange(
  session: Session,
  request: PreparedRequest,
  options: RequestOptions,
  jar: CookieJar,
  limits: Limits,
): Generator<Suspension, Response, unknown> {
  const started = now()
  try {
    const head = yield* session.engine.send(engineRequest(request, options, limits))
    const cookies = new CookieJar()
    const response = new Response(head, request, cookies, limits, options.maxSize ?? DEFAULT_SIZE)
    response.elapsed = now() - started
    const set = response.headers.getAll('set-cookie')
    if (set.length > 0) {
      cookies.extract(set, request.url)
      session.cookies.extract(set, request.url)
      if (jar !== session.cookies) jar.extract(set, request.url)
    }
    return hooked(response, options.hooks?.response)
  } catch (error) {
    if (!isControlError(error) && error instanceof RequestException) error.request ??= request
    throw error
  }
}

function hooked(response: Response, hooks: ResponseHook | readonly ResponseHook[] | undefined): Response {
  if (hooks === undefined) return response
  let current = response
  for (const hook of typeof hooks === 'function' ? [hooks] : hooks) current = hook(current) ?? current
  return current
}

function engineRequest(request: PreparedRequest, options: RequestOptions, limits: Limits): EngineRequest {
  const { url } = request
  return {
    method: request.method,
    url,
    target: `${url.pathname}${url.search}`,
    headers: ['Host', url.host, ...request.headers.toRaw()],
    body: request.content,
    limits,
    tls: tlsSettings(options),
    proxy: undefined,
    lookup: options.lookup,
  }
}

function tlsSettings({ verify, cert }: RequestOptions): TlsSettings | undefined {
  if ((verify === undefined || verify === true) && cert === undefined) return undefined
  const [certificate, key] = typeof cert === 'string' ? [cert, cert] : (cert ?? [])
  return {
    rejectUnauthorized: verify !== false,
    ...(typeof verify === 'string' ? { ca: readFileSync(verify) } : {}),
    ...(certificate === undefined ? {} : { cert: readFileSync(certificate) }),
    ...(key === undefined ? {} : { key: readFileSync(key) }),
  }
}
