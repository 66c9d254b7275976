import { sleep } from '@greenlit/core'
import { virtualTime } from '@greenlit/core/testing'
import { expect, test } from 'vitest'
import { Tally } from '../../src/crawl/stats.ts'
import type { Visit } from '../../src/crawl/visit.ts'

const visitTo = (host: string): Visit => ({
  ok: true,
  url: `http://${host}/`,
  host,
  depth: 0,
  from: undefined,
  attempt: 1,
  start: 0,
  elapsed: 5,
  status: 200,
  finalUrl: `http://${host}/`,
  encoding: 'utf-8',
  contentType: 'text/html',
  bytes: 10,
})

test('counts events in total and by host', () =>
  virtualTime(function* () {
    const failed = (host: string, error: Error, status: number | undefined): Visit => ({
      ...visitTo(host),
      ok: false,
      elapsed: 20,
      status,
      error,
    })
    yield* sleep(100)
    const tally = new Tally()
    expect(tally.stats()).toEqual({
      pages: 0,
      failed: 0,
      retries: 0,
      skipped: { robots: 0, duplicate: 0, offsite: 0 },
      bytes: 0,
      elapsed: 0,
      statuses: {},
      encodings: {},
      errors: {},
      hosts: {},
    })
    yield* sleep(1000)
    tally.visit(visitTo('a.test'))
    tally.visit(visitTo('a.test'))
    tally.visit({ ...visitTo('b.test'), ok: true, status: 203, encoding: undefined } as Visit)
    tally.visit(failed('a.test', new RangeError('x'), undefined))
    tally.visit(failed('a.test', new RangeError('y'), 404))
    tally.retry('a.test')
    tally.retry('c.test')
    for (const why of ['robots', 'robots', 'robots', 'duplicate', 'duplicate', 'offsite'] as const) tally.skip(why)
    yield* sleep(500)
    const hosts = {
      'a.test': { pages: 2, failed: 2, retries: 1, bytes: 20, latency: 12.5 },
      'b.test': { pages: 1, failed: 0, retries: 0, bytes: 10, latency: 5 },
      'c.test': { pages: 0, failed: 0, retries: 1, bytes: 0, latency: 0 },
    }
    const sums = { pages: 3, failed: 2, retries: 2, bytes: 30, elapsed: 1500 }
    expect(tally.stats()).toEqual({
      ...sums,
      skipped: { robots: 3, duplicate: 2, offsite: 1 },
      statuses: { 200: 2, 203: 1, 404: 1 },
      encodings: { 'utf-8': 2 },
      errors: { RangeError: 2 },
      hosts,
    })
    expect(tally.progress(7, 8)).toEqual({ ...sums, queued: 7, inFlight: 8, rate: 2, hosts })
    yield* sleep(500)
    tally.visit(visitTo('a.test'))
    expect(tally.progress(0, 0)).toMatchObject({ rate: 2, elapsed: 2000 })
    expect(tally.progress(0, 0)).toMatchObject({ rate: 0, elapsed: 2000 })
  }))

test('a progress report computes nothing for very many hosts unless `hosts` is read', () => {
  const tally = new Tally()
  for (let host = 0; host < 20_000; host += 1) tally.visit(visitTo(`host${host}.test`))
  const started = performance.now()
  for (let report = 0; report < 2000; report += 1) expect(tally.progress(0, 0).pages).toBe(20_000)
  expect(performance.now() - started).toBeLessThan(5000)
  const { hosts } = tally.progress(0, 0)
  expect(Object.keys(hosts)).toHaveLength(20_000)
  expect(hosts['host7.test']).toEqual({ pages: 1, failed: 0, retries: 0, bytes: 10, latency: 5 })
})

test('the `hosts` of a progress report are those of the time when it was first read', () => {
  const tally = new Tally()
  tally.visit(visitTo('a.test'))
  const progress = tally.progress(0, 0)
  const { hosts } = progress
  tally.visit(visitTo('a.test'))
  expect(progress.hosts).toBe(hosts)
  expect(hosts['a.test']!.pages).toBe(1)
})

test('a progress report has the rate since the previous one', () => {
  const tally = new Tally()
  tally.visit(visitTo('a.test'))
  while (tally.elapsed === 0);
  expect(tally.progress(0, 0).rate).toBeGreaterThan(0)
  expect(tally.progress(0, 0).rate).toBe(0)
})

test('lists no host for an invalid URL', () => {
  const tally = new Tally()
  tally.visit({ ...visitTo(''), ok: false, status: undefined, error: new Error('invalid') })
  expect(tally.stats()).toMatchObject({ failed: 1, errors: { Error: 1 } })
  expect(tally.stats().hosts).toEqual({})
})
