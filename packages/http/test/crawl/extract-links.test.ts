import { describe, expect, test } from 'vitest'
import { extractLinks, linksInSteps } from '../../src/crawl/extract-links.ts'

const BASE = 'https://example.org/x/a?q#f'
const urls = (html: string) => extractLinks(html, BASE).map(({ url }) => url)

const BOTH = ['https://example.org/b', 'https://example.org/c']

describe('extractLinks', () => {
  test.each([
    ['<a href="/b">b</a>', ['https://example.org/b']],
    ["<A HREF='/b'>", ['https://example.org/b']],
    ['<a href=/b>', ['https://example.org/b']],
    ['<a href=/b/>', ['https://example.org/b/']],
    ['<a\n class="c>d"\n href = "/b" >', ['https://example.org/b']],
    ['<a href="../b?x=1&amp;y=2#top">', ['https://example.org/b?x=1&y=2']],
    ['<a href="?p=2">', ['https://example.org/x/a?p=2']],
    ['<a href="//other.example/c">', ['https://other.example/c']],
    ['<a href="HTTP://Other.Example:80/c">', ['http://other.example/c']],
    ['<a href=" \n/b\t">', ['https://example.org/b']],
    ['<a href="/b\n/c">', ['https://example.org/b/c']],
    ['<a href="/&#x4e2d;&#25991;">', ['https://example.org/%E4%B8%AD%E6%96%87']],
    ['<a href="/b c">', ['https://example.org/b%20c']],
    [
      '<area href=/b><iframe src=/c></iframe><frame src=/d>',
      ['https://example.org/b', 'https://example.org/c', 'https://example.org/d'],
    ],
    ['<a href=/b><a href=/b#x><a href=/c>', ['https://example.org/b', 'https://example.org/c']],
    ['<base href="/y/"><base href="/z/"><a href=b>', ['https://example.org/y/b']],
    ['<base target=_blank><a href=b>', ['https://example.org/x/b']],
    ['<a href=b><base href="/y/">', ['https://example.org/y/b']],
    ['<!-- <a href=/n> --!><a href=/b>', ['https://example.org/b']],
    ['<a href="/b?lt=1&lt=2&amp=3&copy=4&sect5">', ['https://example.org/b?lt=1&lt=2&amp=3&copy=4&sect5']],
    ['<a href="/&eacute;&sect&mdash;">', ['https://example.org/%C3%A9%C2%A7%E2%80%94']],
    ['1 < 2 <a href=/b', ['https://example.org/b']],
    ['<svg/><a/href="/b">', ['https://example.org/b']],
    ['<!--><a href=/b>', ['https://example.org/b']],
    ['<!---><a href=/b><!---!><a href=/n>--><a href=/c>', BOTH],
    ['<script>"<a href=/n>"</script><a href=/b><script>"<a href=/m>"</script><a href=/c>', BOTH],
    ['<!-- <p> <a href=/n> --><a href=/b><!-- > --><a href=/c><!-- > <a href=/m>', BOTH],
    ['<script>if (a<b) x("</scripting><a href=/n>")</script ><a href=/b>', ['https://example.org/b']],
    ['<title><a href=/n></title><a href=/b>', ['https://example.org/b']],
    ['<a href=/first href=/second>', ['https://example.org/first']],
    ['<a =x href=/b>', ['https://example.org/b']],
    ['<a title=""href=/b><a title=\'\'href=/c>', ['https://example.org/b', 'https://example.org/c']],
    ['<a title="x"href=/b rel=>', ['https://example.org/b']],
    ['</a><a href=/b></b ><a href=/c>', ['https://example.org/b', 'https://example.org/c']],
    [
      '<?php x("<a href=/n>") ?></<a href=/n><!x<a href=/n></p title="<a href=/n>"><a href=/b>',
      ['https://example.org/b'],
    ],
    ['a </ b><a href=/b></></a<a href=/n>', ['https://example.org/b']],
    ['<title>no end<title><base href=/y/><a href=b>', ['https://example.org/y/b']],
    ['<meta http-equiv=refresh content="0;url=/b">', ['https://example.org/b']],
    ['<META CONTENT="1.5; URL = \n \'/b#x\' " HTTP-EQUIV=" Refresh">', ['https://example.org/b']],
    ['<noscript><meta http-equiv=refresh content="0; b"></noscript>', ['https://example.org/x/b']],
    ["<meta http-equiv=refresh content='0,url=&quot;/b'>", ['https://example.org/b']],
    ['<svg><title/></svg><a href=/b><svg><title>icon</title></svg><a href=/c>', BOTH],
    ['<SVG><style />< /svg></SVG ><a href=/b><math><style/></math><a href=/c>', BOTH],
    ['<svg><style ><a href=/n></style></svg><a href=/b>', ['https://example.org/b']],
    ['<svg><svg><g/></svg><script href="x"/></svg><a href=/b>', ['https://example.org/b']],
    [
      '<svg/><script src=x /><a href=/n></script><svg></svg><style/><a href=/m></style><a href=/b>',
      ['https://example.org/b'],
    ],
    ['<svg><script src=x/><a href=/n></script></svg><a href=/b>', ['https://example.org/b']],
    ['<script><!-- "<script></script><a href=/n>" --></script><a href=/b>', ['https://example.org/b']],
    ['<script><!-- "<script>" //--></script><a href=/b><script><!--></script><a href=/c>', BOTH],
    ['1 <{ 2 <~ <a href=/b>', ['https://example.org/b']],
    ['<z title="<a href=/n>"><a href=/b>', ['https://example.org/b']],
    ['<script><!-- x --> "<a href=/n>"</script><a href=/b>', ['https://example.org/b']],
    ['<script><!-- "<scripts>"</script><a href=/b><script>"<script>"</script><a href=/c>', BOTH],
    ['<script><!-- "<script>"</script><a href=/n></script><a href=/b>', ['https://example.org/b']],
  ])('%s', (html, expected) => {
    expect(urls(html)).toEqual(expected)
  })

  test.each(['script', 'style', 'textarea', 'title', 'noembed', 'xmp'])('ignores markup within %s', (tag) => {
    expect(urls(`<${tag}><a href=/n></${tag.toUpperCase()}><a href=/b>`)).toEqual(['https://example.org/b'])
  })

  test('ignores everything after <plaintext>', () => {
    expect(urls('</plaintext><a href=/b><PlainText><a href=/n></plaintext><a href=/m>')).toEqual([
      'https://example.org/b',
    ])
  })

  test.each([
    '<a>',
    '<a name=x>',
    '<a href="mailto:me@example.org">',
    '<a href="javascript:void(0)">',
    '<a href="data:text/html,x">',
    '<a href="ftp://example.org/">',
    '<a href="http://">',
    '<a href="http://a b/">',
    '<!-- <a href=/b> -->',
    '<!-- <a href=/b>',
    '<script><a href=/b></script>',
    '<style><a href=/b>',
    '<textarea><a href=/b></textarea>',
    '<link href=/b><img src=/b>',
    '<abbr href=/b>',
    '<meta http-equiv=refresh content="5; url=">',
    '<meta http-equiv=refresh content=5>',
    '<meta http-equiv=refresh content="url=/b">',
    '<meta http-equiv=refresh content="0;url=javascript:x">',
    '<meta name=refresh content="0;url=/b">',
    '<!-- <meta http-equiv=refresh content="0;url=/b"> -->',
    '<script>"<meta http-equiv=refresh content=\'0;url=/b\'>"</script>',
    '',
  ])('finds no link in %s', (html) => {
    expect(urls(html)).toEqual([])
  })

  test('returns the element and its rel', () => {
    expect(extractLinks('<a rel="NoFollow  next" href=/b>', BASE)).toEqual([
      { url: 'https://example.org/b', tag: 'a', rel: ['nofollow', 'next'] },
    ])
  })

  test('returns the first of several elements with the same target', () => {
    expect(extractLinks('<a rel=next href=/b></a><iframe src=/b></iframe>', BASE)).toEqual([
      { url: 'https://example.org/b', tag: 'a', rel: ['next'] },
    ])
    const forbidden = '<a rel=nofollow href=/b></a><a rel="nofollow author" href=/b></a>'
    expect(extractLinks(forbidden, BASE).map(({ rel }) => rel)).toEqual([['nofollow']])
  })

  test('prefers a link that may be followed to a nofollow link with the same target', () => {
    const html = '<a rel=nofollow href=/b></a><a rel=nofollow href=/c></a><a href=/b></a><a rel=nofollow href=/b></a>'
    expect(extractLinks(html, BASE).map(({ url, rel }) => [url, rel])).toEqual([
      ['https://example.org/b', []],
      ['https://example.org/c', ['nofollow']],
    ])
  })

  test('encodes queries in the encoding of the page, like browsers', () => {
    const link = (href: string, encoding?: string) => extractLinks(`<a href="${href}">`, BASE, { encoding })[0]!.url
    expect(link('/搜索?q=你好&amp;p=%41#你', 'gb2312')).toBe(
      'https://example.org/%E6%90%9C%E7%B4%A2?q=%C4%E3%BA%C3&p=A',
    )
    expect(link('?привет', 'cp1251')).toBe('https://example.org/x/a?%EF%F0%E8%E2%E5%F2')
    expect(link('?q=你好', 'utf-8')).toBe('https://example.org/x/a?q=%E4%BD%A0%E5%A5%BD')
    expect(link('?q=你好')).toBe('https://example.org/x/a?q=%E4%BD%A0%E5%A5%BD')
  })

  test('ignores a base that is not http or https, or not a URL', () => {
    for (const base of ['data:text/html,x', 'javascript:x', 'mailto:a@b', 'file:///x', 'http://', 'http://a b/']) {
      expect(urls(`<base href="${base}"><a href="/b">`)).toEqual(['https://example.org/b'])
    }
  })

  test('removes user names and passwords', () => {
    expect(urls('<a href="http://user:secret@other.example/">')).toEqual(['http://other.example/'])
  })

  test('yields regularly, whatever the page has very much of', () => {
    const stepsOf = (html: string) => [...linksInSteps(html, BASE)].length
    for (const piece of ['<', '<p>', '<a>', '</p x>', '<p a b c>']) {
      expect(stepsOf(piece.repeat(3200))).toBeGreaterThanOrEqual(99)
    }
    expect(stepsOf(`<a ${'b '.repeat(3200)}>`)).toBeGreaterThanOrEqual(100)
  })

  test('can parse two pages alternately', () => {
    const tags = [`<a ${'x '.repeat(100)} href=/b>`, `<a ${'a-longer-name '.repeat(100)} href=/c>`]
    const pages = tags.map((html) => linksInSteps(html, BASE))
    const found: string[] = []
    for (let turn = 0; turn < 100 && found.length < 2; turn += 1) {
      for (const page of pages) {
        const step = page.next()
        if (step.done && step.value !== undefined) found.push(...step.value.map(({ url }) => url))
      }
    }
    expect(found.sort()).toEqual(BOTH)
  })

  test('ignores overlong values, and attributes of a tag after the first thousand', () => {
    const link = (length: number) => urls(`<a href="${'x'.repeat(length)}">`)
    expect([link(65_536).length, link(65_537).length]).toEqual([1, 0])
    const names = Array.from({ length: 999 }, (_, number) => `a${number}`).join(' ')
    expect(urls(`<a ${names} href=/b><a ${names} x href=/c><a href=/d>`)).toEqual([
      'https://example.org/b',
      'https://example.org/d',
    ])
  })

  test('takes linear time for broken pages', () => {
    const started = performance.now()
    for (const piece of [
      '<',
      '<a ',
      '<!--',
      '<script>',
      '<a href="',
      "<a b='",
      '<a b=',
      '&',
      '<title>',
      '<meta content="5;',
    ]) {
      urls(piece.repeat(200_000 / piece.length))
    }
    expect(performance.now() - started).toBeLessThan(5000)
  })
})

test('refuses a base that is not an absolute URL', () => {
  expect(() => extractLinks('<a href=x>', 'nope')).toThrow('Expected `base` to be an absolute URL, got "nope"')
})
