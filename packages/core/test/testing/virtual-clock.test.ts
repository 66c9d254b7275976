import { Event, type Greenlet, sleep, spawn, spawnLater, Timeout, until } from '@greenlit/core'
import { useVirtualClock } from '@greenlit/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { program, raisedBy, thrownBy } from '../support.ts'

describe('the virtual clock', () => {
  let clock: VirtualClock
  beforeEach(() => {
    clock = useVirtualClock()
  })
  afterEach(() => clock.restore())

  it('wakes sleepers at their own time, and not before', async () => {
    const log: [string, number][] = []
    const sleepers = [30, 10, 20].map((ms) =>
      spawn(function* () {
        yield* sleep(ms)
        log.push([`${ms}`, clock.now()])
      }),
    )
    await clock.advance(9)
    expect(log).toEqual([])
    await clock.advance(21)
    expect(log).toEqual([
      ['10', 10],
      ['20', 20],
      ['30', 30],
    ])
    expect(sleepers.every((sleeper) => sleeper.ready())).toBe(true)
  })

  it('fires timers that are started on the way too', async () => {
    let ticks = 0
    const ticker = spawn(function* () {
      for (;;) {
        yield* sleep(1000)
        ticks += 1
      }
    })
    await clock.advance(3_600_000)
    expect(ticks).toBe(3600)
    await ticker.kill()
  })

  it(
    'can be advanced from a greenlet as well',
    program(function* () {
      const sleeper = spawn(sleep, 500)
      yield* clock.advance(499)
      expect(sleeper.ready()).toBe(false)
      yield* clock.advance(1)
      expect(sleeper.ready()).toBe(true)
    }),
  )

  it(
    'governs timeouts',
    program(function* () {
      const waiter = spawn(function* () {
        return yield* raisedBy(spawn(sleep, 50).get({ timeout: 20 }))
      })
      yield* clock.advance(20)
      expect(yield* waiter).toBeInstanceOf(Timeout)
      yield* clock.runUntilIdle()
      expect(clock.now()).toBe(50)
    }),
  )

  it('lets promises settle between timers', async () => {
    const log: number[] = []
    const greenlet = spawn(function* () {
      for (let turn = 0; turn < 3; turn += 1) {
        yield* sleep(10)
        yield* until(Promise.resolve().then(() => undefined))
        log.push(clock.now())
      }
    })
    await clock.advance(30)
    expect(log).toEqual([10, 20, 30])
    expect(greenlet.ready()).toBe(true)
  })

  it('runs until nothing is left to do, ignoring timers that do not keep the program alive', async () => {
    const event = new Event()
    const background = spawn(() => sleep(10_000, { ref: false }))
    spawn(function* () {
      yield* sleep(70)
      event.set()
    })
    await clock.runUntilIdle()
    expect(event.isSet()).toBe(true)
    expect(clock.now()).toBe(70)
    await background.kill()
  })

  it('is idle once only a timer without an end is left', async () => {
    const released = new Event()
    const stubborn = spawn(function* () {
      try {
        yield* sleep(Infinity)
      } finally {
        yield* released.wait()
      }
    })
    const killer = spawn(function* () {
      yield* sleep(10)
      yield* stubborn.kill(undefined, { grace: Infinity })
    })
    await clock.runUntilIdle()
    expect(clock.now()).toBe(10)
    expect(stubborn.dead).toBe(false)
    released.set()
    await killer
  })

  it('advances for a greenlet that polls with sleep(0)', async () => {
    let rounds = 0
    const timer = spawn(sleep, 10)
    const poller = spawn(function* () {
      while (!timer.ready()) {
        rounds += 1
        yield* sleep(0)
      }
    })
    await clock.advance(100)
    expect(poller.ready()).toBe(true)
    expect(rounds).toBeGreaterThan(0)
  })

  it('stands still once the greenlet that advances it is killed', async () => {
    const driver = spawn(() => clock.advance(100))
    spawnLater(10, () => driver.kill())
    const late = spawnLater(50, () => expect.fail('the clock went on'))
    await driver.join()
    await until(new Promise((resolve) => setTimeout(resolve, 5)))
    expect(clock.now()).toBe(10)
    await late.kill()
  })

  it('advances to its end despite a greenlet that polls forever', async () => {
    const poller = spawn(function* () {
      for (;;) yield* sleep(0)
    })
    await clock.advance(100)
    expect(clock.now()).toBe(100)
    await poller.kill()
  })

  it('stands still for greenlets that yield to each other but also work', async () => {
    const log: string[] = []
    spawnLater(1, () => log.push('timer'))
    const workers = Array.from({ length: 100 }, () =>
      spawn(function* () {
        for (let turn = 0; turn < 100; turn += 1) yield* sleep(0)
        log.push('worker')
      }),
    )
    await clock.advance(1)
    expect(log.indexOf('timer')).toBe(workers.length)
  })

  it('rejects bad times', () => {
    expect(thrownBy(() => clock.advance(-1))).toBeInstanceOf(RangeError)
    expect(thrownBy(() => clock.advance(Infinity))).toBeInstanceOf(RangeError)
    expect(thrownBy(() => clock.advance('1' as never))).toBeInstanceOf(TypeError)
    expect(String(thrownBy(() => useVirtualClock()))).toContain('restore it first')
  })
})

describe('restoring the real clock', () => {
  it('twice does not replace a clock that was installed since', async () => {
    const former = useVirtualClock()
    former.restore()
    using clock = useVirtualClock()
    former.restore()
    const sleeper = spawn(sleep, 60_000)
    await clock.advance(60_000)
    expect(sleeper.ready()).toBe(true)
  })

  it('lets pending timers keep their remaining time', async () => {
    const before = spawn(sleep, 30)
    const clock = useVirtualClock()
    await clock.advance(0)
    const during = spawn(sleep, 3_600_010)
    await clock.advance(3_600_000)
    expect(before.ready()).toBe(true)
    expect(during.ready()).toBe(false)
    clock.restore()
    clock.restore()
    const started = performance.now()
    await during
    expect(performance.now() - started).toBeLessThan(5000)
  })

  it('fires timers of the real clock once their time has been advanced, through a change of clocks too', async () => {
    const [first, second] = [50, 60].map((delay) => spawnLater(delay, () => {})) as [Greenlet<void>, Greenlet<void>]
    {
      using clock = useVirtualClock()
      await clock.advance(20)
    }
    using clock = useVirtualClock()
    await clock.advance(30)
    expect([first.ready(), second.ready()]).toEqual([true, false])
    await clock.advance(10)
    expect(second.ready()).toBe(true)
  })
})
