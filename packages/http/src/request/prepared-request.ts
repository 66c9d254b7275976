import { show } from '@greenlit/core/engine'
import type { AuthBase } from '../auth/auth.ts'
import { bytesOf } from '../body/body-content.ts'
import type { EngineBody } from '../engine/engine.ts'
import type { CaseInsensitiveDict } from '../headers/case-insensitive-dict.ts'
import { TOKEN } from '../headers/token.ts'
import { prepareUrl } from '../url/prepare-url.ts'
import { Target } from '../url/target.ts'

/** A request as it will go on the wire (requests: PreparedRequest). It may be changed until it is sent. */
export class PreparedRequest {
  /** As `GET`. */
  method: string
  /** Names and values in the order in which they go out. */
  headers: CaseInsensitiveDict
  /** @internal Where to: without user name and password. */
  place: Target
  /** @internal */
  content: EngineBody | undefined
  /** @internal What may answer a challenge. */
  auth: AuthBase | undefined

  /** @internal Made by `Session.prepareRequest` and `Request.prepare`. */
  constructor(method: string, place: Target, headers: CaseInsensitiveDict, content?: EngineBody, auth?: AuthBase) {
    this.method = method
    this.place = place
    this.headers = headers
    this.content = content
    this.auth = auth
  }

  /** Where to, as text; without user name and password. Setting it checks it as `get` would. */
  get url(): string {
    return this.place.href
  }

  set url(url: string | URL) {
    this.place = prepareUrl(url).target
  }

  /** @internal Where to, parsed; it must not be changed but for another. */
  get target(): URL {
    return this.place.url
  }

  set target(url: URL) {
    this.place = Target.of(url)
  }

  /** Path and query as they go on the wire (requests: path_url). */
  get pathUrl(): string {
    return this.place.path
  }

  /** The bytes of the body; `undefined` if there is none, or it comes piece by piece. */
  get body(): Uint8Array | undefined {
    return this.content instanceof Uint8Array ? this.content : undefined
  }

  /** Sets the body, text as UTF-8, and the Content-Length with it. */
  set body(body: Uint8Array | string | undefined) {
    if (body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array))
      throw new TypeError(`Expected \`body\` to be bytes or a string, got ${show(body)}`)
    this.content = bytesOf(body)
    this.headers.delete('Transfer-Encoding')
    if (this.content === undefined) this.headers.delete('Content-Length')
    else this.headers.set('Content-Length', String(this.content.length))
  }

  /** A request of its own with the same content. */
  copy(): PreparedRequest {
    return new PreparedRequest(this.method, this.place, this.headers.copy(), this.content, this.auth)
  }

  toString(): string {
    return `<PreparedRequest [${this.method}]>`
  }
}

const USUAL = new Set<unknown>(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Checks a method; gives it in upper case. */
export function checkMethod(method: unknown): string {
  if (USUAL.has(method)) return method as string
  if (typeof method !== 'string' || !TOKEN.test(method))
    throw new TypeError(`Expected \`method\` to be an HTTP method, got ${show(method)}`)
  const name = method.toUpperCase()
  // What follows its answer is no HTTP.
  if (name === 'CONNECT')
    throw new TypeError('Expected `method` to be another than CONNECT: tunnels are made by `proxies`')
  return name
}
