import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { sleep } from '@greenlit/core'
import { afterEach, describe, expect, test } from 'vitest'
import { crawl } from '../../src/crawl/crawl.ts'
import type { CrawlOptions } from '../../src/crawl/options.ts'
import type { Visit } from '../../src/crawl/visit.ts'
import { guardLeaks } from '../support/guard.ts'
import { type CrawlSite, linksTo, startCrawlSite } from './crawl-site.ts'

guardLeaks()

const MEBIBYTE = 1024 * 1024
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function start(pages: Parameters<typeof startCrawlSite>[0]): Promise<CrawlSite> {
  const site = await startCrawlSite(pages)
  closing.push(() => site.close())
  return site
}

/** A server that may send anything. */
async function startRaw(speak: (socket: Socket) => unknown): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', () => speak(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`
}

async function outcomes(options: CrawlOptions) {
  const visits: Visit[] = []
  await crawl({
    guard: false,
    robots: false,
    retries: 0,
    timeout: 5000,
    onVisit: (visit) => visits.push(visit),
    ...options,
  })
  return Object.fromEntries(
    visits.map((visit) => [new URL(visit.url).pathname, visit.ok ? visit.bytes : visit.error.name]),
  )
}

const bomb = (size: number) => {
  const bytes = gzipSync(Buffer.alloc(size, ' '))
  return (_: unknown, response: ServerResponse) =>
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'text/html' }).end(bytes)
}

describe('a crawl of hostile servers', () => {
  test('refuses bodies that are too large once decompressed, by size and by ratio', async () => {
    const site = await start({ '/small': bomb(MEBIBYTE), '/large': bomb(11 * MEBIBYTE), '/huge': bomb(64 * MEBIBYTE) })
    const seeds = ['/small', '/large', '/huge'].map((path) => site.url + path)
    expect(await outcomes({ seeds })).toEqual({
      '/small': MEBIBYTE,
      '/large': 'ResponseTooLarge',
      '/huge': 'ResponseTooLarge',
    })
    expect(await outcomes({ seeds, maxSize: 100 * MEBIBYTE })).toMatchObject({
      '/large': 11 * MEBIBYTE,
      '/huge': 'ResponseTooLarge',
    })
  })

  test('stops reading an endless body', async () => {
    let sent = 0
    const url = await startRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      const piece = Buffer.alloc(64 * 1024, 'x')
      const more = (): void => {
        while (!socket.destroyed && sent < 200 * MEBIBYTE && socket.write(piece)) sent += piece.length
        socket.once('drain', more)
      }
      more()
    })
    expect(await outcomes({ seeds: url, maxSize: MEBIBYTE })).toEqual({ '/': 'ResponseTooLarge' })
    expect(sent).toBeLessThan(100 * MEBIBYTE)
  })

  test('does not read the endless body of an error or a redirect, and treats them as such', async () => {
    const endless = (response: ServerResponse) => {
      const timer = setInterval(() => response.write(Buffer.alloc(MEBIBYTE, 'x')), 5)
      response.once('close', () => clearInterval(timer))
    }
    const site = await start({
      '/page': 'page',
      '/gone': (_, response) => endless(response.writeHead(404)),
      '/moved': (_, response) => endless(response.writeHead(302, { location: '/page' })),
    })
    const seeds = ['/gone', '/moved'].map((path) => site.url + path)
    expect(await outcomes({ seeds, maxSize: 4 * MEBIBYTE })).toEqual({ '/gone': 'HTTPError', '/moved': 4 })
  })

  test('gives up on heads and bodies that trickle, and on heads that are too long', async () => {
    const trickle = (first: string, rest: string) =>
      startRaw((socket) => {
        socket.write(first)
        const timer = setInterval(() => socket.write(rest), 20)
        socket.once('close', () => clearInterval(timer))
      })
    const head = await trickle('HTTP/1.1 200 OK\r\n', 'X-A: b\r\n')
    const body = await trickle('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n', 'x')
    expect(await outcomes({ seeds: head, timeout: 200 })).toEqual({ '/': 'ReadTimeout' })
    expect(await outcomes({ seeds: body, timeout: 200 })).toEqual({ '/': 'ReadTimeout' })
    expect(await outcomes({ seeds: body, minRate: { bytes: 1000, per: 100 } })).toEqual({ '/': 'ResponseTooSlow' })
    const long = await startRaw((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(200 * 1024)}\r\n\r\n`)
    })
    expect(await outcomes({ seeds: long })).toEqual({ '/': 'ConnectionError' })
  })

  test('a response that is not HTTP fails without affecting others', async () => {
    const answers = [
      'nonsense\r\n\r\n',
      'HTTP/1.1 200 OK\nContent-Length: 1\n\nx',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nxxxxx',
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      'HTTP/1.1 302 Found\r\nLocation: http://[/\r\nContent-Length: 0\r\n\r\n',
      'HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope',
      '',
    ]
    for (const answer of answers) {
      const url = await startRaw((socket) => socket.end(answer))
      const found = await outcomes({ seeds: url })
      expect([answer, found['/']]).toEqual([answer, expect.stringMatching(/^[A-Z]\w+$/)])
    }
  })

  test('follows only http and https links, and accepts odd ones', async () => {
    const site = await start({
      '/': [
        '<base href="data:text/html,x">',
        ...[
          'javascript:alert(1)',
          'mailto:a@b',
          'data:text/html,<a>',
          'file:///etc/passwd',
          'ftp://127.0.0.1/',
          'tel:1',
          'blob:x',
        ].map((href) => `<a href="${href}">`),
        `<a href="http://user:secret@${'HOST'}/login">`,
        '<a href="">',
        '<a href="#top">',
        '<a href="?q=1">',
        '<a href=" /spaced\n ">',
        '<a href="/a b">',
        '<a href="/é">',
        `<a href="/${'x'.repeat(3000)}">`,
        '<a href="http://:80/">',
        '<a href="//">',
        '<a href="/last"',
      ].join('\n'),
    })
    const asked: string[] = []
    const logged: string[] = []
    const page = (await (await fetch(`${site.url}/`)).text()).replace('HOST', site.host)
    const real = await start({
      '/': (_, response) =>
        response.writeHead(200, { 'content-type': 'text/html' }).end(page.replaceAll(site.host, real.host)),
    })
    await crawl({
      seeds: real.url,
      guard: false,
      robots: false,
      onVisit: (visit) => void logged.push(JSON.stringify(visit), visit.ok ? '' : visit.error.message),
      handle: ({ url }) => asked.push(url),
    })
    expect(real.asked.sort()).toEqual(['/', '/%C3%A9', '/?q=1', '/a%20b', '/last', '/login', '/spaced'])
    expect(logged.join()).not.toContain('secret')
  })

  test('never shows a user name or password', async () => {
    const site = await start({
      '/': linksTo('/out', '/in'),
      '/out': (_, response) => response.writeHead(302, { location: 'http://user:secret@127.0.0.1:1/' }).end(),
      '/in': (request, response) => response.end(request.headers.authorization ?? 'nobody'),
    })
    const seen: string[] = []
    const seed = site.url.replace('http://', 'http://user:secret@')
    const stats = await crawl({
      seeds: [`${seed}/`, 'http://user:secret@name.invalid/', 'http://user:secret@[/', 'ftp://user:secret@x/'],
      allowedHosts: ['127.0.0.1', 'name.invalid'],
      guard: false,
      retries: 0,
      onVisit: (visit) => void seen.push(JSON.stringify(visit), visit.ok ? '' : String(visit.error.stack)),
      handle: ({ url, requestedUrl, from }) => void seen.push(url, requestedUrl, from ?? ''),
    })
    seen.push(JSON.stringify(stats))
    expect(stats.pages).toBe(2)
    expect(seen.join('\n')).not.toContain('secret')
  })

  test('is not held up by pages that are hard to parse', async () => {
    const site = await start({
      '/open': `<html>${'<a href="/x'.repeat(100_000)}`,
      '/quotes': `<html><a ${'"\''.repeat(300_000)}`,
      '/entities': `<html><a href="${'&amp'.repeat(200_000)}">`,
      '/comments': `<html>${'<!--'.repeat(200_000)}`,
      '/titles': `<html>${'<title '.repeat(100_000)}`,
      '/meta': `<html>${'<meta name="robots" '.repeat(50_000)}`,
      '/tags': `<html>${'<'.repeat(500_000)}`,
    })
    const paths = ['/open', '/quotes', '/entities', '/comments', '/titles', '/meta', '/tags']
    const started = performance.now()
    const found = await outcomes({
      seeds: paths.map((path) => site.url + path),
      robots: true,
      handle: ({ title }) => title,
    })
    expect(
      Object.keys(found)
        .filter((path) => paths.includes(path))
        .sort(),
    ).toEqual([...paths].sort())
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})

describe('robots.txt of a hostile server', () => {
  const robots = (answer: Parameters<typeof startCrawlSite>[0][string]) =>
    start({ '/robots.txt': answer, '/': 'home', '/private': 'private' })
  const both = (site: CrawlSite) => [`${site.url}/`, `${site.url}/private`]

  test('is read up to 500 KiB, independently of `maxSize`', async () => {
    const rules = 'User-agent: *\nDisallow: /private\n'
    const long = await robots((_, response) => response.end(rules + '#'.repeat(3 * MEBIBYTE)))
    const small = await robots(rules + '#'.repeat(2000))
    const packed = await robots((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(rules + '#'.repeat(5 * MEBIBYTE))),
    )
    const wide = await robots((_, response) => response.end(Buffer.from(`\uFEFF${rules}`, 'utf16le')))
    for (const site of [long, small, packed, wide]) {
      await outcomes({ seeds: both(site), robots: true, maxSize: 1000 })
      expect(site.asked).toEqual(['/'])
    }
  })

  test('without end is read only up to the limit', async () => {
    const site = await robots((_, response) => {
      response.write('User-agent: *\nDisallow: /private\n')
      const more = () => response.write('#'.repeat(MEBIBYTE)) && setImmediate(more)
      response.on('drain', more)
      more()
    })
    expect(await outcomes({ seeds: both(site), robots: true })).toEqual({ '/': 4 })
    expect(site.asked).toEqual(['/'])
  })

  test.each([
    [401, ['/', '/private']],
    [403, ['/', '/private']],
    [404, ['/', '/private']],
    [410, ['/', '/private']],
    [429, []],
    [500, []],
    [503, []],
  ])('with status %d allows %j', async (status, paths) => {
    const site = await robots((_, response) => response.writeHead(status).end('User-agent: *\nDisallow: /'))
    await outcomes({ seeds: both(site), robots: true })
    expect([...site.asked].sort()).toEqual(paths)
  })

  test('that redirects endlessly allows everything; up to five redirects are followed', async () => {
    const hops = Object.fromEntries(
      [1, 2, 3, 4].map((at) => [
        `/r${at}`,
        (_: unknown, response: { writeHead(status: number, headers: object): { end(): void } }) =>
          response.writeHead(301, { location: `/r${at + 1}` }).end(),
      ]),
    )
    const site = await start({
      ...hops,
      '/robots.txt': (_, response) => response.writeHead(301, { location: '/r1' }).end(),
      '/r5': 'User-agent: *\nDisallow: /private',
      '/': 'home',
      '/private': 'private',
    })
    await outcomes({ seeds: both(site), robots: true })
    expect(site.asked).not.toContain('/private')
    const loop = await robots((_, response) => response.writeHead(301, { location: '/robots.txt' }).end())
    await outcomes({ seeds: both(loop), robots: true })
    expect([...loop.asked].sort()).toEqual(['/', '/private'])
  })

  test('that fails is not requested again for each page of its site', async () => {
    const site = await robots((_, response) => response.writeHead(503).end())
    const seeds = Array.from({ length: 200 }, (_, at) => `${site.url}/${at}`)
    const found = await outcomes({ seeds, robots: true, retryDelay: 60_000 })
    expect(Object.values(found)).toEqual(Array(200).fill('HTTPError'))
    expect(site.robotsAsked()).toBe(1)
    expect(site.asked).toEqual([])
  })

  test('that never ends fails its site, not the crawl', async () => {
    const stuck = await robots(() => {})
    const fine = await robots('')
    const found = await outcomes({
      seeds: [...both(stuck), `${fine.url}/fine`, `${fine.url}/`],
      robots: true,
      timeout: 300,
    })
    expect(found['/private']).toBe('ReadTimeout')
    expect(stuck.asked).toEqual([])
    expect(fine.asked.sort()).toEqual(['/', '/fine'])
  })

  test('directives of a page are reported, and `nofollow` is obeyed', async () => {
    const site = await start({
      '/': '<meta name="robots" content="noindex, nofollow"><a href="/a">a</a>',
      '/head': (_, response) =>
        response.writeHead(200, { 'x-robots-tag': 'nofollow', 'content-type': 'text/html' }).end('<a href="/b">b</a>'),
    })
    const said: unknown[] = []
    await crawl({
      seeds: [`${site.url}/`, `${site.url}/head`],
      guard: false,
      concurrency: 1,
      handle: ({ mayIndex, mayFollow }) => said.push([mayIndex, mayFollow]),
    })
    expect(said).toEqual([
      [false, false],
      [true, false],
    ])
    expect(site.asked).toEqual(['/', '/head'])
    await crawl({ seeds: `${site.url}/`, guard: false, robots: false })
    expect(site.asked).toContain('/a')
  })
})

describe('sitemaps of a hostile server', () => {
  test('that decompress to too much, or list each other, end', async () => {
    const pages: Record<string, Parameters<typeof startCrawlSite>[0][string]> = { '/': 'home', '/a': 'a' }
    const site = await start(pages)
    const map = (...paths: string[]) =>
      `<sitemapindex>${paths.map((path) => `<sitemap><loc>${site.url}${path}</loc></sitemap>`).join('')}</sitemapindex>`
    pages['/robots.txt'] = ['/bomb.gz', '/one.xml', '/entities.xml']
      .map((path) => `Sitemap: ${site.url}${path}`)
      .join('\n')
    pages['/bomb.gz'] = (_, response) => response.end(gzipSync(Buffer.alloc(60 * MEBIBYTE, ' ')))
    pages['/one.xml'] = map('/two.xml', '/one.xml')
    pages['/two.xml'] = map('/one.xml', '/three.xml')
    pages['/three.xml'] = map('/four.xml')
    pages['/four.xml'] = map('/five.xml')
    pages['/entities.xml'] =
      `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "&a;&a;">]><urlset><url><loc>${site.url}/&b;</loc></url><url><loc>${site.url}/a</loc></url></urlset>`
    const found = await outcomes({ seeds: site.url, robots: true, sitemaps: true })
    expect(found['/bomb.gz']).toBe('ResponseTooLarge')
    expect(found['/a']).toBe(1)
    expect(site.asked.filter((path) => /xml$/.test(path)).sort()).toEqual([
      '/entities.xml',
      '/four.xml',
      '/one.xml',
      '/three.xml',
      '/two.xml',
    ])
    await sleep(0)
  })
})
