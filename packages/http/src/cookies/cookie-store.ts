import type { Cookie } from './cookie.ts'
import { domainsOf } from './cookie-scope.ts'

/** A cookie and its sequence number: the oldest cookie has the lowest. */
interface Entry {
  cookie: Cookie
  readonly age: number
}

/**
 * Stores cookies by name, domain and path, in order of age. If there are too many, of a domain or in total, the oldest is evicted.
 * They are indexed by domain, since a request only needs those of its host and the parent domains.
 *
 *     domains:    example.org -> { key: entry, ... }
 *     subdomains: org -> example.org, www.example.org, ...
 *     all:        { key: entry, ... }
 */
export class CookieStore {
  readonly maxPerDomain: number
  readonly maxCookies: number
  readonly #all = new Map<string, Entry>()
  readonly #domains = new Map<string, Map<string, Entry>>()
  /** For each domain, the domains with cookies that are equal to it or subdomains of it. */
  readonly #subdomains = new Map<string, Set<string>>()
  #put = 0

  constructor(maxPerDomain: number, maxCookies: number) {
    this.maxPerDomain = maxPerDomain
    this.maxCookies = maxCookies
  }

  get size(): number {
    return this.#all.size
  }

  /** Returns all cookies, oldest first. */
  values(): Cookie[] {
    return Array.from(this.#all.values(), ({ cookie }) => cookie)
  }

  /** Whether a predicate holds for some cookie of a domain, of its parent domains or of its subdomains. */
  someRelated(domain: string, test: (cookie: Cookie) => boolean): boolean {
    for (const names of [domainsOf(domain), this.#subdomains.get(domain) ?? []]) {
      for (const name of names) {
        for (const { cookie } of this.#domains.get(name)?.values() ?? []) if (test(cookie)) return true
      }
    }
    return false
  }

  /** Returns the cookies of some domains, oldest first. */
  ofDomains(names: readonly string[]): Cookie[] {
    const found: Entry[] = []
    for (const name of names) found.push(...(this.#domains.get(name)?.values() ?? []))
    return found.sort((a, b) => a.age - b.age).map(({ cookie }) => cookie)
  }

  /** Stores a cookie. One that replaces another keeps the other's age. */
  put(cookie: Cookie): void {
    const key = keyOf(cookie)
    const before = this.#all.get(key)
    if (before !== undefined) {
      before.cookie = cookie
      return
    }
    const entry: Entry = { cookie, age: this.#put++ }
    this.#all.set(key, entry)
    let ofDomain = this.#domains.get(cookie.domain)
    if (ofDomain === undefined) ofDomain = this.#addDomain(cookie.domain)
    ofDomain.set(key, entry)
    if (ofDomain.size > this.maxPerDomain) this.#evict(ofDomain)
    if (this.#all.size > this.maxCookies) this.#evict(this.#all)
  }

  /** Removes the cookie with the same name, domain and path. */
  remove(cookie: Cookie): void {
    const key = keyOf(cookie)
    if (!this.#all.delete(key)) return
    const ofDomain = this.#domains.get(cookie.domain)!
    ofDomain.delete(key)
    if (ofDomain.size === 0) this.#removeDomain(cookie.domain)
  }

  /** Removes expired cookies. */
  expire(now: number): void {
    for (const { cookie } of this.#all.values()) if (cookie.expires <= now) this.remove(cookie)
  }

  #addDomain(domain: string): Map<string, Entry> {
    const added = new Map<string, Entry>()
    this.#domains.set(domain, added)
    for (const parent of domainsOf(domain)) {
      const subdomains = this.#subdomains.get(parent)
      if (subdomains === undefined) this.#subdomains.set(parent, new Set([domain]))
      else subdomains.add(domain)
    }
    return added
  }

  #removeDomain(domain: string): void {
    this.#domains.delete(domain)
    for (const parent of domainsOf(domain)) {
      const subdomains = this.#subdomains.get(parent)!
      subdomains.delete(domain)
      if (subdomains.size === 0) this.#subdomains.delete(parent)
    }
  }

  #evict(among: ReadonlyMap<string, Entry>): void {
    for (const { cookie } of among.values()) {
      this.remove(cookie)
      return
    }
  }
}

function keyOf({ domain, path, name }: Cookie): string {
  return `${domain}\0${path}\0${name}`
}
