import { getHub, sleep, spawn, wait } from '@greenlit/core'
import { BoundedSemaphore, Event, Lock, Queue, RLock, Semaphore, TimeoutError } from '@greenlit/process'
import { describe, expect, test } from 'vitest'
import { joined, starter } from '../children.ts'
import { failure, guardLeaks, run } from '../guard.ts'

guardLeaks()

describe('locks in one process', () => {
  test('a Lock is acquired once, and released once, by anyone', () =>
    run(function* () {
      const lock = new Lock()
      expect([
        yield* lock.acquire(),
        yield* lock.acquire({ block: false }),
        yield* lock.acquire({ blocking: false }),
      ]).toEqual([true, false, false])
      expect(yield* lock.acquire({ timeout: 5 })).toBe(false)
      expect(yield* lock.acquire({ timeout: -1 })).toBe(false)
      expect(yield* lock.locked()).toBe(true)
      yield* spawn(() => lock.release())
      expect(yield* lock.locked()).toBe(false)
      expect(() => lock.release()).toThrow(RangeError)
    }))

  test('hold releases it, once', () =>
    run(function* () {
      const lock = new Lock()
      const held = yield* lock.hold()
      expect(yield* failure(lock.hold({ timeout: 5 }))).toBeInstanceOf(TimeoutError)
      held.dispose()
      held.dispose()
      expect(yield* lock.acquire({ block: false })).toBe(true)
    }))

  test('an RLock belongs to a greenlet', () =>
    run(function* () {
      const lock = new RLock()
      for (let i = 0; i < 3; i += 1) expect(yield* lock.acquire()).toBe(true)
      expect(yield* spawn(() => lock.acquire({ block: false }))).toBe(false)
      expect(yield* spawn(() => failure(coroutineOf(() => lock.release())))).toMatchObject({
        message: expect.stringContaining('not owned'),
      })
      for (let i = 0; i < 3; i += 1) lock.release()
      expect(() => lock.release()).toThrow('not owned')
      expect(yield* spawn(() => lock.acquire({ block: false }))).toBe(true)
    }))

  test('semaphores count, and bounded ones not beyond their initial value', () =>
    run(function* () {
      const semaphore = new Semaphore(2)
      yield* semaphore.acquire()
      yield* semaphore.acquire()
      expect([yield* semaphore.getValue(), yield* semaphore.acquire({ block: false })]).toEqual([0, false])
      yield* semaphore.release()
      yield* semaphore.release()
      yield* semaphore.release()
      expect(yield* semaphore.getValue()).toBe(3)
      const bounded = new BoundedSemaphore(1)
      expect(() => bounded.release()).toThrow(RangeError)
      yield* bounded.acquire()
      yield* bounded.release()
      expect(() => new Semaphore(-1)).toThrow('Expected `value`')
    }))

  test('a killed waiter acquires nothing, and the others are served in order', () =>
    run(function* () {
      const lock = new Lock()
      yield* lock.acquire()
      const order: number[] = []
      const waiters = [0, 1, 2].map((n) =>
        spawn(function* () {
          yield* lock.acquire()
          order.push(n)
          lock.release()
        }),
      )
      yield* sleep(0)
      yield* waiters[1]!.kill()
      lock.release()
      yield* wait(waiters)
      expect(order).toEqual([0, 2])
    }))

  test('a greenlet that is killed before it receives a lock does not keep it', () =>
    run(function* () {
      const lock = new Lock()
      yield* lock.acquire()
      const waiter = spawn(() => lock.acquire())
      yield* sleep(0)
      lock.release()
      yield* waiter.kill()
      if (waiter.value === true) lock.release()
      expect(yield* lock.acquire({ timeout: 1000 })).toBe(true)
    }))

  test('a permit for a greenlet that is being killed goes to the next one, once', () =>
    run(function* () {
      for (const lock of [new Lock(), new Semaphore(1), new BoundedSemaphore(1)]) {
        yield* lock.acquire()
        const [victim, next] = [spawn(() => lock.acquire()), spawn(() => lock.acquire())]
        yield* sleep(0)
        victim.kill()
        lock.release()
        expect(yield* next).toBe(true)
        expect(yield* lock.acquire({ block: false })).toBe(false)
        yield* lock.release()
        expect(yield* lock.acquire({ block: false })).toBe(true)
        expect(yield* lock.locked()).toBe(true)
      }
    }))

  test('can be waited for together with other objects, which does not acquire them', () =>
    run(function* () {
      for (const lock of [new Lock(), new Semaphore(1)]) {
        yield* lock.acquire()
        const waiter = spawn(() => wait([lock, new Event()], { count: 1 }))
        yield* sleep(0)
        expect(waiter.ready()).toBe(false)
        yield* lock.release()
        expect(yield* waiter).toEqual([lock])
        expect(yield* wait([lock])).toEqual([lock])
        expect(yield* lock.acquire({ block: false })).toBe(true)
        expect(yield* wait([lock], { timeout: 5 })).toEqual([])
      }
    }))
})

describe.each(['process', 'thread'] as const)('locks with a %s', (context) => {
  const start = starter(context)

  test('let one in at a time', () =>
    run(function* () {
      const [lock, log] = [new Lock(), new Queue<string>()]
      yield* joined(...['a', 'b', 'c'].map((name) => start('critical', lock, log, name)))
      for (let i = 0; i < 15; i += 1)
        expect((yield* log.get()).replace('in', '')).toBe((yield* log.get()).replace('out', ''))
    }))

  test('are seen as held by a child, which cannot release them too often', () =>
    run(function* () {
      const [lock, results] = [new Lock(), new Queue<unknown>()]
      yield* lock.acquire()
      yield* joined(start('tryAcquire', lock, results))
      expect([yield* results.get(), yield* results.get()]).toEqual([false, false])
      lock.release()
      yield* joined(start('releaseTooOften', lock, results), start('releaseTooOften', new BoundedSemaphore(2), results))
      expect([yield* results.get(), yield* results.get()]).toEqual(['RangeError', 'RangeError'])
    }))

  test('an RLock is reentrant in a child too', () =>
    run(function* () {
      const [lock, results] = [new RLock(), new Queue<unknown>()]
      yield* joined(start('recursiveLock', lock, results))
      expect([yield* results.get(), yield* results.get()]).toEqual([[true, false], [false]])
      expect(yield* results.get()).toContain('not owned')
    }))

  test.each([
    ['Lock', () => new Lock()],
    ['RLock', () => new RLock()],
    ['Semaphore', () => new Semaphore(1)],
    ['BoundedSemaphore', () => new BoundedSemaphore(1)],
  ])('a %s that a child holds when it is killed is released, and that is reported', (_kind, make) =>
    run(function* () {
      const [lock, ready] = [make(), new Event()]
      const reported: string[] = []
      getHub().exceptionStream = { write: (text) => reported.push(text) }
      const child = start('holdAndSay', lock, ready)
      yield* ready.wait()
      const waiter = spawn(() => lock.acquire())
      yield* sleep(0)
      child.kill()
      expect(yield* waiter).toBe(true)
      expect(reported.join()).toContain('is released')
      yield* child.join()
    }),
  )

  test('a Lock that a child gives up waiting for as it gets it and ends is free, and nothing is reported', () =>
    run(function* () {
      const [lock, ready] = [new Lock(), new Queue<boolean>()]
      const reported: string[] = []
      getHub().exceptionStream = { write: (text) => reported.push(text) }
      yield* lock.acquire()
      const child = start('acquiresAndGivesUp', lock, ready)
      yield* ready.get()
      yield* lock.release()
      yield* joined(child)
      expect(yield* lock.acquire({ block: false })).toBe(true)
      expect(reported).toEqual([])
    }))

  test('a Lock that was released on behalf of a child, and then acquired elsewhere, is not released when the child dies', () =>
    run(function* () {
      const [lock, ready] = [new Lock(), new Event()]
      const child = start('holdAndSay', lock, ready)
      yield* ready.wait()
      yield* lock.release()
      expect(yield* lock.acquire()).toBe(true)
      child.kill()
      yield* child.join()
      expect(yield* lock.acquire({ block: false })).toBe(false)
      yield* lock.release()
    }))

  test('a semaphore used as a signal keeps its count when a child that waited on it ends', () =>
    run(function* () {
      const [semaphore, results] = [new Semaphore(0), new Queue<boolean>()]
      yield* semaphore.release()
      yield* joined(start('tryAcquire', semaphore, results))
      expect([yield* results.get(), yield* results.get()]).toEqual([true, false])
      expect(yield* semaphore.getValue()).toBe(0)
    }))
})

function* coroutineOf(fn: () => unknown) {
  yield* sleep(0)
  return fn()
}
