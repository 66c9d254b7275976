import type { IncomingMessage, ServerResponse } from 'node:http'
import { Event, sleep, spawn } from '@greenlit/core'
import { afterEach, describe, expect, test } from 'vitest'
import { crawl } from '../../src/crawl/crawl.ts'
import type { CrawlOptions } from '../../src/crawl/options.ts'
import type { Visit } from '../../src/crawl/visit.ts'
import { Session } from '../../src/session/session.ts'
import { guardLeaks } from '../support/guard.ts'
import { type CrawlSite, linksTo, startCrawlSite } from './crawl-site.ts'

guardLeaks()

const sites: CrawlSite[] = []
afterEach(async () => {
  for (const site of sites.splice(0)) await site.close()
})

async function start(pages: Parameters<typeof startCrawlSite>[0]): Promise<CrawlSite> {
  const site = await startCrawlSite(pages)
  sites.push(site)
  return site
}

async function crawled(options: CrawlOptions) {
  const visits: Visit[] = []
  const stats = await crawl({ guard: false, retryDelay: 10, onVisit: (visit) => visits.push(visit), ...options })
  return { stats, visits }
}

const redirect =
  (to: string, headers: Record<string, string> = {}) =>
  (_: IncomingMessage, response: ServerResponse) =>
    response.writeHead(302, { location: to, ...headers }).end()

describe('a redirect in a crawl', () => {
  test('to another host counts towards the limit of that host', async () => {
    const release = new Event()
    const slowly = (_: unknown, response: ServerResponse) =>
      void spawn(function* () {
        yield* release.wait()
        response.end('there')
      })
    const names = Array.from({ length: 12 }, (_, at) => `/${at}`)
    const busy = await start(Object.fromEntries(names.map((name) => [name, slowly])))
    const fronts: CrawlSite[] = []
    for (let at = 0; at < 3; at += 1) {
      fronts.push(await start(Object.fromEntries(names.map((name) => [name, redirect(`${busy.url}${name}?${at}`)]))))
    }
    const seeds = [...fronts, busy].flatMap(({ url }) => names.map((name) => url + name))
    const running = spawn(() => crawled({ seeds, concurrency: 50, perHost: 2, robots: false }))
    while (busy.atOnce() < 2 || fronts.some(({ asked }) => asked.length < 2)) await sleep(5)
    for (let turn = 0; turn < 10; turn += 1) await sleep(5)
    expect(busy.atOnce()).toBe(2)
    release.set()
    expect((await running).stats).toMatchObject({ pages: 48, failed: 0 })
    expect(busy.mostAtOnce()).toBe(2)
    for (const front of fronts) expect(front.mostAtOnce()).toBeLessThanOrEqual(2)
  })

  test('to another host takes precedence over URLs found there meanwhile', async () => {
    const release = new Event()
    const slowly = (_: unknown, response: ServerResponse) =>
      void spawn(function* () {
        yield* release.wait()
        response.end('there')
      })
    const busy = await start({ '/0': slowly, '/1': slowly, '/own': slowly })
    const front = await start({ '/0': redirect(`${busy.url}/0`), '/1': redirect(`${busy.url}/1`) })
    const late = await start({
      '/': (_, response) =>
        void spawn(function* () {
          while (busy.atOnce() < 2) yield* sleep(5)
          response.setHeader('content-type', 'text/html').end(linksTo(`${busy.url}/own`))
        }),
    })
    const seeds = [`${front.url}/0`, `${front.url}/1`, late.url]
    const found = new Event()
    const handle = () => void found.set()
    const running = spawn(() => crawled({ seeds, handle, perHost: 2, robots: false, allowedHosts: ['127.0.0.1'] }))
    await found.wait()
    for (let turn = 0; turn < 10; turn += 1) await sleep(5)
    release.set()
    expect((await running).stats.pages).toBe(4)
    expect(busy.mostAtOnce()).toBe(2)
  })

  test('to another host leaves exactly the remaining slots there to other URLs', async () => {
    const release = new Event()
    const slowly = (_: unknown, response: ServerResponse) =>
      void spawn(function* () {
        yield* release.wait()
        response.end('there')
      })
    const busy = await start({ '/guest': slowly, '/1': slowly, '/2': slowly, '/3': slowly })
    const front = await start({ '/': redirect(`${busy.url}/guest`) })
    const late = await start({
      '/': (_, response) =>
        void spawn(function* () {
          while (busy.atOnce() < 1) yield* sleep(5)
          const own = ['/1', '/2', '/3'].map((path) => busy.url + path)
          response.setHeader('content-type', 'text/html').end(linksTo(...own))
        }),
    })
    const running = spawn(() =>
      crawled({ seeds: [front.url, late.url], perHost: 2, robots: false, allowedHosts: ['127.0.0.1'] }),
    )
    while (busy.atOnce() < 2) await sleep(5)
    for (let turn = 0; turn < 10; turn += 1) await sleep(5)
    release.set()
    expect((await running).stats.pages).toBe(5)
    expect(busy.mostAtOnce()).toBe(2)
  })

  test('between two hosts that redirect to each other does not deadlock, with one slot each', async () => {
    const pages: Record<string, Parameters<typeof startCrawlSite>[0][string]> = {}
    const one = await start(pages)
    const other = await start(pages)
    for (let at = 0; at < 10; at += 1) {
      pages[`/a${at}`] = (request, response) => {
        const to = request.headers.host === one.host ? other : one
        response.writeHead(302, { location: `${to.url}/b${at}` }).end()
      }
      pages[`/b${at}`] = 'b'
    }
    const seeds = [one, other].flatMap(({ url }) => Array.from({ length: 10 }, (_, at) => `${url}/a${at}`))
    const { stats } = await crawled({ seeds, concurrency: 4, perHost: 1, robots: false })
    expect(stats).toMatchObject({ pages: 20, failed: 0 })
    expect([one.mostAtOnce(), other.mostAtOnce()]).toEqual([1, 1])
  })

  test('is not followed if robots.txt disallows the target, even on another host', async () => {
    const other = await start({ '/robots.txt': 'User-agent: *\nDisallow: /no', '/no': 'no', '/yes': 'yes' })
    const site = await start({
      '/robots.txt': 'User-agent: *\nDisallow: /private',
      '/a': redirect('/private'),
      '/b': redirect(`${other.url}/no`),
      '/c': redirect(`${other.url}/yes`),
      '/private': 'private',
    })
    const { stats } = await crawled({ seeds: ['/a', '/b', '/c'].map((path) => site.url + path) })
    expect(stats).toMatchObject({ pages: 1, skipped: { robots: 2 } })
    expect(site.asked).not.toContain('/private')
    expect(other.asked).toEqual(['/yes'])
    expect(other.robotsAsked()).toBe(1)
  })

  test('is not followed to a host that is not allowed', async () => {
    const other = await start({ '/': 'other' })
    const site = await start({ '/': linksTo('/out'), '/out': redirect(`${other.url}/`) })
    const { stats } = await crawled({ seeds: site.url })
    expect(stats.skipped.offsite).toBe(1)
    expect([other.asked, other.robotsAsked()]).toEqual([[], 0])
    expect((await crawled({ seeds: `${site.url}/out`, allowedHosts: [site.host] })).stats.skipped.offsite).toBe(1)
    expect(other.asked).toEqual([])
  })

  test('of a page listed in a sitemap does not extend the crawl to another host', async () => {
    const other = await start({ '/': 'other' })
    const pages: Record<string, Parameters<typeof startCrawlSite>[0][string]> = {
      '/': 'home',
      '/out': redirect(`${other.url}/`),
    }
    const site = await start(pages)
    pages['/robots.txt'] = `Sitemap: ${site.url}/map.txt`
    pages['/map.txt'] = `${site.url}/out`
    expect((await crawled({ seeds: site.url, sitemaps: true })).stats.skipped.offsite).toBe(1)
    expect(other.asked).toEqual([])
  })

  test('is included in the duration of the visit', async () => {
    const site = await start({
      '/': (_, response) => setTimeout(() => redirect('/new')(_, response), 100),
      '/new': 'new',
    })
    const { visits } = await crawled({ seeds: site.url })
    expect(visits[0]!.elapsed).toBeGreaterThan(90)
  })

  test('is handled as a page if the session does not follow redirects', async () => {
    const site = await start({ '/': redirect('/new'), '/new': 'new' })
    const { visits } = await crawled({ seeds: site.url, session: new Session({ allowRedirects: false }) })
    expect(visits.map(({ ok, status }) => [ok, status])).toEqual([[true, 302]])
    expect(site.asked).toEqual(['/'])
  })

  test('to a known page does not request it again', async () => {
    const site = await start({ '/': linksTo('/new', '/old', '/older'), '/new': 'new', '/old': redirect('/new') })
    const { stats } = await crawled({ seeds: site.url, concurrency: 1 })
    expect(site.asked).toEqual(['/', '/new', '/old', '/older'])
    expect(stats.skipped.duplicate).toBe(1)
  })

  test('through others marks them as visited too, unless they set a cookie', async () => {
    const site = await start({
      '/': linksTo('/a', '/x', '/last'),
      '/a': redirect('/b'),
      '/b': redirect('/c'),
      '/c': 'c',
      '/x': redirect('/y'),
      '/y': redirect('/z', { 'set-cookie': 'seen=1' }),
      '/z': 'z',
      '/last': linksTo('/b', '/c', '/y', '/z'),
    })
    const { stats } = await crawled({ seeds: site.url, concurrency: 1, robots: false })
    expect(stats).toMatchObject({ pages: 4, skipped: { duplicate: 1 } })
    expect(site.asked).toEqual(['/', '/a', '/b', '/c', '/x', '/y', '/z', '/last', '/y', '/z'])
  })

  test('that sets a cookie requests a known page again, but does not handle it again', async () => {
    const site = await start({
      '/': linksTo('/new', '/old'),
      '/new': 'new',
      '/old': redirect('/new', { 'set-cookie': 'seen=1' }),
    })
    const handled: string[] = []
    const handle = ({ url }: { url: string }) => void handled.push(new URL(url).pathname)
    const { stats } = await crawled({ seeds: site.url, concurrency: 1, handle })
    expect(handled).toEqual(['/', '/new'])
    expect(stats).toMatchObject({ pages: 2, skipped: { duplicate: 1 } })
  })

  test('to the target of another redirect in progress does not request it twice', async () => {
    const site = await start({
      '/': linksTo('/old', '/older'),
      '/old': redirect('/new'),
      '/older': redirect('/new'),
      '/new': (_, response) =>
        void spawn(function* () {
          while (site.asked.length < 4) yield* sleep(5)
          for (let turn = 0; turn < 10; turn += 1) yield* sleep(5)
          response.end('new')
        }),
    })
    const { stats } = await crawled({ seeds: site.url })
    expect(site.asked.filter((path) => path === '/new')).toHaveLength(1)
    expect(stats).toMatchObject({ pages: 2, skipped: { duplicate: 1 } })
  })

  test('to a page that is linked to meanwhile visits it once', async () => {
    const site = await start({
      '/': linksTo('/old', '/other'),
      '/old': redirect('/new'),
      '/other': (_, response) =>
        void spawn(function* () {
          while (!site.asked.includes('/new')) yield* sleep(5)
          response.setHeader('content-type', 'text/html').end(linksTo('/new', '/last'))
        }),
      '/last': 'last',
      '/new': (_, response) =>
        void spawn(function* () {
          while (!site.asked.includes('/last')) yield* sleep(5)
          response.end('new')
        }),
    })
    expect((await crawled({ seeds: site.url })).stats.pages).toBe(4)
    expect(site.asked.filter((path) => path === '/new')).toHaveLength(1)
  })

  test('to a page that fails does not keep others from visiting the page', async () => {
    const linked = new Event()
    let tries = 0
    const site = await start({
      '/': linksTo('/old', '/other'),
      '/old': redirect('/new'),
      '/other': (_, response) =>
        void spawn(function* () {
          while (tries === 0) yield* sleep(5)
          response.setHeader('content-type', 'text/html').end(linksTo('/new', '/last'))
        }),
      '/last': (_, response) => {
        linked.set()
        response.end('last')
      },
      '/new': (_, response) =>
        void spawn(function* () {
          tries += 1
          yield* linked.wait()
          response.writeHead(tries === 1 ? 503 : 200).end()
        }),
    })
    const { visits } = await crawled({ seeds: site.url, retries: 0 })
    expect(visits.map(({ url, status }) => [new URL(url).pathname, status])).toContainEqual(['/new', 200])
  })

  test('to itself that sets a cookie is followed with the cookie', async () => {
    const walled = (request: IncomingMessage, response: ServerResponse) =>
      request.headers.cookie === 'seen=1' ? response.end('in') : redirect('/wall')(request, response)
    const site = await start({
      '/': (request, response) =>
        request.headers.cookie === 'seen=1'
          ? response.end('in')
          : redirect('/', { 'set-cookie': 'seen=1' })(request, response),
      '/walled': walled,
      '/wall': redirect('/walled', { 'set-cookie': 'seen=1' }),
    })
    for (const path of ['/', '/walled']) {
      const { visits } = await crawled({ seeds: site.url + path, session: new Session() })
      expect(visits.map(({ ok, status }) => [ok, status])).toEqual([[true, 200]])
    }
  })

  test('keeps the requested URL, the final URL and the history', async () => {
    const site = await start({ '/a': redirect('/b#x'), '/b': redirect('/c'), '/c': 'c' })
    const pages: unknown[] = []
    const { visits } = await crawled({
      seeds: `${site.url}/a`,
      handle: ({ requestedUrl, url, response }) =>
        pages.push([requestedUrl, url, response.history.map(({ statusCode, url }) => [statusCode, url])]),
    })
    const [a, b] = [`${site.url}/a`, `${site.url}/b#x`]
    expect(pages).toEqual([
      [
        a,
        `${site.url}/c#x`,
        [
          [302, a],
          [302, b],
        ],
      ],
    ])
    expect(visits[0]).toMatchObject({ ok: true, url: a, finalUrl: `${site.url}/c#x` })
  })

  test('observes the delay of its host', async () => {
    const site = await start({ '/a': redirect('/b'), '/b': redirect('/c'), '/c': 'c' })
    await crawled({ seeds: `${site.url}/a`, delay: 100, robots: false })
    expect(site.asked).toEqual(['/a', '/b', '/c'])
    expect(site.times[1]! - site.times[0]!).toBeGreaterThan(45)
    expect(site.times[2]! - site.times[1]!).toBeGreaterThan(45)
  })

  test('in an endless chain fails with TooManyRedirects at the limit of the session', async () => {
    const site = await start({ '/a': redirect('/b'), '/b': redirect('/a'), '/far': redirect('ftp://example.org/') })
    const session = new Session({ maxRedirects: 4 })
    const { visits } = await crawled({ seeds: [`${site.url}/a`, `${site.url}/far`], session, robots: false })
    expect(visits.map((visit) => (visit.ok ? 'ok' : visit.error.name)).sort()).toEqual([
      'InvalidSchema',
      'TooManyRedirects',
    ])
    expect(site.asked.filter((path) => path !== '/far')).toHaveLength(5)
    session.close()
    const further = await start(
      Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`/${at}`, redirect(`/${at + 1}`)])),
    )
    expect((await crawled({ seeds: `${further.url}/0`, robots: false })).stats.errors).toEqual({ TooManyRedirects: 1 })
    expect(further.asked).toHaveLength(31)
  })

  test('does not carry cookies or credentials to another host, however long the chain', async () => {
    const seen: unknown[] = []
    const noted =
      (answer: (request: IncomingMessage, response: ServerResponse) => unknown) =>
      (request: IncomingMessage, response: ServerResponse) => {
        seen.push([request.headers.cookie, request.headers.authorization])
        return answer(request, response)
      }
    const other = await start({
      '/1': noted(redirect('/2', { 'set-cookie': 'own=1' })),
      '/2': noted((_, response) => response.end('2')),
    })
    const site = await start({
      '/': noted(redirect('/same')),
      '/same': noted(redirect(`${other.url.replace('127.0.0.1', 'localhost')}/1`)),
    })
    const session = new Session({ cookies: { token: 'secret' }, auth: ['user', 'secret'] })
    const { stats } = await crawled({ seeds: site.url, session, robots: false })
    expect(stats.pages).toBe(1)
    expect(seen).toEqual([
      ['token=secret', expect.stringContaining('Basic')],
      ['token=secret', expect.stringContaining('Basic')],
      [undefined, undefined],
      ['own=1', undefined],
    ])
    session.close()
  })

  test('that waits for a slot when the crawl ends leaves nothing behind', async () => {
    const busy = await start({ '/': () => {} })
    const front = await start({ '/': redirect(`${busy.url}/?2`) })
    const running = spawn(() => crawled({ seeds: [`${busy.url}/`, `${front.url}/`], perHost: 1, robots: false }))
    while (busy.asked.length < 1 || front.asked.length < 1) await sleep(5)
    for (let turn = 0; turn < 5; turn += 1) await sleep(5)
    expect(busy.asked).toEqual(['/'])
    await running.kill()
  })

  test('to a host that asks crawlers to wait lets that host rest', async () => {
    const busy = await start({
      '/1': (_, response, visits) =>
        visits === 1 ? response.writeHead(429, { 'retry-after': '100' }).end() : response.end('1'),
      '/2': '2',
    })
    const front = await start({ '/': redirect(`${busy.url}/1`), '/x': 'x' })
    const seeds = [`${front.url}/`, `${front.url}/x`, `${busy.url}/2`]
    const { stats } = await crawled({ seeds, concurrency: 1, retryAfterMax: 300, robots: false })
    expect(stats).toMatchObject({ pages: 3, retries: 1 })
  })
})
