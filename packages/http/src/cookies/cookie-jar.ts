import { checkCallable, checkOptions, checkWhole, show } from '@greenlit/core/engine'
import { checkBoolean, checkString } from '../check-argument.ts'
import { parsedUrl } from '../url/parsed-url.ts'
import { requote } from '../url/percent.ts'
import type { Cookie } from './cookie.ts'
import { CookieConflictError } from './cookie-conflict-error.ts'
import { domainsOf, isSentTo, pathMatches } from './cookie-scope.ts'
import { CookieStore } from './cookie-store.ts'
import { parseSetCookie } from './parse-set-cookie.ts'

/** Restricts a look-up to cookies of a domain or a path. Default all domains and paths. */
export interface CookieSelector {
  readonly domain?: string | undefined
  readonly path?: string | undefined
}

/** A serialised cookie. JSON has no `Infinity`, so a session cookie has no `expires`. */
export type StoredCookie = Omit<Cookie, 'expires'> & { readonly expires?: number | undefined }

/** Cookies by name: an object or pairs, as a `Map` has them. */
export type CookiesByName = Readonly<Record<string, string>> | Iterable<readonly [name: string, value: string]>

/** Options of `CookieJar`. */
export interface CookieJarOptions {
  /** How many cookies a domain may have, from 1. Beyond that the oldest is removed. Default 180. */
  readonly maxPerDomain?: number | undefined
  /** How many cookies the jar may have, from 1. Beyond that the oldest is removed. Default 3000. */
  readonly maxCookies?: number | undefined
  /** Returns the current time in milliseconds since 1970. Default the system clock. */
  readonly now?: (() => number) | undefined
}

/**
 * Stores cookies and decides which of them are sent where (RFC 6265; requests: RequestsCookieJar). It has the methods of a dictionary,
 * and iterates over its cookies, oldest first. A cookie set without a domain by `set` is sent to any host; one set by a server is sent
 * to that server.
 *
 * @example
 * const jar = new CookieJar({ lang: 'en' })
 * jar.set('token', 'abc', { domain: 'example.org', path: '/' })
 * jar.headerFor(new URL('https://example.org/')) // 'lang=en; token=abc'
 */
export class CookieJar implements Iterable<Cookie> {
  readonly #cookies: CookieStore
  readonly #now: () => number

  /**
   * @param init cookies for any host, by name, or another jar to copy
   * @param options see `CookieJarOptions`
   */
  constructor(init?: CookiesByName | CookieJar, options?: CookieJarOptions) {
    const given = checkOptions(options)
    const maxPerDomain = checkWhole(given.maxPerDomain ?? 180, 'maxPerDomain', 1)
    this.#cookies = new CookieStore(maxPerDomain, checkWhole(given.maxCookies ?? 3000, 'maxCookies', 1))
    if (given.now !== undefined) checkCallable(given.now, 'now')
    this.#now = given.now ?? Date.now
    if (init !== undefined && init !== null) this.update(init)
  }

  /** The number of cookies that have not expired. */
  get size(): number {
    this.#cookies.expire(this.#now())
    return this.#cookies.size
  }

  /** Whether the jar has no cookies, including expired ones that were not removed yet. */
  get isEmpty(): boolean {
    return this.#cookies.size === 0
  }

  /**
   * Returns the value of the cookie with a name; `undefined` if there is none.
   *
   * @throws {CookieConflictError} if several cookies have the name and match `selector`
   */
  get(name: string, selector?: CookieSelector): string | undefined {
    let found: Cookie | undefined
    for (const cookie of this.#select(name, selector)) {
      if (found !== undefined) throw new CookieConflictError(`There are several cookies with the name ${show(name)}`)
      found = cookie
    }
    return found?.value
  }

  /** Returns whether there is a cookie with a name. */
  has(name: string, selector?: CookieSelector): boolean {
    return !this.#select(name, selector).next().done
  }

  /**
   * Sets a cookie, replacing one with the same name, domain and path. The value `undefined` deletes the cookies with that name.
   *
   * @param options the other fields of `Cookie`. `domain` defaults to any host, `path` to '/'
   */
  set(name: string, value: string | undefined, options?: Partial<Omit<Cookie, 'name' | 'value'>>): void {
    if (value === undefined || value === null) {
      this.delete(name, options)
      return
    }
    if (typeof name !== 'string' || !/^[^\s;=,]+$/.test(name)) {
      throw new RangeError(`Expected \`name\` to be a cookie's name, got ${show(name)}`)
    }
    // biome-ignore lint/suspicious/noControlCharactersInRegex: searches for control characters
    if (typeof value !== 'string' || /[;\x00-\x08\x0a-\x1f\x7f]/.test(value)) {
      throw new RangeError(`Expected the value of the cookie \`${name}\` to be text without semicolons and line breaks`)
    }
    const given = checkOptions(options)
    const path = given.path ?? '/'
    const expires = given.expires ?? Infinity
    checkString(path, 'path')
    if (typeof expires !== 'number' || Number.isNaN(expires)) {
      throw new TypeError(`Expected \`expires\` to be milliseconds since 1970, got ${show(expires)}`)
    }
    this.#store({
      name,
      value,
      domain: hostOf(given.domain ?? ''),
      hostOnly: checkBoolean(given.hostOnly, 'hostOnly', false),
      path,
      secure: checkBoolean(given.secure, 'secure', false),
      httpOnly: checkBoolean(given.httpOnly, 'httpOnly', false),
      expires,
    })
  }

  /** Deletes the cookies with a name. Returns whether there were any. */
  delete(name: string, selector?: CookieSelector): boolean {
    const found = [...this.#select(name, selector)]
    for (const cookie of found) this.#cookies.remove(cookie)
    return found.length > 0
  }

  /** Deletes all cookies, or those of a domain and path. */
  clear(selector?: CookieSelector): void {
    for (const cookie of [...this.#select(undefined, selector)]) this.#cookies.remove(cookie)
  }

  *[Symbol.iterator](): Generator<Cookie, void> {
    this.#cookies.expire(this.#now())
    yield* this.#cookies.values()
  }

  /** Returns the names, one for each cookie. */
  keys(): string[] {
    return [...this].map(({ name }) => name)
  }

  values(): string[] {
    return [...this].map(({ value }) => value)
  }

  /** Returns pairs of name and value. */
  entries(): [name: string, value: string][] {
    return [...this].map(({ name, value }) => [name, value])
  }

  /** Returns the values by name, optionally only those of a domain or path. The last one with a name wins (requests: get_dict). */
  toObject(selector?: CookieSelector): Record<string, string> {
    return Object.fromEntries([...this.#select(undefined, selector)].map(({ name, value }) => [name, value]))
  }

  listDomains(): string[] {
    return [...new Set([...this].map(({ domain }) => domain))]
  }

  listPaths(): string[] {
    return [...new Set([...this].map(({ path }) => path))]
  }

  /** Adds the cookies of another jar, those of an object or pairs by name, or ones serialised with `toJSON`. */
  update(other: Iterable<StoredCookie> | CookiesByName | Readonly<Record<string, string | undefined>>): void {
    if (typeof other !== 'object' || other === null) {
      throw new TypeError(`Expected \`cookies\` to be an object or a jar, got ${show(other)}`)
    }
    if (isIterable(other)) {
      for (const cookie of other) {
        if (isPair(cookie)) this.set(cookie[0], cookie[1])
        else this.#store(completeCookie(cookie))
      }
    } else {
      for (const [name, value] of Object.entries(other)) this.set(name, value)
    }
  }

  /** Returns a copy of the jar. */
  copy(): CookieJar {
    const { maxPerDomain, maxCookies } = this.#cookies
    return new CookieJar(this, { maxPerDomain, maxCookies, now: this.#now })
  }

  /** Stores the cookies of `Set-Cookie` headers, and removes those they expire. Cookies that the server may not set are ignored. */
  extract(setCookies: readonly string[], url: string | URL): void {
    if (!Array.isArray(setCookies) || !setCookies.every((header) => typeof header === 'string')) {
      throw new TypeError(`Expected \`setCookies\` to be an array of strings, got ${show(setCookies)}`)
    }
    const from = parsedUrl(url)
    const now = this.#now()
    for (const header of setCookies) {
      const cookie = parseSetCookie(header, from, now)
      if (cookie !== undefined && !this.#overlaysSecure(cookie, from)) this.#store(cookie)
    }
  }

  /**
   * Returns the value of the `Cookie` header for a URL, sorted by longer paths first and then by age; `undefined` if there are no
   * cookies for it.
   *
   * @param options `unbound`: whether to include cookies without a domain. Default true; use false for a redirect to another host
   */
  headerFor(url: string | URL, options?: { readonly unbound?: boolean | undefined }): string | undefined {
    const { unbound = true } = checkOptions(options)
    const to = parsedUrl(url)
    if (this.#cookies.size === 0) return undefined
    const now = this.#now()
    const { protocol, hostname } = to
    const target = { protocol, hostname, pathname: requote(to.pathname) }
    const domains = domainsOf(hostname)
    if (unbound) domains.push('')
    const going = this.#cookies.ofDomains(domains).filter((cookie) => cookie.expires > now && isSentTo(cookie, target))
    if (going.length === 0) return undefined
    going.sort((a, b) => b.path.length - a.path.length)
    return going.map(({ name, value }) => `${name}=${value}`).join('; ')
  }

  /** Returns the cookies as plain objects: `new CookieJar().update(JSON.parse(text))` restores them. */
  toJSON(): StoredCookie[] {
    return [...this].map((cookie) => ({ ...cookie, expires: cookie.expires === Infinity ? undefined : cookie.expires }))
  }

  toString(): string {
    return `<CookieJar [${[...this].map(({ name, value, domain, path }) => `${name}=${value} for ${domain}${path}`).join(', ')}]>`
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }

  *#select(name: string | undefined, selector: CookieSelector | undefined): Generator<Cookie, void> {
    const { domain, path } = checkOptions(selector)
    const wanted = domain === undefined || domain === null ? undefined : hostOf(domain)
    for (const cookie of this) {
      if (name !== undefined && cookie.name !== name) continue
      if ((wanted ?? cookie.domain) === cookie.domain && (path ?? cookie.path) === cookie.path) yield cookie
    }
  }

  /** Whether a cookie set over http would overlay a secure cookie, which it must not (RFC 6265bis section 5.7). */
  #overlaysSecure(cookie: Cookie, url: URL): boolean {
    if (url.protocol === 'https:') return false
    const { name, domain, path } = cookie
    return this.#cookies.someRelated(
      domain,
      (other) => other.secure && other.name === name && pathMatches(other.path, path),
    )
  }

  /** Stores a cookie. One that has expired deletes the cookie with the same name, domain and path. */
  #store(cookie: Cookie): void {
    if (cookie.expires <= this.#now()) this.#cookies.remove(cookie)
    else this.#cookies.put(cookie)
  }
}

/** Normalises a domain for storage and comparison. */
function hostOf(domain: string): string {
  checkString(domain, 'domain')
  return domain.replace(/^\./, '').toLowerCase()
}

function isIterable(value: object): value is Iterable<StoredCookie | readonly [string, string]> {
  return Symbol.iterator in value
}

function isPair(cookie: StoredCookie | readonly [string, string]): cookie is readonly [string, string] {
  return Array.isArray(cookie) && cookie.length === 2
}

/** Checks a serialised cookie, and fills in the defaults. */
function completeCookie(cookie: StoredCookie): Cookie {
  if (typeof cookie?.name !== 'string' || typeof cookie.value !== 'string') {
    throw new TypeError(
      `Expected \`cookies\` to be an object by name, or hold cookies as a jar does, got ${show(cookie)}`,
    )
  }
  const usual = { hostOnly: false, path: '/', secure: false, httpOnly: false }
  return { ...usual, ...cookie, domain: hostOf(cookie.domain ?? ''), expires: cookie.expires ?? Infinity }
}
