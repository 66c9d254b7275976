import { checkOptions, checkWhole, show } from '@greenlit/core/engine'
import { checkString, checkUrl } from '../check-given.ts'
import type { Cookie } from './cookie.ts'
import { CookieConflictError } from './cookie-conflict-error.ts'
import { domainsOf, goesTo, pathReaches } from './cookie-scope.ts'
import { CookieStore } from './cookie-store.ts'
import { parseSetCookie } from './parse-set-cookie.ts'

/** Where a cookie is looked for: in all domains and paths unless said. */
export interface CookieSelector {
  readonly domain?: string | undefined
  readonly path?: string | undefined
}

/** A cookie as it is written down: JSON has no `Infinity`, so one of the session has no `expires`. */
export type StoredCookie = Omit<Cookie, 'expires'> & { readonly expires?: number | undefined }

/** How a jar is made. */
export interface CookieJarOptions {
  /** How many cookies a domain may have; the oldest goes. Default 180, from 1. */
  readonly maxPerDomain?: number
  /** How many there may be in all; the oldest goes. Default 3000, from 1. */
  readonly maxCookies?: number
  /** The time, in milliseconds since 1970. Default the system's. */
  readonly now?: () => number
}

/**
 * Cookies, and which of them go where (RFC 6265; requests: RequestsCookieJar). It reads like a dictionary, and iterates over its
 * cookies, oldest first. A cookie set by hand without a domain goes to any host; what a server set goes to that server.
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
   * @param init cookies for any host, by name, or those of another jar
   * @param options see `CookieJarOptions`
   */
  constructor(init?: Readonly<Record<string, string>> | CookieJar, options?: CookieJarOptions) {
    const given = checkOptions(options)
    const maxPerDomain = checkWhole(given.maxPerDomain ?? 180, 'maxPerDomain', 1)
    this.#cookies = new CookieStore(maxPerDomain, checkWhole(given.maxCookies ?? 3000, 'maxCookies', 1))
    this.#now = given.now ?? Date.now
    if (init !== undefined && init !== null) this.update(init)
  }

  /** How many cookies there are that have not expired. */
  get size(): number {
    this.#cookies.expire(this.#now())
    return this.#cookies.size
  }

  /** Whether there is nothing to send to anyone. */
  get isEmpty(): boolean {
    return this.#cookies.size === 0
  }

  /**
   * The value of the cookie of a name; `undefined` if there is none.
   *
   * @throws {CookieConflictError} if several have the name, and `selector` does not decide
   */
  get(name: string, selector?: CookieSelector): string | undefined {
    let found: Cookie | undefined
    for (const cookie of this.#select(name, selector)) {
      if (found !== undefined) throw new CookieConflictError(`There are several cookies with the name ${show(name)}`)
      found = cookie
    }
    return found?.value
  }

  /** Whether there is a cookie of a name. */
  has(name: string, selector?: CookieSelector): boolean {
    return !this.#select(name, selector).next().done
  }

  /**
   * Puts a cookie in, in place of one with the same name, domain and path; `undefined` as its value takes those of the name out.
   *
   * @param options `domain`: default any host; `path`: default '/'; and the other fields of `Cookie`
   */
  set(name: string, value: string | undefined, options?: Partial<Omit<Cookie, 'name' | 'value'>>): void {
    if (value === undefined || value === null) {
      this.delete(name, options)
      return
    }
    if (typeof name !== 'string' || !/^[^\s;=,]+$/.test(name)) {
      throw new RangeError(`Expected \`name\` to be a cookie's name, got ${show(name)}`)
    }
    // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is looked for
    if (typeof value !== 'string' || /[;\x00-\x08\x0a-\x1f\x7f]/.test(value)) {
      throw new RangeError(`Expected the value of the cookie \`${name}\` to be text without semicolons and line breaks`)
    }
    const given = checkOptions(options)
    this.#store({
      name,
      value,
      domain: hostOf(given.domain ?? ''),
      hostOnly: given.hostOnly ?? false,
      path: given.path ?? '/',
      secure: given.secure ?? false,
      httpOnly: given.httpOnly ?? false,
      expires: given.expires ?? Infinity,
    })
  }

  /** Takes out the cookies of a name; gives whether there were any. */
  delete(name: string, selector?: CookieSelector): boolean {
    const found = [...this.#select(name, selector)]
    for (const cookie of found) this.#cookies.remove(cookie)
    return found.length > 0
  }

  /** Takes out all cookies, or those of a domain and path. */
  clear(selector?: CookieSelector): void {
    for (const cookie of [...this.#select(undefined, selector)]) this.#cookies.remove(cookie)
  }

  *[Symbol.iterator](): Generator<Cookie, void> {
    this.#cookies.expire(this.#now())
    yield* this.#cookies.values()
  }

  /** The names, one for each cookie. */
  keys(): string[] {
    return [...this].map(({ name }) => name)
  }

  values(): string[] {
    return [...this].map(({ value }) => value)
  }

  /** Names with values. */
  entries(): [name: string, value: string][] {
    return [...this].map(({ name, value }) => [name, value])
  }

  /** Names and values as an object, of all domains or those selected; of several with one name the last (requests: get_dict). */
  toObject(selector?: CookieSelector): Record<string, string> {
    return Object.fromEntries([...this.#select(undefined, selector)].map(({ name, value }) => [name, value]))
  }

  listDomains(): string[] {
    return [...new Set([...this].map(({ domain }) => domain))]
  }

  listPaths(): string[] {
    return [...new Set([...this].map(({ path }) => path))]
  }

  /** Adds the cookies of another jar, of an object, or ones written down with `toJSON`. */
  update(other: Iterable<StoredCookie> | Readonly<Record<string, string | undefined>>): void {
    if (typeof other !== 'object' || other === null) {
      throw new TypeError(`Expected \`cookies\` to be an object or a jar, got ${show(other)}`)
    }
    if (isIterable(other)) {
      for (const cookie of other) this.#store(completeCookie(cookie))
    } else {
      for (const [name, value] of Object.entries(other)) this.set(name, value)
    }
  }

  /** A jar of its own with the same cookies. */
  copy(): CookieJar {
    const { maxPerDomain, maxCookies } = this.#cookies
    return new CookieJar(this, { maxPerDomain, maxCookies, now: this.#now })
  }

  /** Takes what a server sets, and removes what it lets expire; what it may not set is passed over. */
  extract(setCookies: readonly string[], url: URL): void {
    checkUrl(url)
    const now = this.#now()
    for (const header of setCookies) {
      const cookie = parseSetCookie(header, url, now)
      if (cookie !== undefined && !this.#overlaysSecure(cookie, url)) this.#store(cookie)
    }
  }

  /**
   * The value of a `Cookie` header for a URL, longer paths first and then older cookies; `undefined` if no cookie goes there.
   *
   * @param options `unbound`: whether cookies without a domain go too. Default true; false for a redirect to another host
   */
  headerFor(url: URL, options?: { readonly unbound?: boolean }): string | undefined {
    const { unbound = true } = checkOptions(options)
    checkUrl(url)
    if (this.#cookies.size === 0) return undefined
    const now = this.#now()
    const { protocol, hostname, pathname } = url
    const target = { protocol, hostname, pathname }
    const domains = domainsOf(hostname)
    if (unbound) domains.push('')
    const going = this.#cookies.ofDomains(domains).filter((cookie) => cookie.expires > now && goesTo(cookie, target))
    if (going.length === 0) return undefined
    going.sort((a, b) => b.path.length - a.path.length)
    return going.map(({ name, value }) => `${name}=${value}`).join('; ')
  }

  /** The cookies as plain data: `new CookieJar().update(JSON.parse(text))` reads them back. */
  toJSON(): StoredCookie[] {
    return [...this].map((cookie) => ({ ...cookie, expires: cookie.expires === Infinity ? undefined : cookie.expires }))
  }

  *#select(name: string | undefined, selector: CookieSelector | undefined): Generator<Cookie, void> {
    const { domain, path } = checkOptions(selector)
    const wanted = domain === undefined || domain === null ? undefined : hostOf(domain)
    for (const cookie of this) {
      if (name !== undefined && cookie.name !== name) continue
      if ((wanted ?? cookie.domain) === cookie.domain && (path ?? cookie.path) === cookie.path) yield cookie
    }
  }

  /** A page that came over http must not stand in front of a secure cookie (RFC 6265bis section 5.7). */
  #overlaysSecure(cookie: Cookie, url: URL): boolean {
    if (url.protocol === 'https:') return false
    const { name, domain, path } = cookie
    return this.#cookies.someRelated(
      domain,
      (other) => other.secure && other.name === name && pathReaches(other.path, path),
    )
  }

  /** Puts a cookie in; one that has expired takes out what is in its place. */
  #store(cookie: Cookie): void {
    if (cookie.expires <= this.#now()) this.#cookies.remove(cookie)
    else this.#cookies.put(cookie)
  }
}

/** The form in which domains are kept and compared. */
function hostOf(domain: string): string {
  checkString(domain, 'domain')
  return domain.replace(/^\./, '').toLowerCase()
}

function isIterable(value: object): value is Iterable<StoredCookie> {
  return Symbol.iterator in value
}

/** A cookie as it was written down, with all that was left out. */
function completeCookie(cookie: StoredCookie): Cookie {
  if (typeof cookie?.name !== 'string' || typeof cookie.value !== 'string') {
    throw new TypeError(
      `Expected \`cookies\` to be an object by name, or hold cookies as a jar does, got ${show(cookie)}`,
    )
  }
  const usual = { hostOnly: false, path: '/', secure: false, httpOnly: false }
  return { ...usual, ...cookie, domain: hostOf(cookie.domain ?? ''), expires: cookie.expires ?? Infinity }
}
