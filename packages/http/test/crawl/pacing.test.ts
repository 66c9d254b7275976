import { sleep } from '@greenlit/core'
import { virtualTime } from '@greenlit/core/testing'
import { expect, test } from 'vitest'
import { Pacing } from '../../src/crawl/pacing.ts'

test('without a delay no host has to wait', () =>
  virtualTime(function* () {
    const pacing = new Pacing(0, undefined)
    expect(pacing.isSpaced).toBe(false)
    pacing.started('a')
    expect([...pacing.hosts()]).toEqual([])
    expect(pacing.wakesIn()).toBeUndefined()
  }))

test('a host rests after a request for its delay ±50 %', () =>
  virtualTime(function* () {
    const pacing = new Pacing(1000, undefined)
    const waits = new Set<number>()
    for (let turn = 0; turn < 50; turn += 1) {
      pacing.started('a')
      const wait = pacing.wakesIn()!
      expect(wait).toBeGreaterThanOrEqual(500)
      expect(wait).toBeLessThanOrEqual(1500)
      waits.add(wait)
      expect([...pacing.hosts()]).toEqual(['a'])
      yield* sleep(wait)
      expect([...pacing.hosts()]).toEqual([])
    }
    expect(waits.size).toBeGreaterThan(40)
  }))

test('only a host that asks for it rests', () =>
  virtualTime(function* () {
    const pacing = new Pacing(0, undefined)
    pacing.rest('a', 3000)
    pacing.rest('a', 1000)
    pacing.rest('b', 500)
    expect([...pacing.hosts()]).toEqual(['a', 'b'])
    expect(pacing.wakesIn()).toBe(500)
    yield* sleep(500)
    expect([...pacing.hosts()]).toEqual(['a'])
    yield* sleep(2499)
    expect([...pacing.hosts()]).toEqual(['a'])
    yield* sleep(1)
    expect([...pacing.hosts()]).toEqual([])
    expect(pacing.isSpaced).toBe(false)
  }))

test('the delay that a site asks for applies if it is longer', () =>
  virtualTime(function* () {
    const pacing = new Pacing(100, undefined)
    yield* sleep(500)
    expect(pacing.restOf('a')).toBe(0)
    pacing.raiseDelay('a', 2000)
    const rest = pacing.wakesIn()!
    pacing.raiseDelay('a', 2000)
    pacing.raiseDelay('a', 500)
    expect([pacing.restOf('a'), pacing.restOf('b')]).toEqual([rest, 0])
    expect([...pacing.hosts()]).toEqual(['a'])
    yield* sleep(rest)
    expect([pacing.restOf('a'), pacing.wakesIn(), ...pacing.hosts()]).toEqual([0, 0])
  }))

test('a host that asks for a delay rests at least as long, whatever the delay of the crawl', () =>
  virtualTime(function* () {
    for (const delay of [0, 1900, 3000]) {
      const pacing = new Pacing(delay, undefined)
      const waits: number[] = []
      pacing.raiseDelay('a', 2000)
      for (let turn = 0; turn < 50; turn += 1) {
        waits.push(pacing.restOf('a'))
        yield* sleep(waits.at(-1)!)
        pacing.started('a')
      }
      expect(Math.min(...waits)).toBeGreaterThanOrEqual(2000)
      expect(Math.max(...waits)).toBeGreaterThan(2000)
      expect(Math.max(...waits)).toBeLessThanOrEqual(Math.max(delay, 2000) * 1.5)
    }
  }))

test('a crawl without delays spaces requests as soon as a site asks for a delay', () =>
  virtualTime(function* () {
    const pacing = new Pacing(0, undefined)
    pacing.raiseDelay('a', 1000)
    expect(pacing.isSpaced).toBe(true)
    yield* sleep(pacing.restOf('a'))
    pacing.started('a')
    pacing.started('b')
    expect(pacing.restOf('a')).toBeGreaterThanOrEqual(1000)
    expect(pacing.restOf('b')).toBe(0)
  }))

test('the delay adapts to how fast a host responds, and errors do not shorten it', () =>
  virtualTime(function* () {
    const pacing = new Pacing(100, { targetConcurrency: 2, maxDelay: 5000 })
    const waitAfter = (latency: number, ok: boolean) => {
      pacing.responded('a', latency, ok)
      pacing.started('a')
      const wait = pacing.wakesIn()!
      pacing.hosts()
      return wait
    }
    // From 100 immediately to 4000 / 2, ±50 %.
    expect(waitAfter(4000, true)).toBeGreaterThanOrEqual(1000)
    yield* sleep(10_000)
    expect(waitAfter(1, false)).toBeGreaterThanOrEqual(1000)
    yield* sleep(10_000)
    // Half way down to 200 / 2.
    const shorter = waitAfter(200, true)
    expect(shorter).toBeGreaterThanOrEqual(1050 / 2)
    expect(shorter).toBeLessThanOrEqual(1050 * 1.5)
    yield* sleep(10_000)
    for (let turn = 0; turn < 20; turn += 1) pacing.responded('a', 1, true)
    expect(waitAfter(1, true)).toBeLessThanOrEqual(150)
    yield* sleep(10_000)
    for (let turn = 0; turn < 20; turn += 1) pacing.responded('a', 1_000_000, false)
    expect(waitAfter(1_000_000, false)).toBeLessThanOrEqual(7500)
  }))

test('with `autothrottle` a host rests until its first response, which tells the delay', () =>
  virtualTime(function* () {
    let changes = 0
    const pacing = new Pacing(0, { targetConcurrency: 1, maxDelay: 60_000 }, () => (changes += 1))
    pacing.started('a')
    pacing.started('b')
    expect([pacing.restOf('a'), pacing.restOf('b'), changes]).toEqual([5000, 5000, 0])
    yield* sleep(200)
    pacing.responded('a', 200, true)
    expect(changes).toBe(1)
    expect(pacing.restOf('a')).toBeLessThanOrEqual(100)
    expect(pacing.restOf('b')).toBe(4800)
    pacing.rest('a', 10_000)
    pacing.responded('a', 200, true)
    expect([pacing.restOf('a'), changes]).toEqual([10_000, 1])
  }))

test('`maxDelay` does not limit the delay that a site asks for', () =>
  virtualTime(function* () {
    const pacing = new Pacing(0, { targetConcurrency: 1, maxDelay: 1000 })
    pacing.raiseDelay('a', 10_000)
    yield* sleep(pacing.wakesIn()!)
    pacing.responded('a', 5, true)
    pacing.started('a')
    expect(pacing.restOf('a')).toBeGreaterThanOrEqual(10_000)
  }))
