import type { Cookie } from './cookie.ts'

/** A cookie and its age among all: the oldest has the lowest number. */
interface Kept {
  cookie: Cookie
  readonly age: number
}

/**
 * Cookies by name, domain and path, oldest first: where there are too many, of a domain or in all, the oldest goes. Those of a domain
 * are kept together, as a request looks only at the domains that its host is in.
 *
 *     domains: example.org -> { key: kept, ... }
 *     all:     { key: kept, ... }
 */
export class CookieStore {
  readonly maxPerDomain: number
  readonly maxCookies: number
  readonly #all = new Map<string, Kept>()
  readonly #domains = new Map<string, Map<string, Kept>>()
  #put = 0

  constructor(maxPerDomain: number, maxCookies: number) {
    this.maxPerDomain = maxPerDomain
    this.maxCookies = maxCookies
  }

  get size(): number {
    return this.#all.size
  }

  /** All of them, oldest first. */
  values(): Cookie[] {
    return Array.from(this.#all.values(), ({ cookie }) => cookie)
  }

  /** Whether there is one that a test holds for. */
  some(test: (cookie: Cookie) => boolean): boolean {
    for (const { cookie } of this.#all.values()) if (test(cookie)) return true
    return false
  }

  /** Those of some domains, oldest first. */
  ofDomains(names: readonly string[]): Cookie[] {
    const found: Kept[] = []
    for (const name of names) found.push(...(this.#domains.get(name)?.values() ?? []))
    return found.sort((a, b) => a.age - b.age).map(({ cookie }) => cookie)
  }

  /** Puts one in. One that takes the place of another keeps that place, so that the older goes first. */
  put(cookie: Cookie): void {
    const key = keyOf(cookie)
    const before = this.#all.get(key)
    if (before !== undefined) {
      before.cookie = cookie
      return
    }
    const kept: Kept = { cookie, age: this.#put++ }
    this.#all.set(key, kept)
    let ofDomain = this.#domains.get(cookie.domain)
    if (ofDomain === undefined) this.#domains.set(cookie.domain, (ofDomain = new Map()))
    ofDomain.set(key, kept)
    if (ofDomain.size > this.maxPerDomain) this.#evict(ofDomain)
    if (this.#all.size > this.maxCookies) this.#evict(this.#all)
  }

  /** Takes one out, or the one that is in its place. */
  remove(cookie: Cookie): void {
    const key = keyOf(cookie)
    if (!this.#all.delete(key)) return
    const ofDomain = this.#domains.get(cookie.domain)!
    ofDomain.delete(key)
    if (ofDomain.size === 0) this.#domains.delete(cookie.domain)
  }

  /** Takes out what has expired. */
  expire(now: number): void {
    for (const { cookie } of this.#all.values()) if (cookie.expires <= now) this.remove(cookie)
  }

  #evict(among: ReadonlyMap<string, Kept>): void {
    for (const { cookie } of among.values()) {
      this.remove(cookie)
      return
    }
  }
}

function keyOf({ domain, path, name }: Cookie): string {
  return `${domain}\0${path}\0${name}`
}
