import { expect, test } from 'vitest'
import { directivesInSteps } from '../../src/crawl/robots-directives.ts'
import { runToEnd } from '../../src/crawl/steps.ts'
import { CaseInsensitiveDict } from '../../src/headers/case-insensitive-dict.ts'

const asked = (html: string, header: readonly string[] = [], userAgent = 'Greenlit/1.0') => {
  const headers = new CaseInsensitiveDict()
  if (header.length > 0) headers.set('X-Robots-Tag', header.join(', '))
  const { index, follow } = runToEnd(directivesInSteps(headers, html, userAgent))
  return `${index ? '' : 'no'}index ${follow ? '' : 'no'}follow`
}

test.each([
  ['', 'index follow'],
  ['<p>robots</p>', 'index follow'],
  ['<meta name="robots" content="all">', 'index follow'],
  ['<meta name="robots" content="noindex">', 'noindex follow'],
  ['<META NAME=ROBOTS CONTENT="INDEX, NOFOLLOW">', 'index nofollow'],
  ["<meta content='nofollow' name=' robots '>", 'index nofollow'],
  ['<meta name="robots" content="none">', 'noindex nofollow'],
  ['<meta content="none"name="robots">', 'noindex nofollow'],
  ['<meta name="robots" content="noindex"><meta name="robots" content="nofollow">', 'noindex nofollow'],
  ['<meta name="greenlit" content="nofollow">', 'index nofollow'],
  ['<meta name="googlebot" content="none">', 'index follow'],
  ['<meta name="robots">', 'index follow'],
  ['<!-- <meta name="robots" content="none"> -->', 'index follow'],
  ['<script>"<meta name=robots content=none>"</script>', 'index follow'],
  ['<meta name="description" content="nofollow"><meta name="robotsx" content="none">', 'index follow'],
])('reads the directives of %s', (html, expected) => {
  expect(asked(html)).toBe(expected)
})

test.each([
  [['nofollow'], 'index nofollow'],
  [['NOINDEX, NOFOLLOW'], 'noindex nofollow'],
  [['none'], 'noindex nofollow'],
  [['noindex nofollow'], 'noindex nofollow'],
  [['googlebot: none'], 'index follow'],
  [['googlebot: nofollow, noindex'], 'index follow'],
  [['googlebot: noindex, greenlit: nofollow'], 'index nofollow'],
  [['robots: noindex'], 'noindex follow'],
  [['greenlit:none'], 'noindex nofollow'],
  [['greenlit:, noindex  nofollow'], 'noindex nofollow'],
  [['x-unavailable_after: 1, none'], 'index follow'],
  [['max-snippet_x: 1, none'], 'index follow'],
  [['unavailable_after: 25 Jun 2030 15:00:00 PST, nofollow'], 'index nofollow'],
  [['max-snippet: 20, noindex'], 'noindex follow'],
  [[', max-image-preview : large, , noindex,'], 'noindex follow'],
  [['unavailable_after: Wed, 31 Dec 2025 23:59:59 GMT, nofollow'], 'index nofollow'],
])('reads the directives of the header %j', (header, expected) => {
  expect(asked('', header)).toBe(expected)
})

test('takes linear time, whatever precedes a name', () => {
  const started = performance.now()
  expect(asked(`<meta name=${' '.repeat(200_000)}`)).toBe('index follow')
  expect(performance.now() - started).toBeLessThan(2000)
})

test('the strictest of page and header applies', () => {
  expect(asked('<meta name=robots content=index,follow>', ['none'])).toBe('noindex nofollow')
})

test('a crawler is identified by its product token, as in robots.txt', () => {
  expect(asked('', ['mj12bot: nofollow'], 'MJ12bot/1.0')).toBe('index nofollow')
  expect(asked('<meta name=MJ12bot content=noindex>', [], 'MJ12bot/1.0')).toBe('noindex follow')
  const agent = 'Mozilla/5.0 (compatible; Greenlit/1.0; +https://example.org/bot)'
  expect(asked('<meta name=greenlit content=noindex>', ['greenlit: nofollow', 'mozilla: all'], agent)).toBe(
    'noindex nofollow',
  )
})
