/** The crawler on unmodified axios, through a cooperative view. `node examples/dist/axios-crawler.js URL...` */
import { attempt, green, joinall, spawn, Timeout, withTimeout } from '@greenlit/core'
import axios from 'axios'

const http = green(axios)
const urls = process.argv.slice(2)
if (urls.length === 0) {
  console.error('usage: node examples/dist/axios-crawler.js URL...')
  process.exitCode = 2
}

function* crawl(url: string) {
  const page = yield* http.get<string>(url, { responseType: 'text' })
  console.log(url, page.status, page.data)
}

/** The limit covers the whole page: once it has passed, the connection is closed even if data still trickles in. */
function* crawlOrReport(url: string) {
  const limit = new Timeout(2000, new Error('it took too long'))
  const crawled = yield* attempt(withTimeout(limit, () => crawl(url)))
  if (!crawled.ok) console.log(url, 'failed:', crawled.error.message)
}

await joinall(urls.map((url) => spawn(crawlOrReport, url)))
