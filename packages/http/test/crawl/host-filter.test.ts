import { expect, test } from 'vitest'
import { HostFilter } from '../../src/crawl/host-filter.ts'

const allows = (hosts: string[] | undefined, url: string) => new HostFilter(hosts).allows(new URL(url))

test.each([
  [['example.com'], 'http://example.com/', true],
  [['Example.COM.'], 'http://example.com./', true],
  [['example.com'], 'https://www.example.com:8443/', true],
  [['*.example.com'], 'http://a.b.example.com/', true],
  [['example.com'], 'http://badexample.com/', false],
  [['example.com'], 'http://example.com.evil.net/', false],
  [['www.example.com'], 'http://example.com/', false],
  [['example.com:8080'], 'http://example.com:8080/', true],
  [['example.com:8080'], 'http://www.example.com:8080/', true],
  [['example.com:8080'], 'http://example.com/', false],
  [['example.com:443'], 'https://www.example.com/', true],
  [['example.com:80'], 'http://example.com/', true],
  [['example.com:80'], 'https://example.com/', false],
  [['127.0.0.1'], 'http://127.0.0.1:9/', true],
  [['0.0.1'], 'http://127.0.0.1/', false],
  [['[::1]'], 'http://[::1]:80/', true],
  [['münchen.de'], 'http://xn--mnchen-3ya.de/', true],
  [[], 'http://example.com/', false],
  [['example.com.'], 'http://www.example.com/', true],
  [['example.com:8080'], 'http://example.com.:8080/', true],
  [['*'], 'https://example.com:8443/', true],
  [['*'], 'http://[::1]/', true],
  [['*:80'], 'http://127.0.0.1/', true],
  [['*:80'], 'https://example.com/', false],
])('%j and %s: %s', (hosts, url, allowed) => {
  expect(allows(hosts, url)).toBe(allowed)
})

test.each(['example.com', 5, {}, null])('refuses %j, which is no list of hosts', (hosts) => {
  expect(() => new HostFilter(hosts as never)).toThrow('Expected `allowedHosts` to be an array of host names')
})

test('without given hosts it learns those of the seeds, with their ports', () => {
  const filter = new HostFilter(undefined)
  filter.learn('example.com:81')
  expect(filter.allows(new URL('http://example.com:81/a'))).toBe(true)
  expect(filter.allows(new URL('http://example.com/'))).toBe(false)
  expect(filter.allows(new URL('http://www.example.com:81/'))).toBe(false)
})

test('with given hosts it learns no others', () => {
  const filter = new HostFilter(['example.com'])
  filter.learn('other.example')
  expect(filter.allows(new URL('http://other.example/'))).toBe(false)
})
