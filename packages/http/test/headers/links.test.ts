import { describe, expect, test } from 'vitest'
import { parseHeaderLinks, parseLinks } from '../../src/headers/links.ts'

describe('parseHeaderLinks', () => {
  test.each([
    [
      '<http:/.../front.jpeg>; rel=front; type="image/jpeg"',
      [{ url: 'http:/.../front.jpeg', rel: 'front', type: 'image/jpeg' }],
    ],
    ['<http:/.../front.jpeg>', [{ url: 'http:/.../front.jpeg' }]],
    ['<http:/.../front.jpeg>;', [{ url: 'http:/.../front.jpeg' }]],
    [
      '<http:/.../front.jpeg>; type="image/jpeg",<http://.../back.jpeg>; type=image/jpeg;',
      [
        { url: 'http:/.../front.jpeg', type: 'image/jpeg' },
        { url: 'http://.../back.jpeg', type: 'image/jpeg' },
      ],
    ],
    ['<a,b;c>; title="x, <y>; z"; rel=next', [{ url: 'a,b;c', title: 'x, <y>; z', rel: 'next' }]],
    ['<a>; rel=next; rel=prev; url=evil', [{ url: 'a', rel: 'next' }]],
    ['<a>; crossorigin; rel=next', [{ url: 'a', crossorigin: '', rel: 'next' }]],
    ['<a>; rel=next; title="unclosed, <b>', [{ url: 'a', rel: 'next', title: 'unclosed, <b>' }]],
    ["<a>; rel='next'; title='x y'; rev=it's", [{ url: 'a', rel: 'next', title: 'x y', rev: "it's" }]],
    ['', []],
    ['junk', []],
    ['<unclosed', []],
    ['< /voil\xc3\xa0 >', [{ url: '/voil\xc3\xa0' }]],
  ])('%j', (header, links) => {
    expect(parseHeaderLinks(header)).toEqual(links)
  })

  test('takes linear time for junk', () => {
    const start = performance.now()
    for (const junk of ['<'.repeat(100_000), '<>;'.repeat(30_000), `<>${' '.repeat(100_000)}`]) parseHeaderLinks(junk)
    expect(performance.now() - start).toBeLessThan(2_000)
  })
})

test('parseLinks returns links by relation, or else by URL', () => {
  const header = '<https://x/?page=2>; rel="next", <https://x/?page=9>; rel="last  end ", <https://x/me>'
  const links = parseLinks(header)
  expect(links.next).toEqual({ url: 'https://x/?page=2', rel: 'next' })
  expect(Object.keys(links)).toEqual(['next', 'last  end ', 'last', 'end', 'https://x/me'])
  expect(links.end).toBe(links['last  end '])
  expect(links['https://x/me']).toEqual({ url: 'https://x/me' })
  expect(parseLinks(undefined)).toEqual({})
})

test('parseLinks accepts any name as a relation, and returns only those in the header', () => {
  const links = parseLinks('<https://x/>; rel="__proto__"; next="not a link"')
  expect(Object.keys(links)).toEqual(['__proto__'])
  expect(links.next).toBe(undefined)
})
