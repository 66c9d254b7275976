import { AsyncResult, Event, getcurrent, getHub, Semaphore, sleep, spawn, Timeout } from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import { collectReports, program, raisedBy, turns } from '../support.ts'

describe('Event', () => {
  test('may be set and cleared any number of times', () => {
    const event = new Event()
    expect([event.isSet(), event.ready()]).toEqual([false, false])
    event.set()
    event.set()
    expect([event.isSet(), event.ready()]).toEqual([true, true])
    event.clear()
    event.clear()
    expect(event.isSet()).toBe(false)
  })

  test(
    'wait returns false on timeout, at once with a timeout of 0, and true at once if the event is set',
    program(function* () {
      const event = new Event()
      expect(yield* event.wait({ timeout: 0 })).toBe(false)
      expect(yield* event.wait({ timeout: 2 })).toBe(false)
      event.set()
      expect(yield* event.wait({ timeout: 0 })).toBe(true)
      expect(yield* event.wait({ timeout: 2 })).toBe(true)
      expect(yield* event.wait()).toBe(true)
    }),
  )

  test(
    'waiting for a set event does not switch',
    program(function* () {
      const event = new Event()
      event.set()
      const other = spawn(() => {})
      expect(yield* event.wait()).toBe(true)
      expect(other.ready()).toBe(false)
      yield* other
    }),
  )

  test(
    'set itself runs no waiter: they resume later, in order',
    program(function* () {
      const event = new Event()
      const log: number[] = []
      for (const at of [0, 1, 2]) {
        spawn(function* () {
          yield* event.wait()
          log.push(at)
        })
      }
      yield* sleep(0)
      event.set()
      expect(log).toEqual([])
      yield* sleep(0)
      expect(log).toEqual([0, 1, 2])
    }),
  )

  test(
    'set followed at once by clear wakes all waiters with true',
    program(function* () {
      const event = new Event()
      const log: unknown[] = []
      const waiters = [0, 1, 2].map((at) =>
        spawn(function* () {
          log.push([at, yield* event.wait(), event.isSet()])
        }),
      )
      const timed = spawn(() => event.wait({ timeout: 1000 }))
      yield* sleep(0)
      event.set()
      event.clear()
      expect(log).toEqual([])
      for (const waiter of waiters) yield* waiter
      expect(log).toEqual([
        [0, true, false],
        [1, true, false],
        [2, true, false],
      ])
      expect(yield* timed).toBe(true)
    }),
  )

  test(
    'a greenlet that waits while others are being woken runs after them, in the same batch',
    program(function* () {
      const event = new Event()
      const log: number[] = []
      for (const at of [1, 2]) {
        spawn(function* () {
          yield* event.wait()
          log.push(at)
        })
      }
      yield* sleep(0)
      let isNextTick = false
      setImmediate(() => {
        isNextTick = true
      })
      event.set()
      yield* event.wait()
      log.push(3)
      expect(log).toEqual([1, 2, 3])
      expect(isNextTick).toBe(false)
    }),
  )

  test(
    'a woken waiter may wait again, or poll with a timeout of 0, while others are still being woken',
    program(function* () {
      const event = new Event()
      const eager = spawn(function* () {
        yield* event.wait()
        return [yield* event.wait({ timeout: 0 }), yield* event.wait()]
      })
      const other = spawn(() => event.wait())
      yield* turns(1)
      event.set()
      expect(yield* other).toBe(true)
      expect(yield* eager).toEqual([true, true])
    }),
  )

  test(
    'a link may be removed between the set and its turn, and removing an unknown one is not an error',
    program(function* () {
      const event = new Event()
      const calls: unknown[] = []
      const link = () => calls.push('called')
      event.rawlink(link)
      event.set()
      expect(event.linkCount()).toBe(1)
      event.unlink(link)
      event.unlink(link)
      expect(event.linkCount()).toBe(0)
      yield* turns(2)
      expect(calls).toEqual([])
    }),
  )

  test(
    'a waiter that clears and waits again is not woken by the same set',
    program(function* () {
      const event = new Event()
      const log: string[] = []
      const a = spawn(function* () {
        log.push(`a ${yield* event.wait()}`)
        event.clear()
        log.push(`a ${yield* event.wait({ timeout: 3 })}`)
      })
      const b = spawn(function* () {
        log.push(`b ${yield* event.wait()}`)
        log.push(`b ${yield* event.wait({ timeout: 3 })}`)
      })
      yield* sleep(0)
      event.set()
      yield* a
      yield* b
      expect(log).toEqual(['a true', 'b true', 'a false', 'b false'])
    }),
  )

  test(
    'a killed or timed-out waiter leaves no link behind',
    program(function* () {
      const event = new Event()
      const waiter = spawn(() => event.wait())
      const timed = spawn(() => event.wait({ timeout: 2 }))
      yield* sleep(0)
      expect(event.linkCount()).toBe(2)
      yield* waiter.kill()
      expect(yield* timed).toBe(false)
      expect(event.linkCount()).toBe(0)
      using _limit = new Disposer(Timeout.startNew(1))
      yield* raisedBy(event.wait())
      expect(event.linkCount()).toBe(0)
    }),
  )

  test(
    'a rawlink is called once, even if the event is set again',
    program(function* () {
      const event = new Event()
      const seen: unknown[] = []
      event.rawlink((source) => seen.push(source))
      event.set()
      expect(seen.length).toBe(0)
      yield* sleep(0)
      event.clear()
      event.set()
      yield* sleep(0)
      expect(seen.length).toBe(1)
      expect(seen[0]).toBe(event)
      event.rawlink(() => seen.push('late'))
      expect(seen.length).toBe(1)
      yield* sleep(0)
      expect(seen.length).toBe(2)
    }),
  )

  test(
    'the error of a rawlink is reported, and the next rawlink is called',
    program(function* () {
      const reports = collectReports()
      const event = new Event()
      const log: string[] = []
      const error = new RangeError('boom')
      event.rawlink(() => {
        throw error
      })
      event.rawlink(() => log.push('next'))
      event.set()
      yield* turns(2)
      expect(log).toEqual(['next'])
      expect(reports.map((report) => report.error)).toEqual([error])
    }),
  )

  test(
    'may be set by a callback of the hub or of the platform',
    program(function* () {
      const event = new Event()
      getHub().runCallback(() => event.set())
      expect(yield* event.wait()).toBe(true)
      event.clear()
      setTimeout(() => event.set(), 2)
      expect(yield* event.wait()).toBe(true)
    }),
  )

  test('invalid arguments are rejected up front', () => {
    expect(() => new Event().wait({ timeout: '5' as never })).toThrow(TypeError)
    expect(() => new Event().rawlink(5 as never)).toThrow(TypeError)
  })
})

class Disposer {
  private readonly timeout: Timeout
  constructor(timeout: Timeout) {
    this.timeout = timeout
  }
  [Symbol.dispose](): void {
    this.timeout.close()
  }
}

test(
  'a link added to a ready object is called in the hub',
  program(function* () {
    const set = new Event()
    set.set()
    const result = new AsyncResult<number>()
    result.set(1)
    for (const source of [set, result, new Semaphore(1)]) {
      const callers: unknown[] = []
      source.rawlink(() => callers.push(getcurrent()))
      yield* turns(1)
      expect(callers).toEqual([getHub()])
    }
  }),
)

test(
  'a link that adds itself again whenever it is called does not starve other greenlets',
  program(function* () {
    const set = new Event()
    set.set()
    const result = new AsyncResult<number>()
    result.set(1)
    for (const source of [set, result, new Semaphore(1)]) {
      let calls = 0
      const again = () => {
        calls += 1
        if (calls < 1000) source.rawlink(again)
      }
      source.rawlink(again)
      yield* turns(3)
      expect(calls).toBeLessThan(10)
      source.unlink(again)
    }
  }),
)
