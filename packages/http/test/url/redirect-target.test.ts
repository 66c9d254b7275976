import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { InvalidSchema } from '../../src/errors/invalid-schema.ts'
import { InvalidURL } from '../../src/errors/invalid-url.ts'
import { redirectTarget } from '../../src/url/redirect-target.ts'

const from = new URL('http://example.com/a/b?q#frag')
const thrownBy = (fn: () => unknown): unknown => {
  try {
    return fn()
  } catch (error) {
    return error
  }
}
const onTheWire = (text: string) => Buffer.from(text).toString('latin1')

describe('redirectTarget', () => {
  test.each([
    ['c', 'http://example.com/a/c#frag'],
    ['/c?x=1', 'http://example.com/c?x=1#frag'],
    ['../../c', 'http://example.com/c#frag'],
    ['?x', 'http://example.com/a/b?x#frag'],
    ['//other.com:8080/x', 'http://other.com:8080/x#frag'],
    ['https://other.com', 'https://other.com/#frag'],
    ['http:c', 'http://example.com/a/c#frag'],
    ['HTTP:/c', 'http://example.com/c#frag'],
    ['/c#own', 'http://example.com/c#own'],
    ['/c#', 'http://example.com/c#'],
    [' /c ', 'http://example.com/c#frag'],
    ['/a b', 'http://example.com/a%20b#frag'],
    ['/a%20b%2f', 'http://example.com/a%20b%2F#frag'],
    ['/echo/%C5%A1', 'http://example.com/echo/%C5%A1#frag'],
    [onTheWire('/voilà'), 'http://example.com/voil%C3%A0#frag'],
    [onTheWire('/echo/š'), 'http://example.com/echo/%C5%A1#frag'],
    [onTheWire('/日本?q=語#節'), 'http://example.com/%E6%97%A5%E6%9C%AC?q=%E8%AA%9E#%E7%AF%80'],
    ['/caf\xe9', 'http://example.com/caf%E9#frag'],
    ['/š', 'http://example.com/%C5%A1#frag'],
    [onTheWire('http://straße.de/straße'), 'http://xn--strae-oqa.de/stra%C3%9Fe#frag'],
    ['http://user:secret@other.com/', 'http://other.com/#frag'],
    ['http://[::1]:8080/', 'http://[::1]:8080/#frag'],
  ])('resolves %j to %s', (location, expected) => {
    expect(redirectTarget(location, from).href).toBe(expected)
  })

  test.each([
    'file:///etc/passwd',
    'ftp://x/',
    'javascript:alert(1)',
    'data:text/html,x',
    'mailto:a@b',
    'localhost:80',
  ])('refuses %s', (location) => {
    expect(() => redirectTarget(location, from)).toThrow(InvalidSchema)
    expect(() => redirectTarget(location, from)).toThrow(/^Expected a redirect to http or https, got/)
  })

  test.each([
    'http://',
    'http:///c',
    'HTTPS:////c',
    '///c',
    '//',
    '//?c',
    'https:c',
    'https:/c',
    'http://*evil.com/',
    'http://user:secret@.evil.com/',
    'http://user:secret@a:99999/',
  ])('refuses %s as no URL', (location) => {
    const refused = thrownBy(() => redirectTarget(location, from))
    expect(refused).toBeInstanceOf(InvalidURL)
    expect(inspect(refused, { depth: 9 })).not.toContain('secret')
  })

  test('takes linear time for a long header', () => {
    const start = performance.now()
    redirectTarget('a'.repeat(60_000), from)
    expect(performance.now() - start).toBeLessThan(2_000)
  })
})
