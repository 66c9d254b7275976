import { gzipSync } from 'node:zlib'
import { attempt, run, sleep, spawn } from '@greenlit/core'
import { expect, test } from 'vitest'
import { readSitemap } from '../../src/crawl/read-sitemap.ts'
import { ContentDecodingError } from '../../src/errors/content-decoding-error.ts'
import { ResponseTooLarge } from '../../src/errors/response-too-large.ts'

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

test('fails for a truncated compressed sitemap, and for one that decompresses to too much', async () => {
  const failure = async (content: Uint8Array) => {
    const read = await run(() => attempt(readSitemap(content)))
    return read.ok ? undefined : read.error
  }
  const truncated = await failure(gzipSync(TEXT).subarray(0, -10))
  expect(truncated).toBeInstanceOf(ContentDecodingError)
  expect(truncated!.message).toContain('unexpected end of file')
  expect(await failure(gzipSync(Buffer.alloc(51 * 1024 * 1024)))).toBeInstanceOf(ResponseTooLarge)
})

test('ends with an error of one’s own that a kill throws into the decompression', async () => {
  const error = new RangeError('enough')
  const outcome = await run(function* () {
    const reading = spawn(() => attempt(readSitemap(gzipSync(TEXT))))
    yield* sleep(0)
    yield* reading.kill(error)
    return yield* reading
  })
  expect(outcome).toEqual({ ok: false, error })
})
