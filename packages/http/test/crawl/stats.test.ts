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

test('very many hosts cost nothing in reports that nobody looks for them in', () => {
  const tally = new Tally()
  for (let host = 0; host < 20_000; host += 1) tally.visit(visitTo(`host${host}.test`))
  const started = performance.now()
  for (let report = 0; report < 2000; report += 1) expect(tally.progress(0, 0).pages).toBe(20_000)
  expect(performance.now() - started).toBeLessThan(5000)
  const { hosts } = tally.progress(0, 0)
  expect(Object.keys(hosts)).toHaveLength(20_000)
  expect(hosts['host7.test']).toEqual({ pages: 1, failed: 0, retries: 0, bytes: 10, latency: 5 })
})

test('a report has its hosts as they were when they were first looked at', () => {
  const tally = new Tally()
  tally.visit(visitTo('a.test'))
  const progress = tally.progress(0, 0)
  const { hosts } = progress
  tally.visit(visitTo('a.test'))
  expect(progress.hosts).toBe(hosts)
  expect(hosts['a.test']!.pages).toBe(1)
})

test('a report tells the rate since the one before', () => {
  const tally = new Tally()
  tally.visit(visitTo('a.test'))
  while (tally.elapsed === 0);
  expect(tally.progress(0, 0).rate).toBeGreaterThan(0)
  expect(tally.progress(0, 0).rate).toBe(0)
})
