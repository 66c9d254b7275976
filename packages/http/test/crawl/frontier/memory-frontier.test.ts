import { expect, test } from 'vitest'
import { MemoryFrontier } from '../../../src/crawl/frontier/memory-frontier.ts'
import { frontierSuite, page } from './conformance.ts'

frontierSuite('MemoryFrontier', (settings) => new MemoryFrontier(settings))

test('a host with an endless number of pages is cut off', async () => {
  const frontier = new MemoryFrontier({ maxPerHost: 2 })
  expect(await frontier.add(['http://a/1', 'http://a/2', 'http://a/3', 'http://b/1'].map((url) => page(url)))).toBe(3)
})

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
  expect((await frontier.stats()).queued).toBe(0)
  expect(() => frontier.lease(undefined as never)).toThrow('Expected `count` to be a number above 0, got undefined')
})
