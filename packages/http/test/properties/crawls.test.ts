import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sleep, spawn } from '@greenlit/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crawl } from '../../src/crawl/crawl.ts'
import { startCrawlSite } from '../crawl/crawl-site.ts'
import { guardLeaks } from '../support/guard.ts'
import { loopTurns } from '../support/loop-turns.ts'
import { seed } from './seed.ts'

guardLeaks()

const RUNS = 20

/** A page of the site, and the pages that it links to, each in some spelling of its URL. */
interface Page {
  readonly kind: 'page' | 'missing' | 'fails' | 'fails once' | 'breaks off once' | 'redirects'
  readonly links: readonly { readonly to: number; readonly spelling: (typeof SPELLINGS)[number] }[]
}

const SPELLINGS = ['/p#N', '/p', './p', '/x/../p', '/%70', '//HOST/p', '/p?'] as const

const page: fc.Arbitrary<Page> = fc.record({
  kind: fc.constantFrom(
    'page',
    'page',
    'page',
    'page',
    'missing',
    'fails',
    'fails once',
    'breaks off once',
    'redirects',
  ),
  links: fc.array(fc.record({ to: fc.nat(14), spelling: fc.constantFrom(...SPELLINGS) }), { maxLength: 5 }),
})

const scene = fc.record({
  pages: fc.array(page, { minLength: 1, maxLength: 15 }),
  concurrency: fc.integer({ min: 1, max: 6 }),
  perHost: fc.integer({ min: 1, max: 4 }),
  /** After how many turns of the event loop the crawl is killed, to be resumed. */
  kills: fc.array(fc.nat(25), { maxLength: 3 }),
  blocks: fc.boolean(),
})

type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never

const spell = (spelling: string, to: number, host: string): string =>
  spelling.replace('HOST', host).replace(/(p|%70)(?=$|[#?])/, `$1${to}`)

/** The pages that a crawl handles: those that can be reached, by links from pages that can be fetched and by redirects. */
function reachable(pages: readonly Page[]): Set<number> {
  const seen = new Set<number>()
  const handled = new Set<number>()
  const visit = (index: number): void => {
    const page = pages[index]
    if (page === undefined || seen.has(index)) return
    seen.add(index)
    if (page.kind === 'missing' || page.kind === 'fails') return
    if (page.kind === 'redirects') {
      visit((index + 1) % pages.length)
    } else {
      handled.add(index)
      for (const { to } of page.links) visit(to)
    }
  }
  visit(0)
  return handled
}

function answerOf(page: Page, index: number, count: number) {
  let times = 0
  return (request: IncomingMessage, response: ServerResponse): void => {
    times += 1
    const isFirst = times === 1
    const links = page.links.map(({ to, spelling }) => `<a href="${spell(spelling, to, request.headers.host!)}">x</a>`)
    if (page.kind === 'missing') response.writeHead(404).end()
    else if (page.kind === 'fails' || (page.kind === 'fails once' && isFirst)) response.writeHead(500).end()
    else if (page.kind === 'breaks off once' && isFirst) response.destroy()
    else if (page.kind === 'redirects') response.writeHead(302, { location: `/p${(index + 1) % count}` }).end()
    else response.writeHead(200, { 'content-type': 'text/html' }).end(`<title>${index}</title>${links.join('')}`)
  }
}

test(`a crawl handles each page once, also if it is killed and resumed (seed ${seed})`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'greenlit-crawls-'))
  let count = 0
  const check = async ({ pages, concurrency, perHost, kills, blocks }: Scene): Promise<void> => {
    const answers = pages.map((page, index) => [`/p${index}`, answerOf(page, index, pages.length)] as const)
    const site = await startCrawlSite(Object.fromEntries(answers))
    const journal = join(folder, `journal-${count++}`)
    const handled: number[] = []
    const options = {
      seeds: [`${site.url}/p0`],
      guard: false,
      robots: false,
      retryDelay: 1,
      concurrency,
      perHost,
      journal,
      resume: true,
      *handle(page: { title: string | undefined }) {
        if (blocks) yield* sleep(0)
        handled.push(Number(page.title))
      },
    }
    try {
      for (const turns of kills) {
        const crawling = spawn(() => crawl(options))
        await loopTurns(turns)
        await crawling.kill()
      }
      await crawl(options)
      const expected = reachable(pages)
      expect(new Set(handled)).toEqual(expected)
      // A page may be handled again only if a kill hit it before that was recorded.
      for (const index of expected)
        expect(handled.filter((one) => one === index).length).toBeLessThanOrEqual(1 + kills.length)
      if (kills.length === 0) expect(handled.length).toBe(expected.size)
      expect(site.mostAtOnce()).toBeLessThanOrEqual(Math.min(concurrency, perHost))
      // Nothing is left to do.
      const before = site.asked.length
      await crawl(options)
      expect(site.asked.length).toBe(before)
    } finally {
      await site.close()
    }
  }
  try {
    await fc.assert(fc.asyncProperty(scene, check), { seed, numRuns: RUNS })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
