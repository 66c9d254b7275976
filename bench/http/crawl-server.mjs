/**
 * The site of the crawl benchmark, in a process of its own: each host, of any name, has PAGES pages of about 2 KB with ten links. Prints
 * its port. `node crawl-server.mjs PAGES`
 */
import { createServer } from 'node:http'

const pages = Number(process.argv[2])
const filler = '<p>Nothing much is said here, but it takes some room.</p>\n'.repeat(20)
const server = createServer((request, response) => {
  const number = Number(request.url.slice(1))
  if (!(number < pages)) {
    response.writeHead(404).end()
    return
  }
  // A tree with a fan-out of ten, so that every page is reachable. Links beyond its end lead back to early pages.
  const links = Array.from({ length: 10 }, (_, at) => number * 10 + at + 1).map((to) =>
    to < pages ? `<a href="/${to}">${to}</a>` : `<a href="/${to % 100}#again">${to % 100}</a>`,
  )
  const html = `<!doctype html><html><head><title>Page ${number}</title></head><body>${filler}${links.join('\n')}</body></html>`
  response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Length': html.length })
  response.end(html)
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`))
process.stdin.resume().on('end', () => process.exit(0))
