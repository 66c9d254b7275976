import { describe, expect, test } from 'vitest'
import type { Cookie } from '../../src/cookies/cookie.ts'
import { CookieStore } from '../../src/cookies/cookie-store.ts'

const cookie = (domain: string): Cookie => ({
  name: 'a',
  value: '1',
  domain,
  hostOnly: false,
  path: '/',
  secure: false,
  httpOnly: false,
  expires: Infinity,
})

/** Returns the domains whose cookies `someRelated` tests for a domain. */
function lookedAt(store: CookieStore, domain: string): string[] {
  const seen: string[] = []
  store.someRelated(domain, (found) => {
    seen.push(found.domain)
    return false
  })
  return seen
}

describe('the cookies related to a domain', () => {
  const domains = ['x.org', 'www.x.org', 'a.www.x.org', 'y.org', 'notx.org', '127.0.0.1', '[::1]', '']

  test.each([
    ['x.org', ['x.org', 'www.x.org', 'a.www.x.org']],
    ['www.x.org', ['www.x.org', 'x.org', 'a.www.x.org']],
    ['b.x.org', ['x.org']],
    ['b.a.www.x.org', ['a.www.x.org', 'www.x.org', 'x.org']],
    ['0.0.1', []],
    ['127.0.0.1', ['127.0.0.1']],
    ['[::1]', ['[::1]']],
    ['z.org', []],
  ])('are those of it, its parent domains and its subdomains only: %s', (domain, related) => {
    const store = new CookieStore(10, 10)
    for (const name of domains) store.put(cookie(name))
    expect(new Set(lookedAt(store, domain))).toEqual(new Set(related))
  })

  test('exclude those that were removed or evicted', () => {
    const store = new CookieStore(10, 2)
    for (const name of ['x.org', 'www.x.org', 'www.x.org', 'b.x.org']) store.put(cookie(name))
    expect(lookedAt(store, 'x.org')).toEqual(['www.x.org', 'b.x.org'])
    store.remove(cookie('www.x.org'))
    store.remove(cookie('www.x.org'))
    expect(lookedAt(store, 'x.org')).toEqual(['b.x.org'])
    store.put(cookie('www.x.org'))
    expect(lookedAt(store, 'x.org')).toEqual(['b.x.org', 'www.x.org'])
  })

  test('are tested until one matches', () => {
    const store = new CookieStore(10, 10)
    for (const name of ['x.org', 'www.x.org']) store.put(cookie(name))
    let asked = 0
    expect(store.someRelated('www.x.org', () => ++asked > 0)).toBe(true)
    expect(asked).toBe(1)
  })
})
