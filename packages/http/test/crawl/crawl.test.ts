import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { AsyncResult, Event, type Greenlet, GreenletExit, sleep, spawn, withTimeout } from '@greenlit/core'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { crawl } from '../../src/crawl/crawl.ts'
import type { CrawlPage } from '../../src/crawl/crawl-page.ts'
import type { PageLink } from '../../src/crawl/extract-links.ts'
import type { CustomFrontier } from '../../src/crawl/frontier/custom-frontier.ts'
import type { Frontier, Lease, LeaseOptions } from '../../src/crawl/frontier/frontier.ts'
import { MemoryFrontier } from '../../src/crawl/frontier/memory-frontier.ts'
import type { CrawlOptions } from '../../src/crawl/options.ts'
import type { CrawlProgress } from '../../src/crawl/stats.ts'
import type { FailedVisit, Visit } from '../../src/crawl/visit.ts'
import { Session } from '../../src/session/session.ts'
import { guardLeaks } from '../support/guard.ts'
import { type CrawlSite, linksTo, startCrawlSite } from './crawl-site.ts'

guardLeaks()

const sites: CrawlSite[] = []
afterEach(async () => {
  for (const site of sites.splice(0)) await site.close()
})
const folder = mkdtempSync(join(tmpdir(), 'greenlit-crawl-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function start(pages: Parameters<typeof startCrawlSite>[0]): Promise<CrawlSite> {
  const site = await startCrawlSite(pages)
  sites.push(site)
  return site
}

/** Crawls loopback with short delays, and collects all visits. */
async function crawled(options: CrawlOptions) {
  const visits: Visit[] = []
  const onVisit = (visit: Visit) => visits.push(visit)
  const stats = await crawl({ guard: false, retryDelay: 10, onVisit, ...options })
  const failed = visits.filter((visit): visit is FailedVisit => !visit.ok)
  return { stats, visits, failed, urls: visits.map(({ url }) => url) }
}

/** A frontier with only the required methods. */
const frontierOf = (whole: MemoryFrontier): Frontier => ({
  add: (requests) => whole.add(requests),
  lease: (options) => whole.lease(options),
  ack: (lease, also) => whole.ack(lease, also),
  retry: (lease, delay) => whole.retry(lease, delay),
  fail: (lease, reason) => whole.fail(lease, reason),
  stats: () => whole.stats(),
})

describe('crawl', () => {
  test('visits the seeds and what they link to, each page once', async () => {
    const site = await start({
      '/': linksTo('/a', '/b', '/a#top', '/missing'),
      '/a': linksTo('/', '/b', 'b?', '/c'),
      '/b': linksTo('/a'),
      '/c': 'plain text with <a href="/never">',
    })
    const handled: string[] = []
    const { stats, failed } = await crawled({
      seeds: [`${site.url}/`, site.url, `${site.url}/#x`],
      *handle(page) {
        yield* sleep(0)
        handled.push(`${new URL(page.url).pathname} ${page.depth} ${page.title}`)
      },
    })
    expect(handled.sort()).toEqual(['/ 0 Links', '/a 1 Links', '/b 1 Links', '/c 2 '])
    expect([...site.asked].sort()).toEqual(['/', '/a', '/b', '/c', '/missing'])
    expect(site.robotsAsked()).toBe(1)
    expect(stats).toMatchObject({ pages: 4, failed: 1, statuses: { 200: 4, 404: 1 }, errors: { HTTPError: 1 } })
    expect(stats.hosts[site.host]).toMatchObject({ pages: 4, failed: 1 })
    expect(failed[0]!.error.message).toContain('404')
  })

  test('follows a `meta` refresh of a seed to another host, but not that of other pages', async () => {
    const refresh = (to: string) => `<meta http-equiv=refresh content="0; url=${to}">`
    const [home, other] = [await start({ '/': linksTo('/away'), '/away': '' }), await start({ '/': 'other' })]
    const seed = await start({ '/': refresh(`${home.url}/`) })
    const away = await start({ '/': linksTo('/away'), '/away': refresh(`${other.url}/`) })
    await crawled({ seeds: [seed.url, away.url] })
    expect(home.asked).toEqual(['/', '/away'])
    expect(away.asked).toEqual(['/', '/away'])
    expect(other.asked).toEqual([])
  })

  test('resolves URLs passed to `follow` like links of the page', async () => {
    const site = await start({ '/': '<base target=_top><base href=/in/><a rel=nofollow href=link>l</a>', '/in/': 'in' })
    await crawled({
      seeds: site.url,
      handle(page) {
        if (page.depth === 0) page.follow('text', new URL('/url', page.url), `${site.url}/whole`, ...page.links)
      },
    })
    expect(site.asked.slice(1).sort()).toEqual(['/in/link', '/in/text', '/url', '/whole'])
  })

  test('reads titles as browsers do', async () => {
    const site = await start({
      '/': linksTo('/entities', '/markup', '/open', '/hidden', '/none', '/text', '/image', '/late'),
      '/entities': '<title>Caf&eacute; &#150;\n the &ldquo;menu&rdquo;</title>',
      '/markup': '<title lang=en>a <b> c</TITLE ><p>',
      '/open': '<title>open<p>never closed',
      '/hidden':
        '<!-- <title>old</title> --><script>"<title>x</title>"</script><p a="<title>"><title a=">">new</title>',
      '/none': '<p>untitled',
      '/text': 'no <title>markup</title>',
      '/image': '<p><svg><title>icon</title></svg><p>untitled',
      '/late': '<p><svg><title>icon</title></svg><title>late</title>',
    })
    const titles: string[] = []
    await crawled({ seeds: site.url, concurrency: 1, handle: ({ title }) => titles.push(title) })
    expect(titles).toEqual(['Links', 'Café – the “menu”', 'a <b> c', 'open', 'new', '', '', '', 'late'])
  })

  test('recognises a page no matter how its URL is written', async () => {
    const site = await start({
      '/': linksTo('/p?b=2&a=1', '/p?a=1&b=2', '/%70?a=1&b=2', '/x/../p?a=1&b=2', '/p?a=1&b=2#f'),
      '/p': 'p',
    })
    await crawled({ seeds: site.url })
    expect(site.asked).toEqual(['/', '/p?b=2&a=1'])
    site.asked.length = 0
    await crawled({ seeds: site.url, queryOrder: 'keep' })
    expect(site.asked).toEqual(['/', '/p?b=2&a=1', '/p?a=1&b=2'])
  })

  test('observes `maxDepth` and `allowedHosts`', async () => {
    const other = await start({ '/': 'other' })
    const site = await start({
      '/': linksTo('/1', `${other.url}/`),
      '/1': linksTo('/2'),
      '/2': linksTo('/3'),
      '/3': '3',
    })
    expect((await crawled({ seeds: site.url, maxDepth: 0 })).urls).toEqual([`${site.url}/`])
    expect((await crawled({ seeds: site.url, maxDepth: 2 })).urls).toHaveLength(3)
    expect(other.asked).toEqual([])
    await crawled({ seeds: site.url, allowedHosts: ['127.0.0.1'], maxDepth: 1 })
    expect(other.asked).toEqual(['/'])
  })

  test('observes `maxPages`', async () => {
    const site = await start({ '/': linksTo(...Array.from({ length: 50 }, (_, at) => `/${at}`)) })
    const { stats } = await crawled({ seeds: site.url, maxPages: 7 })
    expect(stats.pages + stats.failed).toBe(7)
    const flaky = await start({
      '/': (_, response, visits) => (visits === 1 ? response.writeHead(503).end() : response.end(linksTo('/1'))),
      '/1': '1',
    })
    expect((await crawled({ seeds: flaky.url, maxPages: 1 })).stats).toMatchObject({ pages: 1, failed: 0, retries: 1 })
    const listed = await start({
      '/robots.txt': 'Sitemap: /map.txt\nUser-agent: *\nDisallow: /no',
      '/no': 'no',
      '/map.txt': (_, response) => response.end(`${listed.url}/yes`),
      '/yes': 'yes',
    })
    // Sitemaps and URLs disallowed by robots.txt do not count.
    const seeds = [`${listed.url}/no`]
    expect((await crawled({ seeds, maxPages: 1, sitemaps: true })).urls).toEqual([`${listed.url}/yes`])
  })

  test('ends gently once `stop` is set: pages in progress are completed, and a resumed crawl visits the rest', async () => {
    const stop = new Event()
    const held = new AsyncResult<ServerResponse>()
    const hold = (_: IncomingMessage, response: ServerResponse) => held.set(response)
    const site = await start({ '/': linksTo('/1', '/2', '/3'), '/1': '1', '/2': hold, '/3': '3' })
    const journal = join(folder, 'stopped.journal')
    function* handle(page: CrawlPage) {
      if (!page.url.endsWith('/1')) return
      const response = yield* held.get()
      stop.set()
      // The crawl sees the event while this page and the next are still in progress.
      yield* sleep(0)
      response.end('2')
    }
    const crawl = await crawled({ seeds: site.url, journal, concurrency: 2, stop, handle })
    expect(crawl.urls).toEqual([`${site.url}/`, `${site.url}/1`, `${site.url}/2`])
    expect(crawl.stats).toMatchObject({ pages: 3, failed: 0 })
    expect((await crawled({ seeds: site.url, journal, resume: true, stop, handle })).urls).toEqual([])
    stop.clear()
    expect((await crawled({ seeds: site.url, journal, resume: true, stop, handle })).urls).toEqual([`${site.url}/3`])
  })

  test('ends when `stop` is set for a moment, also while it waits for the last page', async () => {
    const stop = new Event()
    const asked = new Event()
    let answer: ServerResponse | undefined
    const site = await start({
      '/': linksTo('/1', '/2'),
      '/1': (_, response) => {
        answer = response
        asked.set()
      },
      '/2': '2',
    })
    const crawling = spawn(() => crawled({ seeds: site.url, concurrency: 1, stop }))
    await asked.wait()
    for (let time = 0; time < 2; time += 1) {
      stop.set()
      stop.clear()
      await sleep(0)
    }
    answer!.end('1')
    expect((await crawling.get()).urls).toEqual([`${site.url}/`, `${site.url}/1`])
  })

  test('puts pages back that wait for their turn at a host once `stop` is set', async () => {
    const stop = new Event()
    const slow = await start({ '/robots.txt': 'User-agent: *\nCrawl-delay: 1000', '/1': '1', '/2': '2', '/3': '3' })
    const redirect = (_: IncomingMessage, response: ServerResponse) =>
      response.writeHead(302, { location: `${slow.url}/3` }).end()
    const site = await start({ '/3': redirect, '/last': 'last' })
    const journal = join(folder, 'waiting.journal')
    const seeds = [`${slow.url}/1`, `${slow.url}/2`, `${site.url}/3`]
    const waiting = () => slow.robotsAsked() === 1 && site.asked.length === 1
    const crawling = spawn(() => crawled({ seeds, journal, retryAfterMax: 1e6, stop }))
    while (!waiting()) await sleep(1)
    stop.set()
    const first = await crawling.get()
    expect(first.stats).toMatchObject({ pages: 0, failed: 0, retries: 0 })
    expect([slow.asked, site.asked]).toEqual([[], ['/3']])
    const rest = await crawled({ seeds: [], journal, resume: true, robots: false })
    expect(rest.urls.sort()).toEqual(seeds.sort())
    expect(slow.asked.sort()).toEqual(['/1', '/2', '/3'])
  })

  test('waits for no retry or delay once `stop` is set', async () => {
    const stop = new Event()
    const site = await start({ '/': (_, response) => response.writeHead(503).end() })
    const whole = new MemoryFrontier()
    function* retry(lease: Lease, delay: number) {
      yield* whole.retry(lease, delay)
      stop.set()
    }
    const { stats } = await crawled({
      seeds: site.url,
      frontier: { ...frontierOf(whole), retry },
      retryDelay: 1e8,
      stop,
    })
    expect(stats).toMatchObject({ pages: 0, failed: 0, retries: 1 })
    expect(stop.linkCount()).toBe(0)
    // @ts-expect-error a signal is no event
    expect(() => crawl({ seeds: site.url, stop: new AbortController().signal })).toThrow(/`stop` to be an Event, got/)
  })

  test('lets other greenlets run while it parses a page with very many links or other tags', async () => {
    const links = Array.from({ length: 5000 }, (_, at) => `/${at}`)
    const tags = '<b>'.repeat(200_000)
    const site = await start({ '/': linksTo(...links), '/tags': `<html>${tags}` })
    const frontier = new MemoryFrontier()
    let turns = 0
    const others = spawn(function* () {
      for (;;) {
        yield* sleep(0)
        turns += 1
      }
    })
    const read: number[] = []
    const note = () => void read.push(turns)
    await crawled({ seeds: site.url, maxPages: 1, handle: note, onVisit: note, frontier })
    await crawled({ seeds: `${site.url}/tags`, handle: note, onVisit: note })
    await others.kill()
    // Once per thousand tags, links, and requests made of them.
    expect(read[1]! - read[0]!).toBeGreaterThan(10)
    expect(read[3]! - read[2]!).toBeGreaterThan(3)
    expect((await frontier.stats()).queued).toBe(5000)
  })

  test('a page whose `follow` predicate throws fails without affecting others', async () => {
    const site = await start({ '/': linksTo('/1'), '/1': '1' })
    const follow = () => {
      throw new RangeError('not these')
    }
    const { failed } = await crawled({ seeds: site.url, follow })
    expect(failed.map(({ error, status }) => [error.message, status])).toEqual([['not these', 200]])
  })

  test('lets `follow` be a coroutine function or an async one', async () => {
    const site = await start({ '/': '<a href=/yes>y</a><a href=/no>n</a>', '/yes': 'y' })
    const isWanted = ({ url }: PageLink) => url.endsWith('/yes')
    for (const follow of [
      async (link: PageLink) => isWanted(link),
      function* (link: PageLink) {
        yield* sleep(0)
        return isWanted(link)
      },
    ]) {
      site.asked.length = 0
      await crawled({ seeds: site.url, follow })
      expect(site.asked).toEqual(['/', '/yes'])
    }
  })

  test('adds URLs passed to `page.follow` within `follow`, and refuses those passed too late', async () => {
    const site = await start({ '/': linksTo('/1'), '/1': '1', '/2': '2' })
    const pages: CrawlPage[] = []
    await crawled({
      seeds: site.url,
      handle: (page) => void pages.push(page),
      follow: (_link, page) => {
        page.follow('/2')
        return true
      },
    })
    expect(site.asked.sort()).toEqual(['/', '/1', '/2'])
    expect(() => pages[0]!.follow('/3')).toThrow('Expected `follow` to be called before `handle` returns')
  })

  test('follows the links that `follow` selects', async () => {
    const site = await start({
      '/': '<a href=/yes>y</a><a rel=nofollow href=/no>n</a>',
      '/yes': 'y',
      '/no': 'n',
      '/own': 'o',
    })
    await crawled({ seeds: site.url })
    expect(site.asked).toEqual(['/', '/yes'])
    site.asked.length = 0
    await crawled({ seeds: site.url, follow: false, handle: (page) => page.follow('own', '/own#x') })
    expect(site.asked).toEqual(['/', '/own'])
    site.asked.length = 0
    await crawled({ seeds: site.url, follow: ({ rel }) => rel.includes('nofollow') })
    expect(site.asked).toEqual(['/', '/no'])
    const { failed } = await crawled({ seeds: site.url, handle: (page) => page.follow('http://me:secret@[') })
    expect(failed[0]!.error.message).toBe('Expected a URL to follow, got "http://["')
    const { failed: none } = await crawled({ seeds: site.url, handle: (page) => page.follow(undefined as never) })
    expect(none[0]!.error.message).toBe('Expected a URL to follow, got undefined')
  })

  test('handles the target of redirects once, and stays on its hosts', async () => {
    const other = await start({ '/': 'other' })
    const redirect = (to: string) => (_: IncomingMessage, response: ServerResponse) =>
      response.writeHead(302, { location: to }).end()
    const site = await start({
      '/': linksTo('/old', '/older', '/new', '/away'),
      '/old': redirect('/new'),
      '/older': redirect('/hidden'),
      '/away': redirect(`${other.url}/`),
      '/new': 'new',
      '/hidden': linksTo('/hidden', '/older'),
    })
    const handled: string[] = []
    const { stats } = await crawled({
      seeds: site.url,
      concurrency: 1,
      handle: (page) => handled.push(new URL(page.url).pathname),
    })
    expect(handled.sort()).toEqual(['/', '/hidden', '/new'])
    expect(site.asked.filter((path) => path === '/hidden')).toHaveLength(1)
    expect(stats.skipped).toEqual({ robots: 0, duplicate: 1, offsite: 1 })
  })

  test('stays on the hosts of its seeds and of requests already in a given frontier', async () => {
    const other = await start({ '/': linksTo('/a'), '/a': 'a', '/b': 'b' })
    const site = await start({ '/': linksTo(`${other.url}/b`) })
    await crawled({ seeds: [site.url, other.url], concurrency: 1 })
    expect(other.asked.sort()).toEqual(['/', '/a', '/b'])
    other.asked.length = 0
    const frontier = frontierOf(new MemoryFrontier())
    await frontier.add([{ url: `${other.url}/`, depth: 1 }])
    await crawled({ seeds: [], frontier })
    expect(other.asked).toEqual(['/', '/a'])
  })

  test('stays on the host that a seed redirects to', async () => {
    const real = await start({ '/': linksTo('/a'), '/a': 'a' })
    const front = await start({ '/': (_, response) => response.writeHead(301, { location: `${real.url}/` }).end() })
    const { stats } = await crawled({ seeds: front.url })
    expect(real.asked).toEqual(['/', '/a'])
    expect(stats.pages).toBe(2)
  })

  test('observes `concurrency` and `perHost`', async () => {
    const hosts: CrawlSite[] = []
    const release = new Event()
    for (let at = 0; at < 5; at += 1) {
      const pages = Object.fromEntries(
        Array.from({ length: 12 }, (_, page) => [
          `/${page}`,
          (_: unknown, response: { end(text: string): void }) =>
            void spawn(function* () {
              yield* release.wait()
              response.end('x')
            }),
        ]),
      )
      hosts.push(await start(pages))
    }
    const seeds = hosts.flatMap(({ url }) => Array.from({ length: 12 }, (_, page) => `${url}/${page}`))
    const running = spawn(() => crawled({ seeds, concurrency: 50, perHost: 2, robots: false }))
    while (hosts.some(({ atOnce }) => atOnce() < 2)) await sleep(5)
    for (let turn = 0; turn < 5; turn += 1) await sleep(5)
    expect(hosts.map(({ atOnce }) => atOnce())).toEqual([2, 2, 2, 2, 2])
    release.set()
    const { stats } = await running
    expect(stats.pages).toBe(60)
    expect(hosts.map(({ mostAtOnce }) => mostAtOnce())).toEqual([2, 2, 2, 2, 2])
  })

  test('a slow host does not hold up the others', async () => {
    const release = new Event()
    const slow = await start({
      '/': (_, response) =>
        void spawn(function* () {
          yield* release.wait()
          response.end('slow')
        }),
    })
    const fast = await start({})
    const seeds = Array.from({ length: 40 }, (_, at) => `${slow.url}/?${at}`)
    seeds.push(...Array.from({ length: 40 }, (_, at) => `${fast.url}/${at}`))
    const running = spawn(() => crawled({ seeds, concurrency: 8, perHost: 4, robots: false }))
    while (fast.asked.length < 40) await sleep(5)
    expect(slow.asked.length).toBe(4)
    release.set()
    expect((await running).stats.pages).toBe(40)
  })

  test('observes `delay` between requests to a host', async () => {
    const site = await start({ '/': linksTo('/1', '/2', '/3'), '/1': '1', '/2': '2', '/3': '3' })
    await crawled({ seeds: site.url, delay: 60 })
    expect(site.asked).toHaveLength(4)
    // Two waits of at least half the delay, no matter when each request arrived.
    expect(site.times[3]! - site.times[1]!).toBeGreaterThan(30)
  })

  test('counts robots.txt as a request, and lets no others that waited for it go all at once', async () => {
    const paths = ['/1', '/2', '/3', '/4']
    const times: number[] = []
    const release = new Event()
    const site = await start({
      '/robots.txt': (_, response) => {
        times.push(performance.now())
        void spawn(function* () {
          yield* release.wait()
          response.end('')
        })
      },
      ...Object.fromEntries(paths.map((path) => [path, path])),
    })
    const frontier = new MemoryFrontier()
    const running = spawn(() => crawled({ seeds: paths.map((path) => site.url + path), delay: 60, frontier }))
    while ((await frontier.stats()).leased < paths.length) await sleep(5)
    release.set()
    expect((await running).stats.pages).toBe(4)
    times.push(...site.times)
    // Three waits of at least half the delay, no matter when each request arrived.
    expect(times[4]! - times[1]!).toBeGreaterThan(45)
    const other = await start({ '/robots.txt': (_, response) => response.end(''), '/': 'x' })
    const began = performance.now()
    await crawled({ seeds: other.url, delay: 100 })
    expect(other.times[0]! - began).toBeGreaterThan(45)
  })

  test('visits that wait for their turn at a host do not keep others from theirs', async () => {
    const times: { robots: number; page: number }[] = []
    const seeds: string[] = []
    for (let at = 0; at < 8; at += 1) {
      const time = { robots: 0, page: 0 }
      const site = await start({
        '/robots.txt': (_, response) => {
          time.robots = performance.now()
          response.end('')
        },
        '/': (_, response) => {
          time.page = performance.now()
          response.end('x')
        },
      })
      times.push(time)
      seeds.push(site.url)
    }
    expect((await crawled({ seeds, concurrency: 2, delay: 1200 })).stats.pages).toBe(8)
    expect(Math.max(...times.map(({ robots }) => robots))).toBeLessThan(Math.min(...times.map(({ page }) => page)))
  })

  test('does not poll its frontier while a host rests', async () => {
    const site = await start({ '/1': '1', '/2': '2', '/3': '3' })
    let asked = 0
    class Counting extends MemoryFrontier {
      override lease(options: LeaseOptions) {
        asked += 1
        return super.lease(options)
      }
    }
    const seeds = ['/1', '/2', '/3'].map((path) => site.url + path)
    await crawled({ seeds, frontier: new Counting(), delay: 100, robots: false })
    expect(site.asked).toHaveLength(3)
    expect(asked).toBeLessThan(20)
  })

  test('with `autothrottle` adapts to how fast a host responds, and errors do not shorten the delay', async () => {
    const site = await start({ '/': (_, response) => setTimeout(() => response.end('slow'), 30) })
    await crawled({
      seeds: Array.from({ length: 11 }, (_, at) => `${site.url}/${at || ''}`),
      concurrency: 1,
      autothrottle: true,
      robots: false,
    })
    // Nine waits of at least half the duration of the first request, no matter when each request arrived.
    expect(site.times[10]! - site.times[1]!).toBeGreaterThan(130)
  })

  test('with `autothrottle` does not send a host several requests before its first response', async () => {
    const release = new Event()
    const paths = ['/1', '/2', '/3']
    const slowly = (_: unknown, response: ServerResponse) =>
      void spawn(function* () {
        yield* release.wait()
        response.end('x')
      })
    const site = await start(Object.fromEntries(paths.map((path) => [path, slowly])))
    const seeds = paths.map((path) => site.url + path)
    const running = spawn(() => crawled({ seeds, autothrottle: true, robots: false }))
    while (site.asked.length === 0) await sleep(5)
    for (let turn = 0; turn < 5; turn += 1) await sleep(5)
    expect(site.asked).toHaveLength(1)
    release.set()
    expect((await running).stats.pages).toBe(3)
  })

  test('obeys Retry-After for all requests to the host', async () => {
    const refused = (retryAfter: string) => (_: unknown, response: ServerResponse, visits: number) =>
      visits === 1 ? response.writeHead(429, { 'retry-after': retryAfter }).end() : response.end('fine')
    const inAnHour = new Date(Date.now() + 3_600_000).toUTCString()
    for (const header of ['100', inAnHour]) {
      const site = await start({ '/busy': refused(header), '/other': 'other' })
      const { stats } = await crawled({
        seeds: [`${site.url}/busy`, `${site.url}/other`],
        concurrency: 1,
        retryAfterMax: 200,
        robots: false,
      })
      expect(stats).toMatchObject({ pages: 2, retries: 1, failed: 0 })
      expect(site.asked[0]).toBe('/busy')
      expect(site.times[1]! - site.times[0]!).toBeGreaterThan(190)
    }
  })

  test('retries temporary failures, and gives up in the end', async () => {
    const site = await start({
      '/once': (_, response, visits) => (visits < 3 ? response.writeHead(503).end() : response.end('fine')),
      '/always': (_, response) => response.writeHead(500).end(),
      '/broken': (request, response, visits) => (visits === 1 ? request.socket.destroy() : response.end('fine')),
    })
    const { stats, failed, visits } = await crawled({
      seeds: ['/once', '/always', '/broken', '/missing'].map((path) => site.url + path),
      concurrency: 2,
    })
    expect(stats).toMatchObject({ pages: 2, failed: 2 })
    expect(visits.find(({ url }) => url.endsWith('/once'))!.attempt).toBe(3)
    const count = (path: string) => site.asked.filter((asked) => asked === path).length
    expect([count('/once'), count('/always'), count('/missing')]).toEqual([3, 3, 1])
    expect(failed.map(({ status, attempt }) => [status, attempt]).sort()).toEqual([
      [404, 1],
      [500, 3],
    ])
  })

  test('waits longer before each further attempt', async () => {
    const site = await start({ '/': (_, response) => response.writeHead(503).end() })
    const delays: number[] = []
    class Impatient extends MemoryFrontier {
      override retry(lease: Lease, delay: number) {
        delays.push(delay)
        return super.retry(lease, 0)
      }
    }
    await crawled({ seeds: site.url, frontier: new Impatient(), retries: 8, retryDelay: 1000, robots: false })
    const longest = [1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 120_000]
    expect(delays).toHaveLength(longest.length)
    delays.forEach((delay, at) => {
      expect(delay).toBeGreaterThan(longest[at]! / 2 - 1)
      expect(delay).toBeLessThanOrEqual(longest[at]!)
    })
  })

  test('gives up a page whose `handle` kills its greenlet, and continues', async () => {
    const site = await start({
      '/': linksTo('/ends', '/other'),
      '/ends': linksTo('/never'),
      '/other': linksTo('/more'),
    })
    const frontier = new MemoryFrontier()
    const { urls, stats, failed } = await crawled({
      seeds: site.url,
      frontier,
      handle(page) {
        if (page.url.endsWith('/ends')) throw new GreenletExit()
      },
    })
    expect(urls).toContain(`${site.url}/more`)
    expect(urls).not.toContain(`${site.url}/never`)
    expect(stats).toMatchObject({ pages: 2, failed: 2, errors: { GreenletExit: 1, HTTPError: 1 } })
    expect(failed).toContainEqual(expect.objectContaining({ url: `${site.url}/ends`, error: expect.any(GreenletExit) }))
    // A missing page fails too.
    expect(await frontier.stats()).toMatchObject({ queued: 0, leased: 0, done: 2, failed: 2 })
  })

  test('a URL that fails does not affect the others', async () => {
    const site = await start({
      '/': 'fine',
      '/throws': 'throws',
      '/big': (_, response) => response.end('x'.repeat(5000)),
      '/silent': () => {},
      '/trickle': (_, response) => {
        response.write('<p>')
        const timer = setInterval(() => response.write('x'), 50)
        response.once('close', () => clearInterval(timer))
      },
    })
    const closed = createServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const { port } = closed.address() as { port: number }
    await new Promise((resolve) => closed.close(resolve))
    const { stats, failed } = await crawled({
      seeds: [
        'nonsense',
        'ftp://example.org/',
        'http://user:secret@/',
        `http://127.0.0.1:${port}/`,
        'http://name.invalid/',
        `${site.url}/`,
        `${site.url}/throws`,
        `${site.url}/big`,
        `${site.url}/silent`,
        `${site.url}/trickle`,
      ],
      retries: 0,
      robots: false,
      maxSize: 1000,
      timeout: 1000,
      handle(page) {
        if (page.text === 'throws') throw new RangeError('not this one')
      },
    })
    expect(stats).toMatchObject({ pages: 1, failed: 9 })
    expect(Object.fromEntries(failed.map(({ url, error }) => [url.replace(/.*(\/\w+)$/, '$1'), error.name]))).toEqual({
      nonsense: 'MissingSchema',
      'ftp://example.org/': 'InvalidSchema',
      'http:///': 'InvalidURL',
      [`http://127.0.0.1:${port}/`]: 'ConnectionError',
      'http://name.invalid/': 'ConnectionError',
      '/throws': 'RangeError',
      '/big': 'ResponseTooLarge',
      '/silent': 'ReadTimeout',
      '/trickle': 'ReadTimeout',
    })
    expect(JSON.stringify(failed.map(({ url, error }) => url + error.message))).not.toContain('secret')
  })

  test('connects only to public addresses unless the guard allows others', async () => {
    const site = await start({ '/': 'inside' })
    const { failed } = await crawled({ seeds: [site.url, site.url.replace('127.0.0.1', 'localhost')], guard: true })
    expect(failed.map(({ error }) => error.name)).toEqual(['AddressForbidden', 'AddressForbidden'])
    expect(site.asked).toEqual([])
    expect(site.robotsAsked()).toBe(0)
    expect((await crawled({ seeds: site.url, guard: { allow: ['127.0.0.0/8'] } })).stats.pages).toBe(1)
  })

  test('does not follow a link to a forbidden address', async () => {
    const inside = await start({ '/': 'inside' })
    const site = await start({
      '/': linksTo('/r', inside.url.replace('127.0.0.1', '[::1]')),
      '/r': (_, response) => response.writeHead(302, { location: inside.url.replace('127.0.0.1', '127.0.0.2') }).end(),
    })
    const { failed } = await crawled({
      seeds: site.url,
      allowedHosts: ['127.0.0.1', '127.0.0.2', '[::1]'],
      guard: { allow: ['127.0.0.1/32'] },
    })
    expect(inside.asked).toEqual([])
    expect(failed.length).toBeGreaterThan(0)
    for (const { error } of failed) expect(error.name).toBe('AddressForbidden')
  })
})

describe('crawl and robots.txt', () => {
  test('fetches no disallowed page', async () => {
    const site = await start({
      '/robots.txt': 'User-agent: *\nDisallow: /private\nUser-agent: special\nDisallow: /',
      '/': linksTo('/private/a', '/open'),
      '/open': (_, response) => response.writeHead(302, { location: '/private/b' }).end(),
      '/private/b': 'b',
    })
    const { stats } = await crawled({ seeds: site.url })
    expect(stats.skipped.robots).toBe(2)
    expect(stats.pages).toBe(1)
    expect((await crawled({ seeds: site.url, userAgent: 'Special/2.0' })).stats).toMatchObject({
      pages: 0,
      skipped: { robots: 1 },
    })
    expect((await crawled({ seeds: site.url, robots: false })).stats).toMatchObject({ pages: 2, failed: 1 })
    expect(site.robotsAsked()).toBe(2)
  })

  test('fetches nothing of a site whose robots.txt is unavailable, and retries', async () => {
    const site = await start({
      '/robots.txt': (_, response, visits) => (visits < 3 ? response.writeHead(503).end() : response.end('')),
      '/': 'fine',
    })
    expect((await crawled({ seeds: site.url, retries: 1 })).failed[0]!.status).toBe(503)
    expect(site.asked).toEqual([])
    expect((await crawled({ seeds: site.url, retries: 1 })).stats.pages).toBe(1)
  })

  test('obeys its crawl delay', async () => {
    const site = await start({
      '/robots.txt': 'User-agent: *\nCrawl-delay: 0.2',
      '/': linksTo('/1', '/2'),
      '/1': (_, response) => response.writeHead(302, { location: '/3' }).end(),
      '/2': '2',
      '/3': '3',
    })
    const { stats } = await crawled({ seeds: site.url })
    expect(stats.pages).toBe(3)
    for (const index of [1, 2, 3]) expect(site.times[index]! - site.times[index - 1]!).toBeGreaterThan(100)
  })

  test('obeys its crawl delay between robots.txt and the first page too', async () => {
    let answered = 0
    const site = await start({
      '/robots.txt': (_, response) => {
        answered = performance.now()
        response.end('User-agent: *\nCrawl-delay: 0.3')
      },
      '/': 'x',
    })
    await crawled({ seeds: site.url })
    expect(site.times[0]! - answered).toBeGreaterThan(250)
  })

  test('obeys its crawl delay even for seeds that were leased before', async () => {
    const site = await start({ '/robots.txt': 'User-agent: *\nCrawl-delay: 0.4', '/1': '1', '/2': '2', '/3': '3' })
    await crawled({ seeds: ['/1', '/2', '/3'].map((path) => site.url + path) })
    expect(site.asked).toHaveLength(3)
    for (const index of [1, 2]) expect(site.times[index]! - site.times[index - 1]!).toBeGreaterThan(200)
  })

  test('reads the sitemaps that it lists', async () => {
    const pages: Record<string, Parameters<typeof startCrawlSite>[0][string]> = { '/': 'home', '/a': 'a', '/b': 'b' }
    const site = await start(pages)
    pages['/robots.txt'] = `Sitemap: ${site.url}/index.xml\nSitemap: /broken.xml.gz`
    pages['/index.xml'] = `<sitemapindex><sitemap><loc>${site.url}/map.xml.gz</loc></sitemap></sitemapindex>`
    pages['/map.xml.gz'] = (_, response) =>
      response.end(
        gzipSync(
          `<urlset><url><loc>${site.url}/a</loc></url><url><loc>${site.url}/b</loc></url><url><loc>http://other.example/</loc></url></urlset>`,
        ),
      )
    pages['/broken.xml.gz'] = (_, response) => response.end(gzipSync('x').subarray(0, 12))
    const { stats, urls } = await crawled({ seeds: site.url, sitemaps: true })
    expect(stats).toMatchObject({ pages: 3, failed: 1 })
    expect(
      urls
        .filter((url) => !url.endsWith('.gz'))
        .map((url) => new URL(url).pathname)
        .sort(),
    ).toEqual(['/', '/a', '/b'])
    expect((await crawled({ seeds: site.url })).stats.pages).toBe(1)
    pages['/robots.txt'] += '\nUser-agent: *\nDisallow: /a'
    const obedient = await crawled({ seeds: site.url, sitemaps: true })
    expect(obedient.stats).toMatchObject({ pages: 2, skipped: { robots: 1 } })
    expect((await crawled({ seeds: site.url, sitemaps: true, robots: false })).stats.pages).toBe(3)
  })
})

test('a crawl that does not obey robots.txt visits pages even if the file with its sitemaps is unavailable', async () => {
  const site = await start({
    '/': linksTo('/a'),
    '/a': 'a',
    '/robots.txt': (_, response) => response.writeHead(503).end(),
  })
  const { stats } = await crawled({ seeds: site.url, sitemaps: true, robots: false, retries: 0 })
  expect(stats).toMatchObject({ pages: 2, failed: 0 })
  const obedient = await crawled({ seeds: site.url, sitemaps: true, retries: 0 })
  expect(obedient.stats).toMatchObject({ pages: 0, failed: 1 })
})

describe('a crawl that ends early', () => {
  test('closes its connections and loses no URL', async () => {
    const hanging = await start({ '/': linksTo('/1', '/2', '/3'), '/1': '1', '/2': () => {}, '/3': () => {} })
    const journal = join(folder, 'killed.journal')
    const running = spawn(() => crawl({ seeds: hanging.url, guard: false, journal }))
    while (hanging.asked.length < 4) await sleep(5)
    await running.kill()
    expect(existsSync(`${journal}.lock`)).toBe(false)
    while (hanging.atOnce() > 0) await sleep(5)
    hanging.asked.length = 0
    const again = spawn(() => crawl({ seeds: hanging.url, guard: false, journal, resume: true }))
    while (hanging.asked.length < 2) await sleep(5)
    await again.kill()
    expect([...hanging.asked].sort()).toEqual(['/2', '/3'])
  })

  test('while pages are handled reports none of them, and a resumed crawl handles them again', async () => {
    const site = await start({ '/': 'home' })
    const journal = join(folder, 'handled.journal')
    const visits: unknown[] = []
    const handling = new Event()
    const options = { seeds: site.url, guard: false, journal, onVisit: (visit: Visit) => visits.push(visit.ok) }
    const running = spawn(() =>
      crawl({
        ...options,
        *handle() {
          handling.set()
          yield* sleep(60_000)
        },
      }),
    )
    await handling.wait()
    await running.kill()
    expect(visits).toEqual([])
    expect((await crawl({ ...options, resume: true })).pages).toBe(1)
    expect(visits).toEqual([true])
  })

  test('times out like any other operation', async () => {
    const hanging = await start({ '/': () => {} })
    const outcome = await spawn(() =>
      withTimeout(100, () => crawl({ seeds: hanging.url, guard: false }), { timeoutValue: 'late' }),
    )
    expect(outcome).toBe('late')
  })

  test('can be resumed with what is left, and fetches no finished page again', async () => {
    const site = await start({ '/': linksTo('/1', '/2', '/3', '/4'), '/1': '1', '/2': '2', '/3': '3', '/4': '4' })
    const journal = join(folder, 'part.journal')
    await crawled({ seeds: site.url, journal, maxPages: 2 })
    expect(existsSync(`${journal}.lock`)).toBe(false)
    const { stats } = await crawled({ seeds: site.url, journal, resume: true })
    expect(stats.pages).toBe(3)
    expect([...site.asked].sort()).toEqual(['/', '/1', '/2', '/3', '/4'])
    expect((await crawled({ seeds: site.url, journal, resume: true })).stats.pages).toBe(0)
  })

  test('stays on its hosts when resumed without seeds', async () => {
    const other = await start({ '/': 'other' })
    const site = await start({ '/': linksTo('/1'), '/1': linksTo('/2', `${other.url}/`), '/2': '2' })
    const journal = join(folder, 'hosts.journal')
    await crawled({ seeds: site.url, journal, maxPages: 1 })
    const { stats } = await crawled({ seeds: [], journal, resume: true })
    expect(stats.pages).toBe(2)
    expect(site.asked).toEqual(['/', '/1', '/2'])
    expect(other.asked).toEqual([])
  })

  test('when resumed may visit its hosts even if nothing is queued for them', async () => {
    const done = await start({ '/': 'done', '/late': 'late' })
    const site = await start({ '/': linksTo('/1'), '/1': linksTo(`${done.url}/late`) })
    const journal = join(folder, 'both.journal')
    await crawled({ seeds: [`${done.url}/`, `${site.url}/`], journal, maxPages: 2 })
    expect((await crawled({ seeds: [], journal, resume: true })).stats.pages).toBe(2)
    expect([done.asked, site.asked]).toEqual([
      ['/', '/late'],
      ['/', '/1'],
    ])
  })

  test('fails with the errors of its callbacks', async () => {
    const site = await start({ '/': linksTo('/1'), '/1': () => {} })
    const fail = () => {
      throw new RangeError('enough')
    }
    await expect(crawled({ seeds: site.url, onVisit: fail })).rejects.toThrow('enough')
    await expect(crawled({ seeds: `${site.url}/1`, onProgress: fail, progressInterval: 5 })).rejects.toThrow('enough')
  })
})

describe('crawl', () => {
  test('reports its progress', async () => {
    const release = new Event()
    const site = await start({
      '/': linksTo('/1'),
      '/1': (_, response) =>
        void spawn(function* () {
          yield* release.wait()
          response.end('x')
        }),
    })
    const reports: CrawlProgress[] = []
    const { stats } = await crawled({
      seeds: site.url,
      progressInterval: 20,
      *onProgress(progress) {
        yield* sleep(0)
        reports.push(progress)
        if (progress.pages === 1) release.set()
      },
    })
    expect(reports.some(({ inFlight, pages }) => inFlight === 1 && pages === 1)).toBe(true)
    expect(reports.at(-1)).toMatchObject({ pages: 2, failed: 0, queued: 0, inFlight: 0 })
    expect(stats.elapsed).toBeGreaterThan(0)
  })

  test('counts the encodings of the pages whose text was read', async () => {
    const site = await start({
      '/': (_, response) =>
        response
          .writeHead(200, { 'content-type': 'text/html' })
          .end(Buffer.from('<p>\xc4\xe3\xba\xc3\xa3\xac\xca\xc0\xbd\xe7', 'latin1')),
    })
    const texts: string[] = []
    const { stats, visits } = await crawled({ seeds: site.url, handle: (page) => texts.push(page.text) })
    expect(texts).toEqual(['<p>你好，世界'])
    expect(stats.encodings).toEqual({ gbk: 1 })
    expect(visits[0]).toMatchObject({ ok: true, encoding: 'gbk', bytes: 13, status: 200, contentType: 'text/html' })
  })

  test('counts an encoding under one name however servers write it', async () => {
    const page = (charset: string) => (_: IncomingMessage, response: ServerResponse) =>
      response.writeHead(200, { 'content-type': `text/html; charset=${charset}` }).end('<p>x')
    const labels = ['GBK', 'gb2312', 'UTF8', 'utf-8', 'Shift_JIS']
    const site = await start(Object.fromEntries(labels.map((label) => [`/${label}`, page(label)])))
    const { stats } = await crawled({
      seeds: labels.map((label) => `${site.url}/${label}`),
      handle: (page) => page.text,
    })
    expect(stats.encodings).toEqual({ gbk: 2, 'utf-8': 2, shift_jis: 1 })
  })

  test('recognises HTML by its content type, or without one by its beginning', async () => {
    const page = (type: string | undefined, body: string) => (_: IncomingMessage, response: ServerResponse) =>
      response.writeHead(200, type === undefined ? {} : { 'content-type': type }).end(body)
    const site = await start({
      '/1': page('application/vnd.wap.xhtml+xml', 'x'),
      '/2': page('Application/XHTML+XML; charset=utf-8', 'x'),
      '/3': page(undefined, '\uFEFF\n<!DOCTYPE html>'),
      '/4': page(undefined, '<!-- a comment --><p>'),
      '/5': page(undefined, '<title>t</title>'),
      '/6': page(undefined, '<?xml version="1.0"?><rss>'),
      '/7': page(undefined, 'text with <html> in it'),
      '/8': page('text/plain', '<html>'),
      '/9': page(undefined, '<binary>'),
      '/10': (_, response) =>
        response.writeHead(200, ['content-type', 'text/html', 'content-type', 'text/html']).end('x'),
    })
    const found: string[] = []
    await crawled({
      seeds: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((path) => `${site.url}/${path}`),
      handle: (page) => page.isHtml && found.push(new URL(page.url).pathname),
    })
    expect(found.sort()).toEqual(['/1', '/10', '/2', '/3', '/4', '/5'])
  })

  test('knows that in XHTML any element may be empty, and in HTML none', async () => {
    const html = '<title/><script src="x"/><base href="/base/"/><meta name="robots" content="none"/><a href="b"/>'
    const page = (type: string) => (_: IncomingMessage, response: ServerResponse) =>
      response.writeHead(200, { 'content-type': type }).end(`${html}<script></script><title>icon</title>`)
    const site = await start({ '/x': page('application/xhtml+xml'), '/h': page('text/html') })
    const found: unknown[] = []
    await crawled({
      seeds: [`${site.url}/x`, `${site.url}/h`],
      concurrency: 1,
      handle: (page) => {
        page.follow('c')
        found.push([page.title, page.mayFollow, page.links.map(({ url }) => new URL(url).pathname)])
      },
    })
    expect(found.slice(0, 2)).toEqual([
      ['', false, ['/base/b']],
      [`${html.slice('<title/>'.length)}<script></script><title>icon`, true, []],
    ])
    expect(site.asked).toEqual(['/x', '/h', '/base/c', '/c'])
  })

  test('decodes a page like a browser if its header is wrong', async () => {
    const page = (charset: string, body: string) => (_: IncomingMessage, response: ServerResponse) =>
      response.writeHead(200, { 'content-type': `text/html; charset=${charset}` }).end(Buffer.from(body, 'latin1'))
    const site = await start({
      '/marked': page('gbk', '\xef\xbb\xbf<p>\xe4\xbd\xa0'),
      '/unknown': page('none', '<meta charset=gbk><p>\xc4\xe3'),
      '/told': page('GBK', '<meta charset=utf-8><p>\xc4\xe3'),
      '/chosen': page('gbk', '\xef\xbb\xbf<p>\xe9'),
      '/kept': page('gbk', '\xef\xbb\xbf<p>\xc4\xe3'),
    })
    const found: string[] = []
    await crawled({
      seeds: ['/marked', '/unknown', '/told', '/chosen', '/kept'].map((path) => site.url + path),
      handle: (page) => {
        if (page.url.endsWith('/chosen')) page.encoding = 'latin1'
        if (page.url.endsWith('/kept')) page.encoding = 'gbk'
        found.push(`${page.encoding} ${page.text.replace(/^.*>/s, '')}`)
      },
    })
    expect(found.sort()).toEqual(['GBK 你', 'gbk 你', 'gbk 你', 'latin1 é', 'utf-8 你'])
  })

  test('encodes the queries of links in the encoding of the page', async () => {
    const site = await start({
      '/': (_, response) =>
        response
          .writeHead(200, { 'content-type': 'text/html; charset=gbk' })
          .end(Buffer.from('<a href="/s?q=\xc4\xe3">', 'latin1')),
      '/s': 'found',
    })
    await crawled({ seeds: site.url, handle: (page) => page.isHtml && page.follow('/s?f=你') })
    expect(site.asked.slice(1).sort()).toEqual(['/s?f=%C4%E3', '/s?q=%C4%E3'])
  })

  test('uses a given session and frontier, and leaves them open', async () => {
    const connections = new Set<unknown>()
    const site = await start({
      '/': (request, response) => {
        connections.add(request.socket)
        response.end(request.headers['x-own'])
      },
    })
    const session = new Session({ headers: { 'X-Own': 'mine' } })
    const frontier = new MemoryFrontier()
    const texts: string[] = []
    await crawled({ seeds: site.url, session, frontier, handle: (page) => texts.push(page.text) })
    expect(texts).toEqual(['mine'])
    expect((await frontier.stats()).done).toBe(1)
    await session.get(site.url)
    expect([site.asked.length, connections.size]).toEqual([2, 1])
    session.close()
  })

  test('closes the connections of a session that it created', async () => {
    let connection: IncomingMessage['socket'] | undefined
    const site = await start({
      '/': (request, response) => {
        connection = request.socket
        response.end('home')
      },
    })
    await crawled({ seeds: site.url })
    await expect.poll(() => connection?.destroyed, { timeout: 4000 }).toBe(true)
  })

  test('works with a frontier that has only the required methods', async () => {
    const site = await start({
      '/': '<a href="/moved"><a href="/away">',
      '/moved': (_request, response) => response.writeHead(302, { location: '/' }).end(),
      '/away': (_request, response) => response.writeHead(302, { location: '/new' }).end(),
      '/new': 'new',
    })
    const frontier = frontierOf(new MemoryFrontier())
    const { stats } = await crawled({ seeds: site.url, frontier })
    expect(stats).toMatchObject({ failed: 0 })
    expect(site.asked).toContain('/new')
    expect((await frontier.stats()).done).toBe(3)
  })

  test('works with a frontier whose methods are async or coroutine functions', async () => {
    const site = await start({
      '/': linksTo('/1', '/moved', '/gone'),
      '/1': '1',
      '/moved': (_, response) => response.writeHead(302, { location: '/1' }).end(),
    })
    const whole = new MemoryFrontier()
    const async: CustomFrontier = {
      add: async (requests) => await whole.add(requests),
      has: async (key) => await whole.has(key),
      lease: async (options) => await whole.lease(options),
      *ack(lease, also) {
        yield* sleep(0)
        yield* whole.ack(lease, also)
      },
      retry: async (lease, delay) => await whole.retry(lease, delay),
      fail: async (lease, reason) => await whole.fail(lease, reason),
      *stats() {
        return yield* whole.stats()
      },
    }
    const { stats } = await crawled({ seeds: site.url, frontier: async })
    expect(stats).toMatchObject({ pages: 2, failed: 1, skipped: { duplicate: 1 } })
    expect(await whole.stats()).toMatchObject({ queued: 0, leased: 0, done: 3, failed: 1 })
  })

  test('asks a frontier again for requests that became due meanwhile', async () => {
    const site = await start({ '/': 'page' })
    let leases = 0
    class Late extends MemoryFrontier {
      override lease(options: LeaseOptions) {
        leases += 1
        return super.lease(leases === 1 ? { ...options, except: new Set([site.host]) } : options)
      }
    }
    const { stats } = await crawled({ seeds: site.url, frontier: new Late() })
    expect(stats).toMatchObject({ pages: 1 })
  })

  test('gives a page up that kills each crawler that leases it', async () => {
    const site = await start({ '/': linksTo('/deadly', '/fine'), '/deadly': 'x', '/fine': 'y' })
    const frontier = new MemoryFrontier({ leaseTime: 400 })
    const handled: string[] = []
    for (let deaths = 0; deaths < 3; deaths += 1) {
      const crawler: Greenlet<void> = spawn(function* () {
        yield* crawl({
          seeds: site.url,
          guard: false,
          frontier,
          *handle({ url }) {
            handled.push(new URL(url).pathname)
            if (url.endsWith('/deadly')) yield* crawler.kill()
          },
        })
      })
      expect(await crawler).toBeInstanceOf(GreenletExit)
    }
    const { stats, failed } = await crawled({ seeds: site.url, frontier, handle: ({ url }) => handled.push(url) })
    expect(stats).toMatchObject({ failed: 1, errors: { RetryError: 1 } })
    expect(failed).toMatchObject([{ url: `${site.url}/deadly`, attempt: 4, status: undefined }])
    expect(failed[0]!.error.message).toBe('Leased 3 times without a result, as if the crawler had died each time')
    expect(handled.filter((path) => path.endsWith('/deadly'))).toHaveLength(3)
    expect(await frontier.stats()).toMatchObject({ queued: 0, leased: 0, done: 2, failed: 1 })
  })

  test('continues while other crawlers have leases of its frontier, with the URLs that they find', async () => {
    const site = await start({ '/': 'page', '/theirs': 'found by others' })
    let looked = false
    class Shared extends MemoryFrontier {
      override lease(options: LeaseOptions) {
        looked = this.done === 1
        return super.lease(options)
      }
    }
    const frontier = new Shared()
    await frontier.add([{ url: `${site.url}/taken`, depth: 0 }])
    const [taken] = await frontier.lease({ count: 1 })
    const running = spawn(() => withTimeout(10_000, () => crawl({ seeds: site.url, guard: false, frontier })))
    while (!looked) await sleep(5)
    await frontier.add([{ url: `${site.url}/theirs`, depth: 1 }])
    await frontier.ack(taken!)
    expect((await running).pages).toBe(2)
    expect(site.asked).toEqual(['/', '/theirs'])
  })

  test('shares even a small crawl with another that began before it', async () => {
    const paths = Array.from({ length: 20 }, (_, at) => `/${at}`)
    const pages = Object.fromEntries(
      paths.map((path) => [
        path,
        (_: unknown, response: ServerResponse) => void setTimeout(() => response.end('x'), 20),
      ]),
    )
    const site = await start({ '/': linksTo(...paths), ...pages })
    const frontier = new MemoryFrontier()
    const options = { seeds: site.url, guard: false, frontier, concurrency: 2 }
    const [one, two] = await Promise.all([crawl(options), crawl(options)])
    expect(one.pages + two.pages).toBe(21)
    expect(Math.min(one.pages, two.pages)).toBeGreaterThan(4)
  })

  test('without seeds ends immediately', async () => {
    expect((await crawled({ seeds: [] })).stats).toMatchObject({ pages: 0, failed: 0 })
  })

  test('opens no journal and requests nothing before it is run', async () => {
    const site = await start({ '/': 'a page' })
    const journal = join(folder, 'not-run.journal')
    const crawling = crawl({ seeds: site.url, journal, guard: false })
    await new Promise(setImmediate)
    expect([existsSync(journal), site.asked, site.robotsAsked()]).toEqual([false, [], 0])
    await crawling
    expect([existsSync(journal), site.asked, site.robotsAsked()]).toEqual([true, ['/'], 1])
  })

  test.each([
    [undefined, /Expected the options of the crawl to be an object, got undefined/],
    [{}, /Expected `seeds` to be a URL or an array of URLs, got undefined/],
    [{ seeds: [7] }, /Expected `seeds` to hold strings and URLs, got 7/],
    [{ seeds: [], journal: '' }, /Expected `journal` to be the name of a file, got ""/],
    [{ seeds: [], frontier: {} }, /Expected `frontier` to have add, lease/],
    [{ seeds: [], frontier: null }, /Expected `frontier` to have add, lease/],
    [{ seeds: [], frontier: new MemoryFrontier(), journal: 'x' }, /Expected `frontier` or `journal`, got both/],
    [{ seeds: [], handle: 7 }, /Expected `handle` to be a function, got 7/],
    [{ seeds: [], concurrency: 0 }, /Expected `concurrency` to be a whole number from 1 up, got 0/],
    [{ seeds: [], perHost: 1.5 }, /Expected `perHost` to be a whole number from 1 up, got 1.5/],
    [{ seeds: [], delay: -1 }, /Expected `delay` to be a number from 0 up, got -1/],
    [{ seeds: [], maxDepth: -1 }, /Expected `maxDepth`/],
    [{ seeds: [], retries: 'x' }, /Expected `retries` to be a whole number from 0 up, got "x"/],
    [
      { seeds: [], allowedHosts: 'example.com' },
      /Expected `allowedHosts` to be an array of host names, got "example.com"/,
    ],
    [{ seeds: [], allowedHosts: ['http://example.com'] }, /Expected `allowedHosts` to hold host names/],
    [{ seeds: [], timeout: 'foo' }, /Expected `timeout`/],
    [{ seeds: [], guard: 'yes' }, /Expected `guard` to be true, false, \{ allow \} or a guard, got "yes"/],
    [{ seeds: [], resume: true }, /Expected `journal` to be set where `resume` is/],
    [{ seeds: [], follow: 'all' }, /Expected `follow` to be true, false or a function, got "all"/],
    [{ seeds: [], robots: 5 }, /Expected `robots` to be true or false, got 5/],
    [{ seeds: [], sitemaps: 'yes' }, /Expected `sitemaps` to be true or false, got "yes"/],
    [{ seeds: [], journal: 'x', resume: 1 }, /Expected `resume` to be true or false, got 1/],
    [{ seeds: [], queryOrder: 'none' }, /Expected `queryOrder` to be 'sort' or 'keep', got "none"/],
    [{ seeds: [], autothrottle: 5 }, /Expected `autothrottle` to be true, false or its options, got 5/],
    [{ seeds: [], autothrottle: { targetConcurrency: 0 } }, /Expected `targetConcurrency` to be a number above 0/],
    [{ seeds: [], autothrottle: { maxDelay: -1 } }, /Expected `maxDelay` to be a number from 0 up, got -1/],
    [{ seeds: [], userAgent: '' }, /Expected `userAgent`/],
    [{ seeds: [], userAgent: 'me\r\nCookie: a=b' }, /Expected `userAgent`/],
    [{ seeds: [], userAgent: '我' }, /Expected `userAgent`/],
  ])('throws immediately for %j', (options, message) => {
    expect(() => crawl(options as never)).toThrow(message)
  })
})
