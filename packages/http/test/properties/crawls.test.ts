import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { activeCount, sleep, spawn } from '@greenlit/core'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { crawl } from '../../src/crawl/crawl.ts'
import type { CrawlPage } from '../../src/crawl/crawl-page.ts'
import type { CrawlOptions } from '../../src/crawl/options.ts'
import type { Visit } from '../../src/crawl/visit.ts'
import { guardLeaks } from '../support/guard.ts'
import { loopTurns } from '../support/loop-turns.ts'
import { listen } from '../support/raw-server.ts'
import { seed } from './seed.ts'

guardLeaks()
vi.setConfig({ testTimeout: 20_000 })

const RUNS = 30
const RETRIES = 2

/** A link to a page of a site, and how its URL is written. */
interface Link {
  readonly to: number
  readonly spelling: number
  readonly nofollow: boolean
}

/** What a site answers at one of its URLs. */
interface Node {
  /** The number of its host; the last host is not one that may be crawled. */
  readonly host: number
  readonly kind: 'page' | 'missing' | 'redirect'
  readonly links: readonly Link[]
  readonly isPrivate: boolean
  readonly nofollow: boolean
  /** How many requests fail before one succeeds. */
  readonly faults: number
  readonly fault: 'status' | 'breaks before the head' | 'breaks in the body'
  /** After how many turns of the event loop the answer begins. */
  readonly turns: number
  readonly handleThrows: boolean
}

interface Program {
  readonly nodes: readonly Node[]
  readonly seeds: readonly Link[]
  readonly concurrency: number
  readonly perHost: number
  readonly delay: number
  /** After how many requests each of the crawls is killed, except the last one. */
  readonly kills: readonly number[]
}

const HOSTS = 3
const link: fc.Arbitrary<Link> = fc.record({
  to: fc.nat(30),
  spelling: fc.nat(5),
  nofollow: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true)),
})
const rarely = fc.integer({ min: 0, max: 6 }).map((number) => number === 6)
const node: fc.Arbitrary<Node> = fc.record({
  host: fc.constantFrom(0, 0, 0, 1, 1, 2),
  kind: fc.constantFrom('page', 'page', 'page', 'missing', 'redirect', 'redirect'),
  links: fc.array(link, { minLength: 1, maxLength: 5 }),
  isPrivate: rarely,
  nofollow: rarely,
  faults: fc.constantFrom(0, 0, 0, 1, 2, 1000),
  fault: fc.constantFrom('status', 'breaks before the head', 'breaks in the body'),
  turns: fc.nat(5),
  handleThrows: rarely,
})
const programs = (kills: fc.Arbitrary<readonly number[]>): fc.Arbitrary<Program> =>
  fc.record({
    nodes: fc.array(node, { minLength: 1, maxLength: 16 }),
    seeds: fc.array(link, { minLength: 1, maxLength: 3 }),
    concurrency: fc.integer({ min: 1, max: 6 }),
    perHost: fc.integer({ min: 1, max: 4 }),
    delay: fc.constantFrom(0, 0, 0, 1),
    kills,
  })

/** The hosts, shared by all programs. */
const servers = Array.from({ length: HOSTS }, (_, host) =>
  createServer((request, response) => void answer(host, request, response)),
)
const ports: number[] = []
let program: Program
const requests = new Map<number, number>()
const atOnce: number[] = Array(HOSTS).fill(0)
let asked = 0
let onAsked = (): void => {}
let problems: string[] = []

beforeAll(async () => {
  for (const server of servers) ports.push(await listen(server))
})
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

const indexOf = ({ to }: Link): number => to % program.nodes.length
const nameOf = (index: number): string => `${program.nodes[index]!.isPrivate ? 'private' : 'page'}${index}`

/** Writes the URL of a page in one of several ways that mean the same. */
function urlOf(index: number, spelling = 0): string {
  const { host } = program.nodes[index]!
  const name = nameOf(index)
  const origin = `http://127.0.0.1:${ports[host]}`
  const spellings = [
    `${origin}/${name}?a=1&b=2`,
    `${origin}/${name}?b=2&a=1`,
    `${origin}/x/../${name}?a=1&b=2`,
    `${origin}/${name}?a=1&b=2#part`,
    `HTTP://127.1:${ports[host]}/${name}?a=1&b=2`,
    `${origin}/%70${name.slice(1)}?a=%31&b=2`,
  ]
  return spellings[spelling]!
}

async function answer(host: number, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === '/robots.txt') return void response.end('User-agent: *\nDisallow: /private\n')
  const index = Number(/\d+/.exec(new URL(request.url!, 'http://site').pathname)![0])
  const node = program.nodes[index]!
  if (host === HOSTS - 1) problems.push(`asked an offsite host for ${request.url}`)
  if (node.isPrivate) problems.push(`asked for ${request.url}`)
  const number = (requests.get(index) ?? 0) + 1
  requests.set(index, number)
  atOnce[host]! += 1
  let isAnswered = false
  const answered = (): void => {
    if (!isAnswered) atOnce[host]! -= 1
    isAnswered = true
  }
  response.once('close', answered)
  if (atOnce[host]! > program.perHost) problems.push(`${atOnce[host]} requests at a host, of ${program.perHost}`)
  const total = atOnce.reduce((sum, count) => sum + count)
  if (total > program.concurrency) problems.push(`${total} requests at once, of ${program.concurrency}`)
  asked += 1
  onAsked()
  await loopTurns(node.turns)
  if (isAnswered) return
  answered()
  if (node.kind === 'redirect') {
    const to = node.links[0]!
    return void response.writeHead(302, { Location: urlOf(indexOf(to), to.spelling) }).end('Elsewhere')
  }
  if (node.kind === 'missing') return void response.writeHead(404).end()
  if (number <= node.faults) {
    if (node.fault === 'status') return void response.writeHead(503).end('Busy')
    if (node.fault === 'breaks before the head') return void request.socket.destroy()
  }
  const links = node.links.map(
    (link) => `<a href="${urlOf(indexOf(link), link.spelling)}"${link.nofollow ? ' rel=nofollow' : ''}>there</a>`,
  )
  const html = `<html>${node.nofollow ? '<meta name=robots content=nofollow>' : ''}${links.join('\n')}</html>`
  response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Length': html.length })
  if (number > node.faults) return void response.end(html)
  response.write(html.slice(0, 5))
  await loopTurns(1)
  request.socket.destroy()
}

/** Whether a crawl may request a page. */
const isOpen = ({ host, isPrivate }: Node): boolean => host < HOSTS - 1 && !isPrivate

/** Returns the page that a request leads to in the end; `undefined` if it does not lead to one. */
function endOf(start: number): number | undefined {
  const seen = new Set<number>()
  for (let index = start; isOpen(program.nodes[index]!) && !seen.has(index); ) {
    seen.add(index)
    const node = program.nodes[index]!
    if (node.kind === 'page') return index
    if (node.kind === 'missing') return undefined
    index = indexOf(node.links[0]!)
  }
  return undefined
}

/** Returns the pages that must be handled, and of those the ones whose visits succeed. */
function expectations(): { handled: Set<number>; succeed: Set<number> } {
  const handled = new Set<number>()
  const succeed = new Set<number>()
  const todo = program.seeds.map(indexOf)
  for (const start of todo) {
    const index = endOf(start)
    if (index === undefined || handled.has(index)) continue
    const node = program.nodes[index]!
    if (node.faults > RETRIES) continue
    handled.add(index)
    if (node.handleThrows) continue
    succeed.add(index)
    if (!node.nofollow) todo.push(...node.links.filter(({ nofollow }) => !nofollow).map(indexOf))
  }
  return { handled, succeed }
}

interface Outcome {
  readonly handled: number[]
  readonly visits: Visit[]
}

function optionsFor({ handled, visits }: Outcome): CrawlOptions {
  const { seeds, concurrency, perHost, delay } = program
  return {
    seeds: seeds.map((link) => urlOf(indexOf(link), link.spelling)),
    allowedHosts: ports.slice(0, -1).map((port) => `127.0.0.1:${port}`),
    guard: false,
    retries: RETRIES,
    retryDelay: 1,
    concurrency,
    perHost,
    delay,
    *handle(page: CrawlPage) {
      const index = Number(/\d+/.exec(new URL(page.url).pathname)![0])
      handled.push(index)
      if (program.nodes[index]!.handleThrows) throw new RangeError(`page ${index}`)
      yield* sleep(0)
    },
    onVisit: (visit) => visits.push(visit),
  }
}

function begin(next: Program): Outcome {
  // A seed is visited whatever its host is.
  program = next
  program = { ...next, seeds: next.seeds.filter((link) => next.nodes[indexOf(link)]!.host < HOSTS - 1) }
  requests.clear()
  problems = []
  onAsked = () => {}
  return { handled: [], visits: [] }
}

const sorted = (numbers: Iterable<number>): number[] => [...numbers].sort((a, b) => a - b)
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

async function assertIdle(): Promise<void> {
  while (sum(atOnce) > 0) await loopTurns(1)
  expect(problems).toEqual([])
  expect(activeCount()).toBe(1)
}

test(`a crawl of several hosts handles each page that it may reach once, within its limits, and counts them (seed ${seed})`, async () => {
  const check = async (next: Program): Promise<void> => {
    const outcome = begin(next)
    const stats = await crawl(optionsFor(outcome))
    await assertIdle()
    const { handled, succeed } = expectations()
    expect(sorted(new Set(outcome.handled))).toEqual(sorted(handled))
    const pages = outcome.visits.filter(({ ok }) => ok)
    expect(sorted(outcome.handled.filter((index) => succeed.has(index)))).toEqual(sorted(succeed))
    expect(stats.pages).toBe(succeed.size)
    expect(pages.length).toBe(succeed.size)
    expect(stats.failed).toBe(outcome.visits.length - pages.length)
    expect(sum(Object.values(stats.errors))).toBe(stats.failed)
    const hosts = Object.values(stats.hosts)
    for (const name of ['pages', 'failed', 'retries', 'bytes'] as const) {
      expect(sum(hosts.map((host) => host[name]))).toBe(stats[name])
    }
    const settled = outcome.visits.length + sum(Object.values(stats.skipped))
    expect(settled).toBe(new Set(outcome.visits.map(({ url }) => url)).size + sum(Object.values(stats.skipped)))
  }
  await fc.assert(fc.asyncProperty(programs(fc.constant([])), check), { seed, numRuns: RUNS })
})

test(`a crawl of several hosts that is killed and resumed loses no page (seed ${seed})`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'greenlit-'))
  const check = async (next: Program): Promise<void> => {
    const outcome = begin(next)
    const journal = join(folder, 'crawl.journal')
    rmSync(journal, { force: true })
    let killed = 0
    for (const after of [...next.kills, Infinity]) {
      asked = 0
      const crawling = spawn(() => crawl({ ...optionsFor(outcome), journal, resume: true }))
      onAsked = () => {
        if (asked !== after) return
        killed += 1
        void crawling.kill()
      }
      await crawling
      await assertIdle()
    }
    const { handled, succeed } = expectations()
    expect(sorted(new Set(outcome.handled))).toEqual(sorted(handled))
    // Only pages that were being visited at a kill may be visited twice.
    const successes = outcome.handled.filter((index) => succeed.has(index))
    expect(successes.length).toBeLessThanOrEqual(succeed.size + killed * next.concurrency)
    const visited = outcome.visits.filter(({ ok }) => ok)
    expect(visited.length).toBeGreaterThanOrEqual(succeed.size)
    // A finished crawl has nothing left to do.
    asked = 0
    const stats = await crawl({ ...optionsFor(outcome), journal, resume: true })
    expect([asked, stats.pages, stats.failed]).toEqual([0, 0, 0])
    await assertIdle()
  }
  const kills = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 })
  try {
    await fc.assert(fc.asyncProperty(programs(kills), check), { seed, numRuns: RUNS })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
