import { type Coroutine, sleep } from '@greenlit/core'
import { virtualTime } from '@greenlit/core/testing'
import { describe, expect, test } from 'vitest'
import type { CrawlRequest, Frontier, Lease } from '../../../src/crawl/frontier/frontier.ts'

/** Settings of the frontier under test. */
export interface FrontierSettings {
  readonly leaseTime?: number
}

/** A frontier including the optional methods. */
type WholeFrontier = Required<Frontier>

export const page = (url: string, depth = 0): CrawlRequest => ({ url, depth })
export const urlsOf = (leases: readonly Lease[]): string[] => leases.map(({ request }) => request.url)

/** Tests for any implementation of `Frontier`. Each runs in virtual time. */
export function frontierSuite(name: string, make: (settings: FrontierSettings) => WholeFrontier): void {
  const run = (body: (frontier: WholeFrontier) => Coroutine<unknown>, settings: FrontierSettings = {}) =>
    virtualTime(function* () {
      const frontier = make(settings)
      try {
        yield* body(frontier)
      } finally {
        yield* frontier.close()
      }
    })

  describe(name, () => {
    test('leases each URL once, however often it is added', () =>
      run(function* (frontier) {
        expect(yield* frontier.add([page('http://a/1'), page('http://a/2'), page('http://a/1', 3)])).toBe(2)
        expect(yield* frontier.add([page('http://a/2'), page('http://a/3')])).toBe(1)
        expect(yield* frontier.has('http://a/3')).toBe(true)
        expect(yield* frontier.has('http://a/4')).toBe(false)
        const leases = yield* frontier.lease({ count: 10 })
        expect(urlsOf(leases)).toEqual(['http://a/1', 'http://a/2', 'http://a/3'])
        expect(leases[0]).toMatchObject({ attempt: 1, host: 'a', request: page('http://a/1') })
        for (const lease of leases) yield* frontier.ack(lease)
        expect(yield* frontier.add([page('http://a/1')])).toBe(0)
        expect(yield* frontier.lease({ count: 10 })).toEqual([])
        expect(yield* frontier.stats()).toEqual({ queued: 0, leased: 0, done: 3, failed: 0, dueIn: undefined })
      }))

    test('keeps all fields of a request', () =>
      run(function* (frontier) {
        const request: CrawlRequest = { url: 'http://a/map.xml', depth: 2, from: 'http://a/', kind: 'sitemap' }
        yield* frontier.add([request])
        expect((yield* frontier.lease({ count: 1 }))[0]!.request).toEqual(request)
      }))

    test('does not lease a leased request again', () =>
      run(function* (frontier) {
        yield* frontier.add([page('http://a/1'), page('http://a/2')])
        expect(urlsOf(yield* frontier.lease({ count: 1 }))).toEqual(['http://a/1'])
        expect(urlsOf(yield* frontier.lease({ count: 5 }))).toEqual(['http://a/2'])
        expect(yield* frontier.lease({ count: 5 })).toEqual([])
        expect(yield* frontier.stats()).toMatchObject({ queued: 0, leased: 2, done: 0 })
      }))

    test('alternates between hosts, leasing the oldest request of each', () =>
      run(function* (frontier) {
        yield* frontier.add(
          ['http://a/1', 'http://a/2', 'http://a/3', 'http://b/1', 'http://b/2', 'http://c/1'].map((url) => page(url)),
        )
        const first = urlsOf(yield* frontier.lease({ count: 3 }))
        expect(first.map((url) => new URL(url).host).sort()).toEqual(['a', 'b', 'c'])
        expect(first.every((url) => url.endsWith('/1'))).toBe(true)
        expect(urlsOf(yield* frontier.lease({ count: 3 })).sort()).toEqual(['http://a/2', 'http://a/3', 'http://b/2'])
      }))

    test('treats ports as different hosts', () =>
      run(function* (frontier) {
        yield* frontier.add([page('http://a:81/1'), page('http://a:82/1')])
        const leases = yield* frontier.lease({ count: 5, perHost: 1 })
        expect(leases.map(({ host }) => host).sort()).toEqual(['a:81', 'a:82'])
      }))

    test('observes `perHost`, counting earlier leases', () =>
      run(function* (frontier) {
        yield* frontier.add(Array.from({ length: 5 }, (_, at) => page(`http://a/${at}`)))
        yield* frontier.add([page('http://b/0')])
        const first = yield* frontier.lease({ count: 10, perHost: 2 })
        expect(urlsOf(first).sort()).toEqual(['http://a/0', 'http://a/1', 'http://b/0'])
        expect(yield* frontier.lease({ count: 10, perHost: 2 })).toEqual([])
        yield* frontier.ack(first.find(({ host }) => host === 'a')!)
        expect(urlsOf(yield* frontier.lease({ count: 10, perHost: 2 }))).toEqual(['http://a/2'])
        expect(urlsOf(yield* frontier.lease({ count: 10, perHost: 9, perHostNow: 1 }))).toEqual(['http://a/3'])
      }))

    test('leases the requests of a host one after the other if one is allowed', () =>
      run(function* (frontier) {
        yield* frontier.add([page('http://a/1'), page('http://a/2'), page('http://a/3')])
        for (const url of ['http://a/1', 'http://a/2', 'http://a/3']) {
          const [lease] = (yield* frontier.lease({ count: 2, perHost: 1 })) as [Lease]
          expect(lease.request.url).toBe(url)
          expect(yield* frontier.lease({ count: 2, perHost: 1 })).toEqual([])
          yield* frontier.ack(lease)
        }
      }))

    test('skips the hosts in `except`', () =>
      run(function* (frontier) {
        yield* frontier.add([page('http://a/1'), page('http://b/1')])
        expect(urlsOf(yield* frontier.lease({ count: 5, except: new Set(['a']) }))).toEqual(['http://b/1'])
        expect(yield* frontier.stats()).toMatchObject({ queued: 1, dueIn: 0 })
      }))

    test('skips hosts at their limit, however small `count` is', () =>
      run(function* (frontier) {
        yield* frontier.add(['http://a/1', 'http://a/2', 'http://b/1', 'http://c/1'].map((url) => page(url)))
        const first = yield* frontier.lease({ count: 1, perHost: 1, except: new Set(['b', 'c']) })
        expect(urlsOf(first)).toEqual(['http://a/1'])
        expect(urlsOf(yield* frontier.lease({ count: 1, perHost: 1, except: new Set(['b']) }))).toEqual(['http://c/1'])
      }))

    test('leases a request again when its retry is due, by its own clock', () =>
      run(function* (frontier) {
        yield* frontier.add([page('http://a/1'), page('http://a/2')])
        const [one, two] = (yield* frontier.lease({ count: 2 })) as [Lease, Lease]
        yield* frontier.retry(one, 2000)
        yield* frontier.retry(two, 1000)
        expect(yield* frontier.lease({ count: 2 })).toEqual([])
        expect(yield* frontier.stats()).toMatchObject({ queued: 2, leased: 0, dueIn: 1000 })
        yield* sleep(1000)
        expect(yield* frontier.lease({ count: 2 })).toMatchObject([{ attempt: 2, request: page('http://a/2') }])
        yield* sleep(1000)
        const [again] = (yield* frontier.lease({ count: 2 })) as [Lease]
        expect(again).toMatchObject({ attempt: 2, request: page('http://a/1') })
        yield* frontier.retry(again, 0)
        expect(yield* frontier.lease({ count: 2 })).toMatchObject([{ attempt: 3 }])
      }))

    test('leases retries in the order of their due times', () =>
      run(function* (frontier) {
        const requests = Array.from({ length: 100 }, (_, at) => page(`http://a/${(at * 37) % 100}`))
        yield* frontier.add(requests)
        for (const lease of yield* frontier.lease({ count: 100 })) {
          yield* frontier.retry(lease, Number(lease.request.url.slice('http://a/'.length)) + 1)
        }
        for (let at = 0; at < 100; at += 1) {
          expect((yield* frontier.stats()).dueIn).toBe(1)
          yield* sleep(1)
          expect(urlsOf(yield* frontier.lease({ count: 2 }))).toEqual([`http://a/${at}`])
        }
      }))

    test('does not lease a failed request again', () =>
      run(function* (frontier) {
        yield* frontier.add([page('http://a/1')])
        const [lease] = (yield* frontier.lease({ count: 1 })) as [Lease]
        yield* frontier.fail(lease, 'refused')
        expect(yield* frontier.stats()).toEqual({ queued: 0, leased: 0, done: 0, failed: 1, dueIn: undefined })
        expect(yield* frontier.add([page('http://a/1')])).toBe(0)
      }))

    test('treats further keys of a finished page as finished', () =>
      run(function* (frontier) {
        yield* frontier.add([page('http://a/1')])
        const [lease] = (yield* frontier.lease({ count: 1 })) as [Lease]
        yield* frontier.ack(lease, ['http://a/new', 'http://a/1'])
        expect(yield* frontier.has('http://a/new')).toBe(true)
        expect(yield* frontier.add([page('http://a/new')])).toBe(0)
        expect(yield* frontier.stats()).toMatchObject({ done: 1, queued: 0 })
      }))

    test('a lease ends once', () =>
      run(function* (frontier) {
        yield* frontier.add([page('http://a/1')])
        const [lease] = (yield* frontier.lease({ count: 1 })) as [Lease]
        yield* frontier.ack(lease)
        yield* frontier.ack(lease)
        yield* frontier.retry(lease, 0)
        yield* frontier.fail(lease, 'late')
        expect(yield* frontier.stats()).toMatchObject({ queued: 0, leased: 0, done: 1, failed: 0 })
      }))

    test('leases a request again when its lease expires, and ignores the expired lease', () =>
      run(
        function* (frontier) {
          yield* frontier.add([page('http://a/1'), page('http://a/2')])
          const [lost] = (yield* frontier.lease({ count: 1, perHost: 1 })) as [Lease]
          yield* sleep(999)
          expect(yield* frontier.lease({ count: 1, perHost: 1 })).toEqual([])
          yield* sleep(1)
          expect(yield* frontier.stats()).toMatchObject({ queued: 2, leased: 0 })
          const leases = [...(yield* frontier.lease({ count: 2 })), ...(yield* frontier.lease({ count: 2 }))]
          expect(urlsOf(leases).sort()).toEqual(['http://a/1', 'http://a/2'])
          yield* frontier.ack(lost)
          expect(yield* frontier.stats()).toMatchObject({ leased: 2, done: 0 })
          for (const lease of leases) yield* frontier.ack(lease)
          expect(yield* frontier.stats()).toMatchObject({ leased: 0, done: 2 })
        },
        { leaseTime: 1000 },
      ))

    test('leases a request again after expiry even if `stats` is never called', () =>
      run(
        function* (frontier) {
          yield* frontier.add([page('http://a/1')])
          yield* frontier.lease({ count: 1 })
          yield* sleep(1000)
          expect(yield* frontier.lease({ count: 1 })).toMatchObject([{ attempt: 2, request: page('http://a/1') }])
        },
        { leaseTime: 1000 },
      ))

    test('counts an expired lease as an attempt', () =>
      run(
        function* (frontier) {
          yield* frontier.add([page('http://a/1')])
          const [first] = (yield* frontier.lease({ count: 1 })) as [Lease]
          expect([first.attempt, first.expired ?? 0]).toEqual([1, 0])
          yield* frontier.retry(first, 0)
          for (const count of [0, 1, 2]) {
            expect(yield* frontier.lease({ count: 1 })).toMatchObject([{ attempt: 2 + count, expired: count }])
            yield* sleep(1000)
          }
          const [last] = (yield* frontier.lease({ count: 1 })) as [Lease]
          yield* frontier.retry(last, 0)
          expect(yield* frontier.lease({ count: 1 })).toMatchObject([{ attempt: 6, expired: 3 }])
        },
        { leaseTime: 1000 },
      ))

    test('has no leases once closed', () =>
      run(function* (frontier) {
        yield* frontier.add([page('http://a/1')])
        const [lease] = (yield* frontier.lease({ count: 1 })) as [Lease]
        yield* frontier.close()
        yield* frontier.ack(lease)
        expect(yield* frontier.stats()).toMatchObject({ leased: 0, done: 0 })
      }))

    test('reports when the next lease expires', () =>
      run(
        function* (frontier) {
          yield* frontier.add([page('http://a/1')])
          yield* frontier.lease({ count: 1 })
          yield* sleep(400)
          expect(yield* frontier.stats()).toMatchObject({ dueIn: 600 })
        },
        { leaseTime: 1000 },
      ))

    test('reports that a retry after an expired lease is not due while another one is leased', () =>
      run(
        function* (frontier) {
          yield* frontier.add([page('http://a/1'), page('http://a/2')])
          yield* frontier.lease({ count: 2 })
          yield* sleep(1000)
          const [first] = (yield* frontier.lease({ count: 1 })) as [Lease]
          yield* frontier.retry(first, 100)
          expect(yield* frontier.lease({ count: 1 })).toMatchObject([{ request: page('http://a/2'), expired: 1 }])
          yield* sleep(400)
          expect(yield* frontier.stats()).toMatchObject({ queued: 1, leased: 1, dueIn: 600 })
        },
        { leaseTime: 1000 },
      ))

    test('does nothing before the operation is run', () =>
      run(function* (frontier) {
        void frontier.add([page('http://a/1')])
        expect(yield* frontier.has('http://a/1')).toBe(false)
      }))

    test('refuses invalid arguments', () =>
      run(function* (frontier) {
        expect(() => frontier.lease({ count: 0 })).toThrow('Expected `count` to be a number above 0, got 0')
        yield* frontier.add([page('http://a/1')])
        const [lease] = (yield* frontier.lease({ count: 1 })) as [Lease]
        expect(() => frontier.retry(lease, -1)).toThrow(
          'Expected `delay` to be a number of milliseconds from 0 up, got -1',
        )
      }))

    test('keeps the order of many requests of a host while more are added', () =>
      run(function* (frontier) {
        const urls = Array.from({ length: 6000 }, (_, at) => `http://a/${at}`)
        const given: string[] = []
        for (let at = 0; at < 6000; at += 3000) {
          yield* frontier.add(urls.slice(at, at + 3000).map((url) => page(url)))
          for (let times = 0; times < 25; times += 1) given.push(...urlsOf(yield* frontier.lease({ count: 100 })))
        }
        given.push(...urlsOf(yield* frontier.lease({ count: 2000 })))
        expect(given).toEqual(urls)
        expect(yield* frontier.stats()).toMatchObject({ queued: 0, leased: 6000 })
      }))

    test('holds many requests of many hosts', () =>
      run(function* (frontier) {
        const requests = Array.from({ length: 20_000 }, (_, at) => page(`http://host${at % 50}/${at}`))
        expect(yield* frontier.add(requests)).toBe(20_000)
        const seen = new Set<string>()
        for (;;) {
          const leases = yield* frontier.lease({ count: 100, perHost: 3 })
          if (leases.length === 0) break
          for (const lease of leases) {
            seen.add(lease.request.url)
            yield* frontier.ack(lease)
          }
        }
        expect(seen.size).toBe(20_000)
      }))
  })
}
