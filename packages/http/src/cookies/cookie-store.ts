import type { Cookie } from './cookie.ts'

/** Cookies by name, domain and path, oldest first: where there are too many, of a domain or in all, the oldest goes. */
export class CookieStore {
  readonly maxPerDomain: number
  readonly maxCookies: number
  readonly #cookies = new Map<string, Cookie>()
  readonly #perDomain = new Map<string, number>()

  constructor(maxPerDomain: number, maxCookies: number) {
    this.maxPerDomain = maxPerDomain
    this.maxCookies = maxCookies
  }

  get size(): number {
    return this.#cookies.size
  }

  /** All of them, oldest first; those that are taken out meanwhile do not matter. */
  values(): IterableIterator<Cookie> {
    return this.#cookies.values()
  }

  /** Puts one in. One that takes the place of another keeps that place, so that the older goes first. */
  put(cookie: Cookie): void {
    const key = keyOf(cookie)
    const isNew = !this.#cookies.has(key)
    this.#cookies.set(key, cookie)
    if (!isNew) return
    const ofDomain = (this.#perDomain.get(cookie.domain) ?? 0) + 1
    this.#perDomain.set(cookie.domain, ofDomain)
    if (ofDomain > this.maxPerDomain) this.#evict(cookie.domain)
    if (this.#cookies.size > this.maxCookies) this.#evict(undefined)
  }

  /** Takes one out, or the one that is in its place. */
  remove(cookie: Cookie): void {
    if (!this.#cookies.delete(keyOf(cookie))) return
    const left = (this.#perDomain.get(cookie.domain) ?? 1) - 1
    if (left === 0) this.#perDomain.delete(cookie.domain)
    else this.#perDomain.set(cookie.domain, left)
  }

  /** Takes out what has expired. */
  expire(now: number): void {
    for (const cookie of this.#cookies.values()) if (cookie.expires <= now) this.remove(cookie)
  }

  #evict(domain: string | undefined): void {
    for (const cookie of this.#cookies.values()) {
      if (domain !== undefined && cookie.domain !== domain) continue
      this.remove(cookie)
      return
    }
  }
}

function keyOf({ domain, path, name }: Cookie): string {
  return `${domain}\0${path}\0${name}`
}
