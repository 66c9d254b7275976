import { type Coroutine, Event, sleep, spawn } from '@greenlit/core'
import { virtualTime } from '@greenlit/core/testing'
import { expect, test } from 'vitest'
import { Pacing } from '../../src/crawl/pacing.ts'
import { Places, Stay } from '../../src/crawl/places.ts'

/** Places with so many of each host, in virtual time. */
const run = (
  perHost: number,
  body: (places: Places, pacing: Pacing, changed: Event) => Coroutine<unknown>,
  delay: number = 0,
) =>
  virtualTime(function* () {
    const pacing = new Pacing(delay, undefined)
    const changed = new Event()
    yield* body(new Places(perHost, pacing, changed), pacing, changed)
  })

test('who goes to another host is a guest until it leaves', () =>
  run(1, function* (places) {
    const stay = new Stay(places, 'a')
    expect([places.areKept, ...places.crowded()]).toEqual([true, 'a'])
    yield* stay.goTo('b')
    expect([places.areKept, ...places.crowded()]).toEqual([false, 'b'])
    yield* stay.goTo('c')
    expect([places.areKept, ...places.crowded()]).toEqual([false, 'c'])
    yield* stay.goTo('a')
    expect([places.areKept, ...places.crowded()]).toEqual([true, 'a'])
    yield* stay.goTo('b')
    stay.leave()
    stay.leave()
    expect([places.areKept, ...places.crowded()]).toEqual([true])
  }))

test('who waits for a place comes first, and tells when it has one', () =>
  run(1, function* (places, _pacing, changed) {
    const first = new Stay(places, 'b')
    const second = new Stay(places, 'a')
    const going = spawn(() => second.goTo('b'))
    yield* sleep(0)
    first.leave()
    expect([places.areKept, ...places.crowded()]).toEqual([false, 'b'])
    changed.clear()
    yield* going.join()
    expect(changed.isSet()).toBe(true)
    expect([...places.crowded()]).toEqual(['b'])
  }))

test('who is ended on its way is nobody’s guest, and takes no place', () =>
  run(1, function* (places) {
    const there = new Stay(places, 'b')
    const stay = new Stay(places, 'a')
    const going = spawn(() => stay.goTo('b'))
    yield* sleep(0)
    yield* going.kill()
    stay.leave()
    there.leave()
    expect([places.areKept, ...places.crowded()]).toEqual([true])
  }))

test('a host that rests is gone to when it may be asked, and rests again then', () =>
  run(
    2,
    function* (places, pacing) {
      const stay = new Stay(places, 'a')
      pacing.rest('b', 5000)
      const going = spawn(() => stay.goTo('b'))
      yield* sleep(4999)
      expect(going.ready()).toBe(false)
      yield* sleep(1)
      expect(going.ready()).toBe(true)
      expect(pacing.restOf('b')).toBeGreaterThanOrEqual(50)
    },
    100,
  ))

test('a turn is waited for anew only where a longer delay was asked for since', () =>
  run(
    1,
    function* (places, pacing) {
      const stay = new Stay(places, 'a')
      pacing.started('a')
      const rest = pacing.restOf('a')
      yield* stay.awaitTurn()
      expect(pacing.restOf('a')).toBe(rest)
      pacing.asked('a', 60_000)
      yield* stay.awaitTurn()
      expect(pacing.restOf('a')).toBeGreaterThanOrEqual(30_000)
      expect([places.areKept, ...places.crowded()]).toEqual([true, 'a'])
    },
    1000,
  ))
