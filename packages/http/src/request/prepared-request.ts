import { show } from '@greenlit/core/engine'
import { type Auth, authenticate } from '../auth/auth.ts'
import { type BodyOptions, prepareBody } from '../body/prepare-body.ts'
import type { CookieJar } from '../cookies/cookie-jar.ts'
import type { EngineBody } from '../engine/engine.ts'
import { type CaseInsensitiveDict, type HeadersInit, pairsOf } from '../headers/case-insensitive-dict.ts'
import { checkHeader } from '../headers/check-header.ts'
import type { Params } from '../url/params.ts'
import { prepareUrl } from '../url/prepare-url.ts'

/** What a request is made of. */
export interface RequestParts extends BodyOptions {
  readonly params?: Params | undefined
  readonly headers?: HeadersInit | Readonly<Record<string, string | null | undefined>> | undefined
  readonly auth?: Auth | undefined
}

const TOKEN = /^[A-Za-z!#$%&'*+\-.^_`|~0-9]+$/

/** A request as it will go on the wire (requests: PreparedRequest). It is plain data, and may be changed until it is sent. */
export class PreparedRequest {
  method: string
  url: URL
  headers: CaseInsensitiveDict
  /** @internal */
  content: EngineBody | undefined

  constructor(method: string, url: URL, headers: CaseInsensitiveDict, content: EngineBody | undefined) {
    this.method = method
    this.url = url
    this.headers = headers
    this.content = content
  }

  /** The bytes of the body, if it has one that is there in full. */
  get body(): Uint8Array | undefined {
    return this.content instanceof Uint8Array ? this.content : undefined
  }

  /** A request of its own with the same content. */
  copy(): PreparedRequest {
    return new PreparedRequest(this.method, new URL(this.url), this.headers.copy(), this.content)
  }
}

/**
 * Puts a request together.
 *
 * @param defaults headers that it has unless it says otherwise
 * @param jar cookies to choose from
 */
export function prepareRequest(
  method: string,
  target: string | URL,
  parts: RequestParts,
  defaults: CaseInsensitiveDict,
  jar: CookieJar,
): PreparedRequest {
  if (typeof method !== 'string' || !TOKEN.test(method))
    throw new TypeError(`Expected \`method\` to be an HTTP method, got ${show(method)}`)
  const { url, userinfo } = prepareUrl(target, parts.params)
  const headers = mergeHeaders(defaults, parts.headers)
  const request = new PreparedRequest(method.toUpperCase(), url, headers, undefined)
  prepareBody(request, parts)
  const auth = parts.auth ?? userinfo
  if (auth !== undefined) authenticate(request, auth)
  addCookies(request, jar)
  return request
}

/** The Cookie header from the jar, unless the request has one of its own. */
export function addCookies(request: PreparedRequest, jar: CookieJar): void {
  if (jar.isEmpty || request.headers.has('Cookie')) return
  const cookies = jar.headerFor(request.url)
  if (cookies !== undefined) request.headers.set('Cookie', cookies)
}

function mergeHeaders(defaults: CaseInsensitiveDict, given: RequestParts['headers']): CaseInsensitiveDict {
  const headers = defaults.copy()
  if (given === undefined || given === null) return headers
  for (const [name, value] of pairsOf(given)) {
    if (value === undefined || value === null) {
      headers.delete(name)
    } else {
      checkHeader(name, value)
      headers.set(name, value)
    }
  }
  return headers
}
