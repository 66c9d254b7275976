import { show } from '@greenlit/core/engine'
import type { AuthBase } from '../auth/auth.ts'
import { bytesOf } from '../body/body-content.ts'
import type { EngineBody } from '../engine/engine.ts'
import type { CaseInsensitiveDict } from '../headers/case-insensitive-dict.ts'
import { TOKEN } from '../headers/token.ts'
import { prepareUrl } from '../url/prepare-url.ts'
import { Target } from '../url/target.ts'

/**
 * A request as it will be sent (requests: PreparedRequest). It may be changed until it is sent.
 *
 * @example
 * const prepared = session.prepareRequest(new Request('GET', url))
 * prepared.headers.set('Accept', 'text/html')
 * const page = yield* session.send(prepared)
 */
export class PreparedRequest {
  /** The HTTP method, such as `GET`. */
  method: string
  /** The headers, in the order in which they are sent. */
  headers: CaseInsensitiveDict
  /** @internal The URL without user name and password. */
  destination: Target
  /** @internal The body as the engine takes it. */
  content: EngineBody | undefined
  /** @internal Answers an authentication challenge. */
  auth: AuthBase | undefined

  /** @internal Made by `Session.prepareRequest` and `Request.prepare`. */
  constructor(method: string, place: Target, headers: CaseInsensitiveDict, content?: EngineBody, auth?: AuthBase) {
    if (!(place instanceof Target))
      throw new TypeError('Expected a PreparedRequest to be made by `Request.prepare()` or `Session.prepareRequest()`')
    this.method = method
    this.destination = place
    this.headers = headers
    this.content = content
    this.auth = auth
  }

  /** The URL without user name and password. A value assigned here is checked like the URL of `get`. */
  get url(): string {
    return this.destination.href
  }

  set url(url: string | URL) {
    this.destination = prepareUrl(url).target
  }

  /** @internal The parsed URL. It must not be modified, only replaced. */
  get target(): URL {
    return this.destination.url
  }

  set target(url: URL) {
    this.destination = Target.of(url)
  }

  /** Path and query as sent in the request line (requests: path_url). */
  get pathUrl(): string {
    return this.destination.path
  }

  /** The bytes of the body; `undefined` if there is no body, or it is sent piece by piece. */
  get body(): Uint8Array | undefined {
    return this.content instanceof Uint8Array ? this.content : undefined
  }

  /** Sets the body, with text encoded as UTF-8, and the Content-Length to match. */
  set body(body: Uint8Array | string | undefined) {
    if (body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array))
      throw new TypeError(`Expected \`body\` to be bytes or a string, got ${show(body)}`)
    this.content = bytesOf(body)
    this.headers.delete('Transfer-Encoding')
    if (this.content === undefined) this.headers.delete('Content-Length')
    else this.headers.set('Content-Length', String(this.content.length))
  }

  /** Returns an independent copy of this request. */
  copy(): PreparedRequest {
    return new PreparedRequest(this.method, this.destination, this.headers.copy(), this.content, this.auth)
  }

  toString(): string {
    return `<PreparedRequest [${this.method}]>`
  }

  /** Returns what is safe to log. */
  toJSON(): { readonly method: string; readonly url: string } {
    const { method, url } = this
    return { method, url }
  }

  /** What is printed: the headers hold cookies and logins. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}

const USUAL = new Set<unknown>(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Checks a method and returns it in upper case. */
export function checkMethod(method: unknown): string {
  if (USUAL.has(method)) return method as string
  if (typeof method !== 'string' || !TOKEN.test(method))
    throw new TypeError(`Expected \`method\` to be an HTTP method, got ${show(method)}`)
  const name = method.toUpperCase()
  // After a successful CONNECT the connection no longer carries HTTP.
  if (name === 'CONNECT')
    throw new TypeError('Expected `method` to be another than CONNECT: tunnels are made by `proxies`')
  return name
}
