import { sleep } from '@greenlit/core'
import { virtualTime } from '@greenlit/core/testing'
import { expect, test } from 'vitest'
import type { Lease } from '../../../src/crawl/frontier/frontier.ts'
import { MemoryFrontier } from '../../../src/crawl/frontier/memory-frontier.ts'
import { frontierSuite, page, urlsOf } from './conformance.ts'

frontierSuite('MemoryFrontier', (settings) => new MemoryFrontier(settings))

test('a host with an endless number of pages is cut off', async () => {
  const frontier = new MemoryFrontier({ maxPerHost: 2 })
  expect(await frontier.add(['http://a/1', 'http://a/2', 'http://a/3', 'http://b/1'].map((url) => page(url)))).toBe(3)
})

test('leases requests of expired leases last and one at a time, so that one that kills crawlers does so alone', () =>
  virtualTime(function* () {
    const frontier = new MemoryFrontier({ leaseTime: 1000 })
    const next = function* () {
      return urlsOf(yield* frontier.lease({ count: 5 }))
    }
    yield* frontier.add([page('http://a/1'), page('http://b/2')])
    yield* frontier.lease({ count: 5 })
    yield* frontier.add([page('http://a/3')])
    yield* sleep(1000)
    expect(yield* next()).toEqual(['http://a/3'])
    expect(yield* frontier.stats()).toMatchObject({ queued: 2, leased: 1, dueIn: 0 })
    const [one] = (yield* frontier.lease({ count: 5 })) as [Lease]
    expect(one.request.url).toBe('http://a/1')
    expect(yield* next()).toEqual([])
    expect(yield* frontier.stats()).toMatchObject({ queued: 1, leased: 2, dueIn: 1000 })
    yield* frontier.retry(one, 500)
    const [two] = (yield* frontier.lease({ count: 5 })) as [Lease]
    expect(two.request.url).toBe('http://b/2')
    yield* sleep(500)
    expect(yield* next()).toEqual([])
    yield* frontier.ack(two)
    expect(yield* frontier.lease({ count: 5, except: new Set(['a']) })).toEqual([])
    expect(yield* next()).toEqual(['http://a/1'])
  }))

test('refuses invalid options', () => {
  expect(() => new MemoryFrontier({ leaseTime: 0 })).toThrow('Expected `leaseTime` to be a number above 0, got 0')
  expect(() => new MemoryFrontier({ maxPerHost: Number.NaN })).toThrow('`maxPerHost`')
})

test('refuses what are no requests, and adds none of them', async () => {
  const frontier = new MemoryFrontier()
  expect(() => frontier.add(page('http://a/') as never)).toThrow('Expected `requests` to be an array, got an object')
  for (const wrong of [7, null, {}, { url: 7 }]) {
    expect(() => frontier.add([page('http://a/'), wrong] as never)).toThrow('Expected `requests` to hold requests')
  }
  for (const depth of [undefined, -1, 0.5, Number.NaN, '1']) {
    const wrong = { url: 'http://a/1', depth } as never
    expect(() => frontier.add([page('http://a/'), wrong])).toThrow('Expected `depth` to be a whole number from 0 up')
  }
  await expect(frontier.add([page('http://a/'), page('/1')])).rejects.toThrow(
    'Expected `requests` to hold absolute URLs, got "/1"',
  )
  expect((await frontier.stats()).queued).toBe(0)
  expect(() => frontier.lease({ count: 1, perHost: 0 })).toThrow('Expected `perHost` to be a number above 0, got 0')
  expect(() => frontier.lease({ count: 1, perHostNow: Number.NaN })).toThrow(
    'Expected `perHostNow` to be a number above 0',
  )
  expect(() => frontier.lease(undefined as never)).toThrow('Expected `count` to be a number above 0, got undefined')
})
