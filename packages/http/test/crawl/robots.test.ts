import { describe, expect, test } from 'vitest'
import { Robots } from '../../src/crawl/robots.ts'

const allows = (rules: string, path: string, agent = 'greenlit') =>
  Robots.parse(rules).allows(`https://example.org${path}`, agent)

/** So many rules that the texts after wildcards are searched for together. */
const others = Array.from({ length: 70 }, (_, number) => `\nDisallow: /other*${number}`).join('')

describe('Robots.allows', () => {
  test.each([
    ['Disallow: /private', '/private', false],
    ['Disallow: /private', '/private/a', false],
    ['Disallow: /private', '/privately', false],
    ['Disallow: /private/', '/private', true],
    ['Disallow: /private', '/Private', true],
    ['Disallow:', '/a', true],
    ['Disallow: /', '/', false],
    ['Disallow: /', '/robots.txt', true],
    ['Disallow: /\nAllow: /open', '/open/a', true],
    ['Allow: /open\nDisallow: /', '/closed', false],
    ['Allow: /page\nDisallow: /page', '/page', true],
    ['Disallow: /page\nAllow: /page', '/page', true],
    ['Allow: /a\nDisallow: /a/b', '/a/b/c', false],
    ['Disallow: /a/b\nAllow: /a', '/a/b/c', false],
    ['Disallow: /*.gif$', '/x/y.gif', false],
    ['Disallow: /*.gif$', '/x/y.gif?z', true],
    ['Disallow: *.gif', '/x/y.gif?z', false],
    ['Disallow: *.gif$', '/x/y.gif', false],
    ['Disallow: *.gif$', '/x/y.gif?z', true],
    ['Disallow: a/b', '/a/b', false],
    ['Allow: /page\nDisallow: /page$', '/page', false],
    ['Allow: /page$\nDisallow: /page', '/page', true],
    ['Disallow: /a*b*c', '/a1b2c3', false],
    ['Disallow: /a*b*c', '/acb', true],
    ['Disallow: /a*b*c', '/a1c', true],
    ['Disallow: /a*', '/ab', false],
    ['Disallow: /*a$', '/aba', false],
    ['Disallow: /a$', '/a', false],
    ['Disallow: /a$', '/ab', true],
    ['Disallow: /aa*a$', '/aa', true],
    ['Disallow: /*aba*ba', '/ababa', false],
    ['Disallow: /*aba*aba', '/ababa', true],
    ['Disallow: /a*b*', '/a1b2', false],
    ['Disallow: */private', '/private', false],
    ['Disallow: /a*b*c$', '/ac', true],
    ['Disallow: /a*b*c$', '/abxc', false],
    ['Disallow: /a*$', '/ab', false],
    ['Disallow: *', '/a', false],
    [`Disallow: /*${'long'.repeat(50)}*a`, `/${'long'.repeat(50)}a`, false],
    [`Disallow: /*${'long'.repeat(50)}*a`, `/${'long'.repeat(49)}a`, true],
    ['Disallow: /$', '/', false],
    ['Disallow: /$', '/a', true],
    ['Disallow: private', '/private', false],
    ['Disallow: /search?q=', '/search?q=1', false],
    ['Disallow: /%7Euser', '/~user', false],
    ['Disallow: /~user', '/%7euser', false],
    ['Disallow: /a%3cb', '/a%3Cb', false],
    ['Disallow: /foo/bar?baz=https://foo.bar', '/foo/bar?baz=https%3A%2F%2Ffoo.bar', false],
    ['Disallow: /foo/bar?baz=https%3A%2F%2Ffoo.bar', '/foo/bar?baz=https://foo.bar', false],
    ['Disallow: /*/print', '/a?to=/b/print', false],
    ['Disallow: /a%2Fb', '/a/b', true],
    ['Disallow: /a%2Ab', '/a*b', false],
    ['Disallow: /a%2Ab', '/acb', true],
    ['Disallow: /a*b', '/a*b', false],
    ['Disallow: /a%24', '/a$b', false],
    ['Disallow: /a$/b', '/a%24/b', false],
    ['Disallow: /a<b', '/a%3Cb', false],
    ['Disallow: /a^{b}|"`', '/a^{b}|"`', false],
    ["Disallow: /a?b='c'", "/a?b='c'", false],
    ['Disallow: /a%', '/a%', false],
    ['Dissallow: /a', '/a', false],
    ['Disalow: /a', '/a', false],
    ['Diasllow: /a', '/a', false],
    ['Request-rate: 1/10\nUser-agent: other\nDisallow: /a', '/a', true],
    ['Crawl-delay: 1\nUser-agent: other\nDisallow: /a', '/a', true],
    ['Disallow: /日本語', '/%E6%97%A5%E6%9C%AC%E8%AA%9E', false],
    ['Disallow: /straße', '/stra%C3%9Fe', false],
    ['Disallow: /a # all of it', '/a', false],
    ['  disallow  :  /a  ', '/a', false],
    ['Disallow /a', '/a', true],
    ['Noindex: /a', '/a', true],
    ['Disallow: /a?', '/a?', false],
    ['Disallow: /*?$', '/a?#b', false],
    ['Disallow: /a?', '/a#?', true],
  ])('%j, %s: %s', (rules, path, allowed) => {
    expect(allows(`User-agent: *\n${rules}`, path)).toBe(allowed)
    expect(allows(`User-agent: *${others}\n${rules}`, path)).toBe(allowed)
  })

  test.each([
    ['greenlit', '/a', false],
    ['GREENLIT', '/a', false],
    ['greenlit/1.0 (+https://example.org)', '/a', false],
    ['Mozilla/5.0 (compatible; Greenlit/1.0; +https://example.org/bot)', '/a', false],
    ['Mozilla/5.0 (like Gecko; compatible; greenlit/1.0) Chrome/1', '/b', true],
    ['360greenlit', '/a', true],
    ['greenlit', '/b', true],
    ['greenlitbot', '/a', true],
    ['other', '/b', false],
    ['third', '/c', false],
    ['third', '/d', false],
    ['2bot', '/b', true],
    ['2bot/1.0', '/e', false],
    ['Mozilla/5.0 (compatible; 2bot/1.0)', '/e', false],
    ['3bot', '/e', true],
    ['bot', '/e', true],
    ['example.org', '/f', false],
    ['example', '/f', true],
    ['jävla-bot', '/g', false],
    ['j', '/g', true],
  ])('for %s and %s returns %s', (agent, path, allowed) => {
    const rules = `
      User-agent: Greenlit
      User-agent: third
      Disallow: /a

      User-agent: *
      Sitemap: https://example.org/sitemap.xml
      Disallow: /b

      User-agent: 360spider
      Disallow: /a

      Useragent: fourth, third
      Disallow: /c
      User-agent: THIRD
      Disallow: /d

      User-agent: 2bot
      Disallow: /e

      User-agent: Example.org 1.0
      Disallow: /f

      User-agent: Jävla-Bot
      Disallow: /g`
    expect(allows(rules, path, agent)).toBe(allowed)
  })

  test('allows everything if there are no rules, and nothing if the rules are unavailable', () => {
    expect(allows('', '/a')).toBe(true)
    expect(allows('Disallow: /a', '/a')).toBe(true)
    expect(allows('User-agent: other\nDisallow: /', '/a')).toBe(true)
    expect(Robots.allowAll.allows('/a', 'x')).toBe(true)
    expect(Robots.disallowAll.allows('/a', 'x')).toBe(false)
  })

  test('takes linear time for any pattern', () => {
    const pattern = `/${'a*'.repeat(2000)}b`
    expect(allows(`User-agent: *\nDisallow: ${pattern}`, `/${'a'.repeat(20_000)}`)).toBe(true)
  })

  test('takes linear time for any number of patterns', () => {
    const patterns = Array.from({ length: 33_000 }, (_, number) => `*x${number}`)
    const robots = Robots.parse(`User-agent: *\nDisallow: ${patterns.join('\nDisallow: ')}`)
    const started = process.cpuUsage()
    for (let turn = 0; turn < 2; turn += 1) {
      expect(robots.allows(`http://h/${'x'.repeat(1999)}`, 'greenlit')).toBe(true)
      expect(robots.allows(`http://h/${'x'.repeat(1999)}777`, 'greenlit')).toBe(false)
    }
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(1000)
  })

  test('accepts a line with any number of names', () => {
    const robots = Robots.parse(`User-agent: ${'a,'.repeat(200_000)}greenlit\nDisallow: /x`)
    expect(robots.allows('http://h/x', 'greenlit')).toBe(false)
  })

  test('reads no more than 500 KiB', () => {
    const rules = `User-agent: *\n${'#\n'.repeat(256 * 1024)}Disallow: /a`
    expect(allows(rules, '/a')).toBe(true)
  })

  test('does not apply a rule that was cut off by the size limit', () => {
    const rules = `User-agent: *\nDisallow: /x\n#${'-'.repeat(500 * 1024 - 40)}\nDisallow: /a`
    expect(allows(rules, '/b')).toBe(true)
    expect(allows(rules, '/x')).toBe(false)
  })
})

describe('Robots', () => {
  test('accepts any line endings and a byte order mark', () => {
    expect(allows('\uFEFFUser-agent: *\rDisallow: /a\r\nDisallow: /b', '/a')).toBe(false)
    expect(allows('\uFFFDUser-agent: *\nDisallow: /a', '/a')).toBe(false)
    expect(allows('User-agent: *\r\nDisallow: /a', '/a')).toBe(false)
  })

  test('does not accept a longer word that begins with a field name', () => {
    const names = ['X-User-agent', 'User-agents', 'X-Disallow', 'Disallowed', 'X-Crawl-delay', 'Crawl-delays']
    for (const name of names) {
      const robots = Robots.parse(`User-agent: *\n${name}: 7\nUser-agent: other\nDisallow: /a`)
      expect([name, robots.allows('/a', 'other'), robots.allows('/a', 'any')]).toEqual([name, false, false])
      expect([robots.allows('/7', 'any'), robots.crawlDelay('any')]).toEqual([true, undefined])
    }
    for (const name of ['X-Sitemap', 'Sitemap-x'])
      expect(Robots.parse(`${name}: https://a.example/`).sitemaps).toEqual([])
  })

  test('needs no space after a colon, and no value before a comment', () => {
    expect(allows('USER AGENT:*\nDisallow:/a#b', '/a')).toBe(false)
    expect(allows('User-agent: *\nDisallow: /a\nUser-agent: other\nDisallow:#b', '/a', 'other')).toBe(true)
  })

  test('keeps the absolute URL of a sitemap as written if there is no base', () => {
    expect(Robots.parse('Sitemap: HTTPS://A.example/%7e').sitemaps).toEqual(['HTTPS://A.example/%7e'])
  })

  test('lists sitemaps, wherever they are in the file', () => {
    const robots = Robots.parse(
      'Sitemap: https://a.example/1.xml\nUser-agent: x\nsitemap: https://a.example/2.xml\nSitemap: nonsense',
    )
    expect(robots.sitemaps).toEqual(['https://a.example/1.xml', 'https://a.example/2.xml'])
  })

  test('resolves relative sitemap URLs against the base', () => {
    const text = 'Sitemap: /1.xml\nSitemap:\nSite-map: //b.example/2.xml'
    expect(Robots.parse(text, 'https://a.example/robots.txt').sitemaps).toEqual([
      'https://a.example/1.xml',
      'https://b.example/2.xml',
    ])
    expect(Robots.parse(text).sitemaps).toEqual([])
  })

  test('returns the crawl delay of a crawler', () => {
    const robots = Robots.parse('User-agent: slow\nCrawl-delay: 2.5\nUser-agent: *\nCrawl-delay: soon')
    expect(robots.crawlDelay('slow')).toBe(2500)
    expect(robots.crawlDelay('other')).toBeUndefined()
    expect(Robots.allowAll.crawlDelay('slow')).toBeUndefined()
  })

  test('ignores an invalid crawl delay', () => {
    for (const value of ['', '-1', 'Infinity', '1e999', '5 s']) {
      expect(Robots.parse(`User-agent: *\nCrawl-delay: ${value}`).crawlDelay('any')).toBeUndefined()
    }
    expect(Robots.parse('User-agent: *\nCrawl-delay: 0').crawlDelay('any')).toBe(0)
    expect(Robots.parse('Crawl-delay: 5').crawlDelay('any')).toBeUndefined()
    expect(Robots.parse('User-agent: *\nRequest-rate: 5').crawlDelay('any')).toBeUndefined()
    expect(Robots.parse('User-agent: *\nCrawl-delay: 5\nUser-agent: *\nCrawl-delay: 3').crawlDelay('any')).toBe(5000)
  })

  test('lines that are not rules do not end a group', () => {
    const rules = 'User-agent: greenlit\nNoindex: /x\nno line\nSitemap: /map\n\nUser-agent: other\nDisallow: /a'
    expect(['greenlit', 'other', 'third'].map((agent) => allows(rules, '/a', agent))).toEqual([false, false, true])
  })

  test('yields once per line', () => {
    const steps = [...Robots.parseInSteps('User-agent: *\nDisallow: /a\n'.repeat(50))]
    expect(steps).toHaveLength(101)
  })

  test('throws for a value that is not a string', () => {
    expect(() => Robots.parse(undefined as never)).toThrow('Expected `text` to be a string, got undefined')
    expect(() => Robots.allowAll.allows('/a', 7 as never)).toThrow('Expected `userAgent` to be a string, got 7')
  })
})
