import { BoundedSemaphore, DummySemaphore, Lock, Semaphore, sleep, spawn, Timeout } from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import { program, raisedBy, turns } from '../support.ts'

describe('Semaphore', () => {
  test(
    'acquire may wait, not wait at all, or wait with a timeout',
    program(function* () {
      const semaphore = new Semaphore(1)
      expect(semaphore.ready()).toBe(true)
      expect(yield* semaphore.acquire()).toBe(true)
      expect(yield* semaphore.acquire({ blocking: false })).toBe(false)
      expect(yield* semaphore.acquire({ timeout: 2 })).toBe(false)
      expect(yield* semaphore.acquire({ timeout: 0 })).toBe(false)
      expect([semaphore.locked(), semaphore.ready(), semaphore.counter]).toEqual([true, false, 0])
      expect(semaphore.release()).toBe(1)
      expect(semaphore.locked()).toBe(false)
    }),
  )

  test(
    'with two permits the third acquire fails, and succeeds after a release',
    program(function* () {
      const semaphore = new Semaphore(2)
      const take = () => semaphore.acquire({ blocking: false })
      expect([yield* take(), yield* take(), yield* take()]).toEqual([true, true, false])
      semaphore.release()
      expect([yield* take(), yield* take()]).toEqual([true, false])
    }),
  )

  test(
    'more permits may be released than were acquired',
    program(function* () {
      const semaphore = new Semaphore()
      expect(semaphore.release()).toBe(2)
      expect(semaphore.release()).toBe(3)
    }),
  )

  test(
    'releasing several permits at once wakes as many waiters',
    program(function* () {
      for (const semaphore of [new Semaphore(3), new BoundedSemaphore(3)]) {
        for (let taken = 0; taken < 3; taken += 1) yield* semaphore.acquire()
        const waiting = [0, 1, 2].map(() => spawn(() => semaphore.acquire()))
        yield* turns(2)
        for (const count of [0, -1, 1.5]) expect(() => semaphore.release(count)).toThrow(RangeError)
        expect(semaphore.counter).toBe(0)
        expect(semaphore.release(2)).toBe(2)
        yield* turns(2)
        expect(waiting.map((one) => one.ready())).toEqual([true, true, false])
        expect(semaphore.counter).toBe(0)
        expect(semaphore.release(3)).toBe(3)
        yield* turns(2)
        expect([waiting[2]!.ready(), semaphore.counter]).toEqual([true, 2])
      }
      const bounded = new BoundedSemaphore(2)
      yield* bounded.acquire()
      expect(() => bounded.release(2)).toThrow(/too many times/)
      expect(bounded.counter).toBe(1)
    }),
  )

  test(
    'waiters get permits in order, and none runs before the releaser waits',
    program(function* () {
      const semaphore = new Semaphore(0)
      const log: number[] = []
      for (const at of [0, 1, 2]) {
        spawn(function* () {
          yield* semaphore.acquire()
          log.push(at)
        })
      }
      yield* sleep(0)
      semaphore.release()
      semaphore.release()
      expect(log).toEqual([])
      yield* sleep(0)
      expect(log).toEqual([0, 1])
      expect(semaphore.counter).toBe(0)
      semaphore.release()
      yield* sleep(0)
      expect(log).toEqual([0, 1, 2])
    }),
  )

  test(
    'a running greenlet may take the permit before the woken waiter, which keeps its place',
    program(function* () {
      const semaphore = new Semaphore(0)
      const log: number[] = []
      for (const at of [0, 1, 2]) {
        spawn(function* () {
          yield* semaphore.acquire()
          log.push(at)
        })
      }
      yield* sleep(0)
      semaphore.release()
      expect(yield* semaphore.acquire({ blocking: false })).toBe(true)
      yield* turns(2)
      expect(log).toEqual([])
      for (let released = 0; released < 3; released += 1) {
        semaphore.release()
        yield* sleep(0)
      }
      expect(log).toEqual([0, 1, 2])
    }),
  )

  test(
    'a greenlet that reacquires without waiting in between keeps the permit from others',
    program(function* () {
      const semaphore = new Semaphore(1)
      const log: string[] = []
      const hog = spawn(function* () {
        for (let time = 0; time < 3; time += 1) {
          yield* semaphore.acquire()
          log.push('hog')
          yield* sleep(0)
          semaphore.release()
        }
      })
      const other = spawn(function* () {
        yield* semaphore.acquire()
        log.push('other')
        semaphore.release()
      })
      yield* hog
      yield* other
      expect(log).toEqual(['hog', 'hog', 'hog', 'other'])
    }),
  )

  test(
    'a killed waiter takes no permit, and the next one gets it',
    program(function* () {
      const semaphore = new Semaphore(0)
      const [x, y] = [spawn(() => semaphore.acquire()), spawn(() => semaphore.acquire())]
      yield* sleep(0)
      x.kill()
      semaphore.release()
      expect(yield* y).toBe(true)
      expect(semaphore.counter).toBe(0)
      yield* x.join()
      expect(semaphore.linkCount()).toBe(0)
    }),
  )

  test(
    'a waiter that is killed between the release and its turn leaks no permit',
    program(function* () {
      const semaphore = new Semaphore(0)
      const [x, y] = [spawn(() => semaphore.acquire()), spawn(() => semaphore.acquire())]
      yield* sleep(0)
      semaphore.release()
      x.kill()
      yield* x.join()
      if ((x.value as unknown) === true) semaphore.release()
      expect(yield* y).toBe(true)
      expect(semaphore.counter).toBe(0)
    }),
  )

  test(
    'a waiter that times out takes no permit',
    program(function* () {
      const semaphore = new Semaphore(0)
      expect(yield* semaphore.acquire({ timeout: 1 })).toBe(false)
      semaphore.release()
      yield* turns(2)
      expect(semaphore.counter).toBe(1)
      expect(semaphore.linkCount()).toBe(0)
    }),
  )

  test(
    'wait waits until there is a permit, without taking it',
    program(function* () {
      const semaphore = new Semaphore(0)
      expect(yield* semaphore.wait({ timeout: 0 })).toBe(0)
      expect(yield* semaphore.wait({ timeout: 1 })).toBe(0)
      const waiter = spawn(() => semaphore.wait())
      yield* sleep(0)
      semaphore.release()
      expect(yield* waiter).toBe(1)
      expect(semaphore.counter).toBe(1)
      expect(yield* semaphore.wait()).toBe(1)
    }),
  )

  test(
    'each rawlink is called once, when there is a permit',
    program(function* () {
      const semaphore = new Semaphore(0)
      const log: string[] = []
      semaphore.rawlink(() => log.push('a'))
      semaphore.release()
      semaphore.rawlink(() => log.push('b'))
      semaphore.release()
      yield* turns(2)
      expect(log).toEqual(['a', 'b'])
      const never = () => log.push('never')
      const empty = new Semaphore(0)
      empty.rawlink(never)
      empty.unlink(never)
      empty.release()
      yield* turns(2)
      expect(log).toEqual(['a', 'b'])
    }),
  )

  test(
    'hold releases the permit at the end of the block, even if the block throws',
    program(function* () {
      const semaphore = new Semaphore(1)
      {
        using _held = yield* semaphore.hold()
        expect(semaphore.locked()).toBe(true)
      }
      expect(semaphore.locked()).toBe(false)
      const error = yield* raisedBy(
        (function* () {
          using _held = yield* semaphore.hold()
          throw new RangeError('boom')
        })(),
      )
      expect((error as Error).message).toBe('boom')
      expect(semaphore.counter).toBe(1)
    }),
  )

  test(
    'hold releases the permit when its greenlet is killed, and only once',
    program(function* () {
      const semaphore = new Semaphore(1)
      const holder = spawn(function* () {
        using held = yield* semaphore.hold()
        yield* sleep(10_000)
        held.dispose()
      })
      yield* sleep(0)
      yield* holder.kill()
      expect(semaphore.counter).toBe(1)
      const held = yield* semaphore.hold()
      held.dispose()
      held.dispose()
      expect(semaphore.counter).toBe(1)
    }),
  )

  test(
    'hold raises Timeout when its time has expired',
    program(function* () {
      const semaphore = new Semaphore(0)
      expect(yield* raisedBy(semaphore.hold({ timeout: 1 }))).toBeInstanceOf(Timeout)
      const own = new Timeout(1)
      expect(yield* raisedBy(semaphore.hold({ timeout: own }))).toBe(own)
    }),
  )

  test(
    'ten greenlets that each take two permits pass in phases',
    program(function* () {
      const semaphore = new Semaphore(7)
      yield* semaphore.acquire()
      let [first, second] = [0, 0]
      const takers = Array.from({ length: 10 }, () =>
        spawn(function* () {
          expect(yield* semaphore.acquire()).toBe(true)
          first += 1
          yield* sleep(0)
          expect(yield* semaphore.acquire()).toBe(true)
          second += 1
        }),
      )
      const releaseAndCount = function* (count: number) {
        for (let released = 0; released < count; released += 1) semaphore.release()
        yield* turns(30)
        return first + second
      }
      expect(yield* releaseAndCount(0)).toBe(6)
      expect(yield* releaseAndCount(7)).toBe(13)
      expect(yield* releaseAndCount(6)).toBe(19)
      expect(yield* semaphore.acquire({ blocking: false })).toBe(false)
      expect(yield* releaseAndCount(1)).toBe(20)
      for (const taker of takers) yield* taker
    }),
  )

  test('invalid arguments are rejected up front', () => {
    expect(() => new Semaphore('1' as never)).toThrow(TypeError)
    for (const wrong of [-1, 1.5, Number.NaN]) expect(() => new Semaphore(wrong as never)).toThrow(RangeError)
    expect(() => new Semaphore(-1)).toThrow('Expected `value` to be a whole number from 0 up, got -1')
    expect(() => new Semaphore().acquire({ timeout: '5' as never })).toThrow(TypeError)
    expect(() => new Semaphore().rawlink(5 as never)).toThrow(TypeError)
    expect(() => new Semaphore().acquire({ blocking: false, timeout: 1 })).toThrow(RangeError)
  })
})

describe('BoundedSemaphore', () => {
  test(
    'refuses a release beyond its initial value',
    program(function* () {
      const semaphore = new BoundedSemaphore(2)
      expect(() => semaphore.release()).toThrow(RangeError)
      yield* semaphore.acquire()
      expect(semaphore.release()).toBe(2)
      expect(() => semaphore.release()).toThrow('released too many times')
      expect(semaphore.counter).toBe(2)
      expect(() => new BoundedSemaphore(-1)).toThrow(RangeError)
    }),
  )
})

describe('DummySemaphore', () => {
  test(
    'never blocks',
    program(function* () {
      const semaphore = new DummySemaphore(1)
      for (let time = 0; time < 3; time += 1) expect(yield* semaphore.acquire()).toBe(true)
      expect(semaphore.locked()).toBe(false)
      expect(semaphore.ready()).toBe(true)
      expect(yield* semaphore.wait()).toBe(1)
      semaphore.release()
      {
        using _held = yield* semaphore.hold()
      }
      const seen: unknown[] = []
      semaphore.rawlink((source) => seen.push(source))
      yield* turns(1)
      expect(seen).toEqual([semaphore])
    }),
  )
})

describe('Lock', () => {
  test(
    'is free, held, and free again, and any greenlet may release it',
    program(function* () {
      const lock = new Lock()
      expect(yield* lock.acquire({ blocking: false })).toBe(true)
      const other = spawn(function* () {
        expect(yield* lock.acquire({ blocking: false })).toBe(false)
        lock.release()
      })
      yield* other
      expect(lock.locked()).toBe(false)
    }),
  )

  test('releasing a free lock throws', () => {
    expect(() => new Lock().release()).toThrow('release unlocked lock')
  })

  test(
    'a timeout ends the wait, and is rejected for a non-blocking acquire',
    program(function* () {
      const lock = new Lock()
      yield* lock.acquire()
      expect(() => lock.acquire({ blocking: false, timeout: 5 })).toThrow(RangeError)
      expect(() => lock.acquire({ timeout: -100 })).toThrow(RangeError)
      expect(yield* lock.acquire({ blocking: false, timeout: -1 })).toBe(false)
      expect(yield* spawn(() => lock.acquire({ timeout: 3 }))).toBe(false)
      lock.release()
    }),
  )

  test(
    'a timeout of -1 waits forever, as in threading',
    program(function* () {
      const lock = new Lock()
      yield* lock.acquire()
      const waiter = spawn(() => lock.acquire({ timeout: -1 }))
      yield* sleep(3)
      expect(waiter.ready()).toBe(false)
      lock.release()
      expect(yield* waiter).toBe(true)
    }),
  )

  test(
    'is handed over to its waiters in order',
    program(function* () {
      const lock = new Lock()
      yield* lock.acquire()
      const log: number[] = []
      const waiters = [0, 1, 2].map((at) =>
        spawn(function* () {
          using _held = yield* lock.hold()
          log.push(at)
          yield* sleep(0)
        }),
      )
      yield* sleep(0)
      lock.release()
      for (const waiter of waiters) yield* waiter
      expect(log).toEqual([0, 1, 2])
      expect(lock.locked()).toBe(false)
    }),
  )
})
