import { attempt, type Coroutine, Event, sleep, spawn } from '@greenlit/core'
import { virtualTime } from '@greenlit/core/testing'
import { expect, test } from 'vitest'
import { CrawlStopped, HostSlots, VisitSlot } from '../../src/crawl/host-slots.ts'
import { Pacing } from '../../src/crawl/pacing.ts'

/** Runs a test with `perHost` slots for each host, in virtual time. */
const run = (
  perHost: number,
  body: (slots: HostSlots, pacing: Pacing, changed: Event) => Coroutine<unknown>,
  delay: number = 0,
  concurrency: number = Infinity,
) =>
  virtualTime(function* () {
    const pacing = new Pacing(delay, undefined)
    const changed = new Event()
    yield* body(new HostSlots(concurrency, perHost, pacing, changed), pacing, changed)
  })

test('a visit that is redirected to another host counts as redirected until it leaves', () =>
  run(1, function* (slots) {
    const slot = new VisitSlot(slots, 'a')
    expect([slots.matchLeases, ...slots.busyHosts()]).toEqual([true, 'a'])
    yield* slot.moveTo('b')
    expect([slots.matchLeases, ...slots.busyHosts()]).toEqual([false, 'b'])
    yield* slot.moveTo('c')
    expect([slots.matchLeases, ...slots.busyHosts()]).toEqual([false, 'c'])
    yield* slot.moveTo('a')
    expect([slots.matchLeases, ...slots.busyHosts()]).toEqual([true, 'a'])
    yield* slot.moveTo('b')
    slot.release()
    slot.release()
    expect([slots.matchLeases, ...slots.busyHosts()]).toEqual([true])
  }))

test('a host is busy once all of its slots are taken', () =>
  run(2, function* (slots) {
    const first = new VisitSlot(slots, 'a')
    expect([...slots.busyHosts()]).toEqual([])
    yield* first.moveTo('b')
    yield* new VisitSlot(slots, 'a').moveTo('b')
    expect([...slots.busyHosts()]).toEqual(['b'])
  }))

test('a redirected visit that waits for a slot takes precedence, and sets the event once it has one', () =>
  run(1, function* (slots, _pacing, changed) {
    const first = new VisitSlot(slots, 'b')
    const second = new VisitSlot(slots, 'a')
    const going = spawn(() => second.moveTo('b'))
    yield* sleep(0)
    first.release()
    expect([slots.matchLeases, ...slots.busyHosts()]).toEqual([false, 'b'])
    changed.clear()
    yield* going.join()
    expect(changed.isSet()).toBe(true)
    expect([...slots.busyHosts()]).toEqual(['b'])
  }))

test('a visit that is killed while it waits no longer counts as redirected, and takes no slot', () =>
  run(1, function* (slots) {
    const there = new VisitSlot(slots, 'b')
    const slot = new VisitSlot(slots, 'a')
    const going = spawn(() => slot.moveTo('b'))
    yield* sleep(0)
    yield* going.kill()
    slot.release()
    there.release()
    expect([slots.matchLeases, ...slots.busyHosts()]).toEqual([true])
  }))

test('a visit that waits, or would have to, is ended by `stop`', () =>
  run(1, function* (slots, pacing) {
    const there = new VisitSlot(slots, 'b')
    pacing.rest('c', 1000)
    const goings = ['b', 'c'].map((host) => spawn(() => attempt(new VisitSlot(slots, 'a').moveTo(host))))
    yield* sleep(0)
    slots.stop()
    goings.push(spawn(() => attempt(new VisitSlot(slots, 'a').moveTo('b'))))
    for (const going of goings) expect(yield* going.get()).toMatchObject({ ok: false, error: expect.any(CrawlStopped) })
    expect([slots.matchLeases, slots.active]).toEqual([true, 1])
    there.release()
    const last = new VisitSlot(slots, 'a')
    yield* last.moveTo('b')
    expect([...slots.busyHosts()]).toEqual(['b'])
  }))

test('a move to a resting host waits until it may be sent a request, and lets it rest again', () =>
  run(
    2,
    function* (slots, pacing) {
      const slot = new VisitSlot(slots, 'a')
      pacing.rest('b', 5000)
      const going = spawn(() => slot.moveTo('b'))
      yield* sleep(4999)
      expect(going.ready()).toBe(false)
      yield* sleep(1)
      expect(going.ready()).toBe(true)
      expect(pacing.restOf('b')).toBeGreaterThanOrEqual(50)
    },
    100,
  ))

test('a visit that waits has no slot, and gets one only while no more than allowed are taken or reserved', () =>
  run(
    5,
    function* (slots, pacing) {
      const slot = new VisitSlot(slots, 'a')
      pacing.rest('b', 100)
      const going = spawn(() => slot.moveTo('b'))
      yield* sleep(0)
      expect(slots.room).toBe(2)
      const others = [new VisitSlot(slots, 'c'), new VisitSlot(slots, 'c')]
      yield* sleep(100)
      expect([slots.room, going.ready()]).toEqual([0, false])
      slots.reserve(1)
      others[0]!.release()
      yield* sleep(0)
      expect(going.ready()).toBe(false)
      slots.reserve(0)
      yield* going
      expect([slots.room, slots.active]).toEqual([0, 2])
    },
    0,
    2,
  ))

test('a visit that waits for another turn lets its host rest', () =>
  run(
    1,
    function* (slots, pacing) {
      const slot = new VisitSlot(slots, 'a')
      yield* slot.awaitTurn()
      expect(pacing.restOf('a')).toBeGreaterThanOrEqual(500)
      pacing.raiseDelay('a', 60_000)
      const waiting = spawn(() => slot.awaitTurn())
      yield* sleep(59_999)
      expect([waiting.ready(), ...slots.busyHosts()]).toEqual([false, 'a'])
      yield* waiting
      expect(pacing.restOf('a')).toBeGreaterThanOrEqual(60_000)
      expect([slots.matchLeases, ...slots.busyHosts()]).toEqual([true, 'a'])
    },
    1000,
  ))
