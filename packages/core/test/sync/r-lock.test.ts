import { RLock, sleep, spawn, Timeout } from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import { program, raisedBy, thrownBy, turns } from '../support.ts'

describe('RLock', () => {
  test(
    'its owner may acquire it again, and it is free once released as many times',
    program(function* () {
      const lock = new RLock()
      expect(yield* lock.acquire()).toBe(true)
      expect(yield* lock.acquire()).toBe(true)
      lock.release()
      expect(yield* lock.acquire({ blocking: false })).toBe(true)
      lock.release()
      expect(lock.locked()).toBe(true)
      expect(yield* spawn(() => lock.acquire({ blocking: false }))).toBe(false)
      lock.release()
      expect(lock.locked()).toBe(false)
      expect(() => lock.release()).toThrow('cannot release un-acquired lock')
    }),
  )

  test(
    'only its owner may release it',
    program(function* () {
      const lock = new RLock()
      yield* lock.acquire()
      const error = yield* spawn(function* () {
        try {
          lock.release()
        } catch (caught) {
          return caught
        }
        return undefined
      })
      expect((error as Error).message).toContain('cannot release un-acquired lock')
      expect(lock.locked()).toBe(true)
      lock.release()
    }),
  )

  test(
    'greenlets acquire it one after the other, in order',
    program(function* () {
      const lock = new RLock()
      const log: number[] = []
      const holders = [0, 1, 2].map((at) =>
        spawn(function* () {
          using _outer = yield* lock.hold()
          using _inner = yield* lock.hold()
          log.push(at)
          yield* sleep(0)
          log.push(at)
        }),
      )
      for (const holder of holders) yield* holder
      expect(log).toEqual([0, 0, 1, 1, 2, 2])
    }),
  )

  test(
    'an attempt of another greenlet to dispose what its owner holds fails, and leaves it to the owner',
    program(function* () {
      const lock = new RLock()
      const held = yield* lock.hold()
      expect(yield* spawn(() => thrownBy(() => held.dispose()))).toBeInstanceOf(Error)
      expect(lock.locked()).toBe(true)
      held.dispose()
      expect(lock.locked()).toBe(false)
      expect(() => held.dispose()).not.toThrow()
    }),
  )

  test(
    'on timeout acquire returns false and hold raises Timeout',
    program(function* () {
      const lock = new RLock()
      const holder = spawn(function* () {
        using _held = yield* lock.hold()
        yield* sleep(10_000)
      })
      yield* sleep(0)
      expect(yield* lock.acquire({ timeout: 2 })).toBe(false)
      expect(yield* lock.acquire({ timeout: 0 })).toBe(false)
      expect(yield* raisedBy(lock.hold({ timeout: 2 }))).toBeInstanceOf(Timeout)
      yield* holder.kill()
      expect(lock.locked()).toBe(false)
    }),
  )

  test(
    'a killed waiter leaves it to the next one',
    program(function* () {
      const lock = new RLock()
      yield* lock.acquire()
      const [x, y] = [spawn(() => lock.acquire()), spawn(() => lock.acquire({ timeout: 1000 }))]
      yield* sleep(0)
      lock.release()
      x.kill()
      yield* turns(3)
      // The greenlet that acquired it has ended without releasing it.
      expect(lock.locked()).toBe(true)
      yield* y.kill()
    }),
  )

  test('plain code may hold it', async () => {
    const lock = new RLock()
    await lock.acquire()
    await lock.acquire()
    lock.release()
    lock.release()
    expect(lock.locked()).toBe(false)
  })

  test('a timeout on a non-blocking acquire is rejected up front', () => {
    expect(() => new RLock().acquire({ blocking: false, timeout: 5 })).toThrow(RangeError)
    expect(() => new RLock().acquire({ timeout: -100 })).toThrow(RangeError)
    expect(() => new RLock().acquire({ timeout: '5' as never })).toThrow(TypeError)
  })
})
