import { joinall, sleep, spawn, Timeout } from '@greenlit/core'
import { useVirtualClock } from '@greenlit/core/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loop } from '../../src/engine/loop.ts'
import { TimerNode } from '../../src/engine/timers.ts'
import type { VirtualClock } from '../../src/testing/virtual-clock.ts'

let clock: VirtualClock

beforeEach(() => {
  clock = useVirtualClock()
})

afterEach(() => {
  clock.restore()
})

/** A timer that calls a function when it fires. */
class Action extends TimerNode {
  fire: () => void

  constructor(fire: () => void) {
    super()
    this.fire = fire
  }
}

test('of many timers due in the same millisecond those that were not cancelled fire, in order', async () => {
  const fired: number[] = []
  const timers = Array.from({ length: 1000 }, (_, index) => new Action(() => fired.push(index)))
  for (const timer of timers) loop.addTimer(timer, 5)
  for (const [index, timer] of timers.entries()) if (index % 7 !== 0) loop.timers.cancel(timer)
  await clock.advance(5)
  expect(fired).toEqual(timers.map((_, index) => index).filter((index) => index % 7 === 0))
  expect(loop.timers.refCount).toBe(0)
})

test('a timer that is cancelled by another one due in the same millisecond does not fire', async () => {
  const fired: number[] = []
  const timers: TimerNode[] = Array.from({ length: 200 }, (_, index) => new Action(() => fired.push(index)))
  const first = new Action(() => {
    for (const timer of timers.slice(0, 199)) loop.timers.cancel(timer)
  })
  for (const timer of [first, ...timers]) loop.addTimer(timer, 5)
  await clock.advance(5)
  expect(fired).toEqual([199])
  expect(loop.timers.refCount).toBe(0)
})

test('a timer that is rescheduled by another one due in the same millisecond fires once, at its new time', async () => {
  const fired: number[] = []
  const second = new Action(() => fired.push(clock.now()))
  const first = new Action(() => {
    loop.timers.cancel(second)
    loop.addTimer(second, 10)
  })
  const started = clock.now()
  loop.addTimer(first, 5)
  loop.addTimer(second, 5)
  await clock.advance(5)
  expect(fired).toEqual([])
  await clock.advance(10)
  expect(fired).toEqual([started + 15])
})

test('100,000 timeouts that are started and cancelled leave nothing behind', () => {
  const buckets = loop.timers.buckets.size
  for (let turn = 0; turn < 100_000; turn += 1) Timeout.startNew(1 + (turn % 50)).close()
  expect(loop.timers.buckets.size).toBe(buckets)
})

test('a sleeper among thousands of cancelled ones wakes in time', async () => {
  const sleeper = spawn(function* () {
    yield* sleep(50)
    return clock.now()
  })
  const started = clock.now()
  await clock.advance(0)
  const killed = Array.from({ length: 5000 }, () => spawn(sleep, 50))
  await clock.advance(0)
  for (const one of killed) one.kill()
  await clock.advance(50)
  expect(await sleeper).toBe(started + 50)
  await joinall(killed)
})
