import { isIP } from 'node:net'
import { parseSetCookie } from './parse-set-cookie.ts'

/** A cookie with what decides where it goes. */
export interface Cookie {
  readonly name: string
  readonly value: string
  /** The host it came from, or the domain that it names, in lower case. */
  readonly domain: string
  /** Whether it goes to that very host only. */
  readonly hostOnly: boolean
  readonly path: string
  readonly secure: boolean
  readonly httpOnly: boolean
  /** When it ends, in milliseconds since 1970; `Infinity` at the end of the session. */
  readonly expires: number
}

/** The most cookies of one domain, and the longest that is kept (RFC 6265 section 6.1). */
const MOST_OF_A_DOMAIN = 180
const LONGEST = 4096

/**
 * Cookies, and which of them go where (RFC 6265). A jar serves one `Session`; it may be filled by hand too.
 *
 * @example
 * const jar = new CookieJar()
 * jar.set('token', 'abc', { domain: 'example.org' })
 * jar.headerFor(new URL('https://example.org/')) // 'token=abc'
 */
export class CookieJar implements Iterable<Cookie> {
  private readonly cookies = new Map<string, Cookie>()

  /** @param init cookies for any host, by name */
  constructor(init?: Readonly<Record<string, string>>) {
    for (const [name, value] of Object.entries(init ?? {})) this.set(name, value)
  }

  /**
   * Puts a cookie in.
   *
   * @param options `domain`: default any host; `path`: default '/'
   */
  set(name: string, value: string, options: Partial<Omit<Cookie, 'name' | 'value'>> = {}): void {
    this.store({
      name,
      value,
      domain: (options.domain ?? '').replace(/^\./, '').toLowerCase(),
      hostOnly: options.hostOnly ?? false,
      path: options.path ?? '/',
      secure: options.secure ?? false,
      httpOnly: options.httpOnly ?? false,
      expires: options.expires ?? Infinity,
    })
  }

  /** The value of the first cookie of a name, or `undefined`. */
  get(name: string, options: { domain?: string; path?: string } = {}): string | undefined {
    for (const cookie of this) {
      const matches = cookie.name === name && (options.domain ?? cookie.domain) === cookie.domain && (options.path ?? cookie.path) === cookie.path
      if (matches) return cookie.value
    }
    return undefined
  }

  /** Whether there is a cookie of a name. */
  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  /** Takes out the cookies of a name. */
  delete(name: string): void {
    for (const cookie of [...this]) if (cookie.name === name) this.cookies.delete(keyOf(cookie))
  }

  /** Takes out all cookies. */
  clear(): void {
    this.cookies.clear()
  }

  /** How many cookies there are. */
  get size(): number {
    return [...this].length
  }

  /** The cookies that have not expired. */
  *[Symbol.iterator](): IterableIterator<Cookie> {
    const now = Date.now()
    for (const [key, cookie] of this.cookies) {
      if (cookie.expires <= now) this.cookies.delete(key)
      else yield cookie
    }
  }

  /** Names and values. */
  toObject(): Record<string, string> {
    return Object.fromEntries([...this].map(({ name, value }) => [name, value]))
  }

  /** Adds the cookies of another jar, or of an object. */
  update(other: CookieJar | Readonly<Record<string, string>>): void {
    if (other instanceof CookieJar) for (const cookie of other) this.store(cookie)
    else for (const [name, value] of Object.entries(other)) this.set(name, value)
  }

  /** A jar of its own with the same cookies. */
  copy(): CookieJar {
    const jar = new CookieJar()
    jar.update(this)
    return jar
  }

  /** Whether there is nothing to send to anyone. */
  get isEmpty(): boolean {
    return this.cookies.size === 0
  }

  /** Takes what a server sets; what it may not set is passed over. */
  extract(setCookies: readonly string[], url: URL): void {
    for (const header of setCookies) {
      const cookie = parseSetCookie(header, url)
      if (cookie !== undefined && cookie.name.length + cookie.value.length <= LONGEST) this.store(cookie)
    }
  }

  /** The value of a Cookie header for a URL, longer paths first; `undefined` if no cookie goes there. */
  headerFor(url: URL): string | undefined {
    if (this.cookies.size === 0) return undefined
    const matching = [...this].filter((cookie) => matches(cookie, url))
    if (matching.length === 0) return undefined
    matching.sort((a, b) => b.path.length - a.path.length)
    return matching.map(({ name, value }) => `${name}=${value}`).join('; ')
  }

  private store(cookie: Cookie): void {
    const key = keyOf(cookie)
    if (cookie.expires <= Date.now()) {
      this.cookies.delete(key)
      return
    }
    if (!this.cookies.has(key)) {
      const same = [...this.cookies].filter(([, other]) => other.domain === cookie.domain)
      if (same.length >= MOST_OF_A_DOMAIN) this.cookies.delete(same[0]![0])
    }
    this.cookies.set(key, cookie)
  }
}

function keyOf({ domain, path, name }: Cookie): string {
  return JSON.stringify([domain, path, name])
}

function matches(cookie: Cookie, url: URL): boolean {
  if (cookie.secure && url.protocol !== 'https:') return false
  return (cookie.domain === '' || domainMatches(cookie, url.hostname)) && pathMatches(cookie.path, url.pathname)
}

function domainMatches({ domain, hostOnly }: Cookie, host: string): boolean {
  if (host === domain) return true
  return !hostOnly && host.endsWith(`.${domain}`) && isIP(host) === 0
}

function pathMatches(path: string, requested: string): boolean {
  return requested === path || (requested.startsWith(path) && (path.endsWith('/') || requested[path.length] === '/'))
}
