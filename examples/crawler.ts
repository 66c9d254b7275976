/**
 * The gevent + requests crawler: a greenlet per page, written as if each call blocked.
 * `node examples/dist/crawler.js URL...`
 */
import { attempt, joinall, spawn } from '@greenlit/core'
import { get } from '@greenlit/http'

const urls = process.argv.slice(2)
if (urls.length === 0) {
  console.error('usage: node examples/dist/crawler.js URL...')
  process.exitCode = 2
}

function* crawl(url: string) {
  const page = yield* get(url, { timeout: 30_000 })
  page.raiseForStatus()
  page.encoding = page.apparentEncoding
  console.log(url, page.text)
}

function* crawlOrReport(url: string) {
  const crawled = yield* attempt(crawl(url))
  if (!crawled.ok) console.log(url, 'failed:', crawled.error.message)
}

await joinall(urls.map((url) => spawn(crawlOrReport, url)))
