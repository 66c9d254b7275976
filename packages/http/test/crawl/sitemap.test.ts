import { expect, test } from 'vitest'
import { parseSitemap } from '../../src/crawl/sitemap.ts'

test('lists the pages of a sitemap', () => {
  const xml = `\uFEFF<?xml version="1.0"?>
    <!DOCTYPE urlset [<!ENTITY evil "https://evil.example/">]>
    <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
      <url><loc> https://example.org/?a=1&amp;b=2 </loc><lastmod>2026-01-01</lastmod></url>
      <url><loc><![CDATA[https://example.org/c?d&e]]></loc></url>
      <url><loc>https://example.org/f&amp;<![CDATA[g&h]]></loc></url>
      <url><loc><url><![CDATA[https://example.org/i]]></url></loc></url>
      <url><x:loc>https://example.org/%C3%A9</x:loc></url>
      <url><loc>&evil;</loc></url>
      <url><loc>ftp://example.org/</loc></url>
    </urlset>`
  expect(parseSitemap(xml)).toEqual({
    urls: [
      'https://example.org/?a=1&b=2',
      'https://example.org/c?d&e',
      'https://example.org/f&g&h',
      'https://example.org/i',
      'https://example.org/%C3%A9',
    ],
    sitemaps: [],
  })
})

test('decodes numeric character references', () => {
  const refer = (text: string) => parseSitemap(`<urlset><loc>https://example.org/?${text}</loc></urlset>`).urls
  expect(refer('a=1&#38;b=&#x32;&#X32;&#0000051;')).toEqual(['https://example.org/?a=1&b=223'])
  expect(refer('&#x1F600;&#128512')).toEqual(['https://example.org/?\u{1f600}\u{1f600}'])
  // Invalid code points become U+FFFD, as in a page.
  expect(refer('&#0;&#xD800;&#xDFFF;&#x110000;&#9999999;')).toEqual([`https://example.org/?${'\ufffd'.repeat(5)}`])
  expect(refer('&#xD7FF;&#xE000;&#x10FFFF;')).toEqual(['https://example.org/?\ud7ff\ue000\u{10ffff}'])
  expect(refer('&lang;&nbsp;&#;&#x;')).toEqual(['https://example.org/?&lang;&nbsp;&#;&#x;'])
})

test('ignores the images and videos of a page', () => {
  const xml = `<urlset><url><loc>https://example.org/a</loc><image:image><image:loc>https://example.org/i.png</image:loc></image:image>
    <video:video><video:loc>https://example.org/v</video:loc></video:video></url></urlset>`
  expect(parseSitemap(xml).urls).toEqual(['https://example.org/a'])
  const prefixed = '<s:urlset xmlns:s="x"><s:url><s:loc>https://example.org/b</s:loc></s:url></s:urlset>'
  expect(parseSitemap(prefixed).urls).toEqual(['https://example.org/b'])
})

test('ignores what is commented out', () => {
  const xml =
    '<urlset><!-- <loc>https://example.org/old</loc> --><loc>https://example.org/a</loc><!-- <loc>https://example.org/b</loc>'
  expect(parseSitemap(xml).urls).toEqual(['https://example.org/a'])
  expect(parseSitemap('<urlset><loc>https://example.org/<!-- x -->a</loc>').urls).toEqual(['https://example.org/a'])
  expect(parseSitemap('<!--'.repeat(200_000)).urls).toEqual([])
})

test('lists the sitemaps of an index', () => {
  const xml =
    '<?xml version="1.0"?><!-- c --><sitemapindex><sitemap><loc>https://example.org/1.xml</loc></sitemap></sitemapindex>'
  expect(parseSitemap(xml)).toEqual({ urls: [], sitemaps: ['https://example.org/1.xml'] })
  const declared =
    '<!DOCTYPE x [<!ELEMENT x ANY>]>\n<s:sitemapindex><s:loc a="b">https://example.org/1.xml</s:loc></s:sitemapindex>'
  expect(parseSitemap(declared)).toEqual({ urls: [], sitemaps: ['https://example.org/1.xml'] })
})

test('lists the pages of the items of a feed', () => {
  const rss = `<?xml version="1.0"?><rss><channel><link>https://example.org/</link><atom:link href="https://example.org/rss" rel="self"/>
    <item><title>a</title><link>https://example.org/a?b&amp;c</link></item>
    <item><link><![CDATA[https://example.org/d]]></link><guid>https://example.org/guid</guid></item></channel></rss>`
  expect(parseSitemap(rss)).toEqual({ urls: ['https://example.org/a?b&c', 'https://example.org/d'], sitemaps: [] })
  const atom = `<feed xmlns="http://www.w3.org/2005/Atom"><link href="https://example.org/"/><link rel="self" href="https://example.org/atom"/>
    <entry><link rel='alternate' type="text/html" href='https://example.org/a?b&amp;c'/><link rel="edit" href="https://example.org/edit"/></entry>
    <entry><link\n\thref="https://example.org/d" /></entry></feed>`
  expect(parseSitemap(atom).urls).toEqual(['https://example.org/a?b&c', 'https://example.org/d'])
  expect(parseSitemap('<rss><channel><link>https://example.org/</link></channel></rss>').urls).toEqual([])
})

test('ignores markup and comments that the items of a feed quote', () => {
  const item = (quoted: string, path: string) =>
    `<item><description><![CDATA[${quoted}]]></description><link>https://example.org/${path}</link></item>`
  const rss = `<rss>${item('<link>https://example.org/n</link>', 'a')}${item('<p>cut off <!-- more', 'b')}${item('1 > 0', 'c')}</rss>`
  expect(parseSitemap(rss).urls).toEqual(['https://example.org/a', 'https://example.org/b', 'https://example.org/c'])
  const xml = '<urlset><!-- <![CDATA[ --><loc><![CDATA[https://example.org/a?b&c]]></loc></urlset>'
  expect(parseSitemap(xml).urls).toEqual(['https://example.org/a?b&c'])
})

test('lists the lines of a text file', () => {
  expect(parseSitemap('https://example.org/a\r\n\nnonsense\nhttps://example.org/b').urls).toEqual([
    'https://example.org/a',
    'https://example.org/b',
  ])
})

test('lists what it can of a broken file', () => {
  expect(parseSitemap('').urls).toEqual([])
  expect(parseSitemap('<urlset><loc>https://example.org/a</loc><loc>https://exa').urls).toEqual([
    'https://example.org/a',
  ])
  expect(parseSitemap('<loc>'.repeat(100_000)).urls).toEqual([])
  const started = performance.now()
  for (const piece of ['<loc>', '<loc><![CDATA[', '<loc ', '<link>', '<a:']) {
    expect(parseSitemap(`<urlset>${piece.repeat(2_000_000)}</loc>`).urls).toEqual([])
    expect(parseSitemap(`<rss><item>${piece.repeat(2_000_000)}</link>`).urls).toEqual([])
  }
  expect(performance.now() - started).toBeLessThan(10_000)
})

test('takes linear time for unclosed CDATA sections', () => {
  const location = `<loc>${'<![CDATA['.repeat(1_100)}</loc>`
  const started = performance.now()
  expect(parseSitemap(`<urlset>${location.repeat(5_000)}`).urls).toEqual([])
  expect(performance.now() - started).toBeLessThan(10_000)
})

test('lists at most 50 000 pages', () => {
  expect(parseSitemap(`<urlset>${'<loc>https://example.org/</loc>'.repeat(50_010)}`).urls).toHaveLength(50_000)
})
