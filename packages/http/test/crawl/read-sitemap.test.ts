import { gzipSync } from 'node:zlib'
import { spawn } from '@greenlit/core'
import { expect, test } from 'vitest'
import { readSitemap } from '../../src/crawl/read-sitemap.ts'

const TEXT = '<urlset><url><loc>http://a.example/page</loc></url></urlset>'
const URLS = ['http://a.example/page']

test('parses an uncompressed sitemap', async () => {
  const sitemap = await spawn(() => readSitemap(Buffer.from(TEXT)))
  expect(sitemap.urls).toEqual(URLS)
})

test('decodes a sitemap in the encoding that it declares', async () => {
  const text = `<?xml version="1.0" encoding="ISO-8859-1"?>${TEXT.replace('page', 'caf\xe9')}`
  const sitemap = await spawn(() => readSitemap(Buffer.from(text, 'latin1')))
  expect(sitemap.urls).toEqual(['http://a.example/café'])
})

test('decompresses a sitemap, ignoring trailing garbage', async () => {
  for (const rest of ['', '\n', 'some text']) {
    const content = Buffer.concat([gzipSync(TEXT), Buffer.from(rest)])
    expect((await spawn(() => readSitemap(content))).urls).toEqual(URLS)
  }
})

test('fails for a truncated compressed sitemap', async () => {
  const content = gzipSync(TEXT).subarray(0, -10)
  await expect(async () => {
    await spawn(() => readSitemap(content)).get()
  }).rejects.toThrow('unexpected end of file')
})
