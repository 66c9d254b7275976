import type { Cookie } from './cookie.ts'
import { domainsOf } from './cookie-scope.ts'

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
 *     below:   org -> example.org, www.example.org, ...
 *     all:     { key: kept, ... }
 */
export class CookieStore {
  readonly maxPerDomain: number
  readonly maxCookies: number
  readonly #all = new Map<string, Kept>()
  readonly #domains = new Map<string, Map<string, Kept>>()
  /** The domains with cookies by each that they are in. */
  readonly #below = new Map<string, Set<string>>()
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

  /** Whether a test holds for one of a domain, of those that it is in, or of those that are in it. */
  someRelated(domain: string, test: (cookie: Cookie) => boolean): boolean {
    for (const names of [domainsOf(domain), this.#below.get(domain) ?? []]) {
      for (const name of names) {
        for (const { cookie } of this.#domains.get(name)?.values() ?? []) if (test(cookie)) return true
      }
    }
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
    if (ofDomain === undefined) ofDomain = this.#addDomain(cookie.domain)
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
    if (ofDomain.size === 0) this.#removeDomain(cookie.domain)
  }

  /** Takes out what has expired. */
  expire(now: number): void {
    for (const { cookie } of this.#all.values()) if (cookie.expires <= now) this.remove(cookie)
  }

  #addDomain(domain: string): Map<string, Kept> {
    const added = new Map<string, Kept>()
    this.#domains.set(domain, added)
    for (const wider of domainsOf(domain)) {
      const below = this.#below.get(wider)
      if (below === undefined) this.#below.set(wider, new Set([domain]))
      else below.add(domain)
    }
    return added
  }

  #removeDomain(domain: string): void {
    this.#domains.delete(domain)
    for (const wider of domainsOf(domain)) {
      const below = this.#below.get(wider)!
      below.delete(domain)
      if (below.size === 0) this.#below.delete(wider)
    }
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
