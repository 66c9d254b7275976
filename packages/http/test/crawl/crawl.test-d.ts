import type { Operation } from '@greenlit/core'
import {
  type CrawlPage,
  type CrawlStats,
  crawl,
  type Frontier,
  type JournalFrontier,
  MemoryFrontier,
  type Visit,
} from '@greenlit/http'
import { expectTypeOf, test } from 'vitest'

test('crawl takes coroutine functions and plain ones, and returns statistics', () => {
  expectTypeOf(
    crawl({
      seeds: ['http://example.org/'],
      *handle(page) {
        expectTypeOf(page).toEqualTypeOf<CrawlPage>()
        expectTypeOf(page.text).toEqualTypeOf<string>()
      },
    }),
  ).toEqualTypeOf<Operation<CrawlStats>>()
  crawl({
    seeds: 'http://example.org/',
    handle: (page) => page.follow('/next'),
    follow: ({ rel }) => !rel.includes('nofollow'),
  })
  crawl({
    seeds: new Set([new URL('http://example.org/')]),
    guard: { allow: ['10.0.0.0/8'] },
    autothrottle: { maxDelay: 5 },
  })
})

test('`ok` discriminates between the kinds of visits', () => {
  const look = (visit: Visit) => {
    if (visit.ok) expectTypeOf(visit.bytes).toEqualTypeOf<number>()
    else expectTypeOf(visit.error).toEqualTypeOf<Error>()
    // @ts-expect-error a failed visit has no size
    void visit.bytes
  }
  void look
})

test('the frontiers are interchangeable', () => {
  expectTypeOf<MemoryFrontier>().toExtend<Frontier>()
  expectTypeOf<JournalFrontier>().toExtend<Frontier>()
  crawl({ seeds: [], frontier: new MemoryFrontier({ leaseTime: 1000 }) })
})

test('invalid options do not compile', () => {
  // @ts-expect-error `seeds` is required
  void (() => crawl({}))
  // @ts-expect-error a number is not a seed
  void (() => crawl({ seeds: [7] }))
  // @ts-expect-error there is no such option
  void (() => crawl({ seeds: [], concurency: 7 }))
  // @ts-expect-error a guard cannot be a string
  void (() => crawl({ seeds: [], guard: 'public' }))
})
