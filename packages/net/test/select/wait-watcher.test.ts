import { sleep, spawn, Timeout, withTimeout } from '@greenlit/core'
import { cancelWait, TimeoutError, wait } from '@greenlit/net'
import { expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, run } from '../pair.ts'

guardLeaks()

/** A watcher that counts its starts and stops, and calls back when told to. */
class Recorder {
  starts = 0
  stops = 0
  callback: () => void = () => {}

  start(callback: () => void): void {
    this.starts += 1
    this.callback = callback
  }

  stop(): void {
    this.stops += 1
  }
}

test('wait ends when the watcher calls back', () =>
  run(function* () {
    const watcher = new Recorder()
    const waiting = spawn(() => wait(watcher, { timeout: 10_000 }))
    yield* sleep(0)
    expect(waiting.ready()).toBe(false)
    watcher.callback()
    expect(yield* waiting.get()).toBe(undefined)
    expect([watcher.starts, watcher.stops]).toEqual([1, 1])
  }))

test('wait throws TimeoutError, or the given error, when the timeout expires', () =>
  run(function* () {
    const watcher = new Recorder()
    expect(yield* failure(wait(watcher, 1))).toBeInstanceOf(TimeoutError)
    expect(yield* failure(wait(watcher, { timeout: 0 }))).toMatchObject({ message: 'timed out' })
    expect(yield* failure(wait(watcher, { timeout: new Timeout(1) }))).toBeInstanceOf(TimeoutError)
    class Late extends Error {}
    expect(yield* failure(wait(watcher, { timeout: 1, timeoutExc: Late }))).toBeInstanceOf(Late)
    const late = new Late()
    expect(yield* failure(wait(watcher, { timeout: 1, timeoutExc: late }))).toBe(late)
    expect(watcher.stops).toBe(watcher.starts)
  }))

test('wait expires even if start blocks, as a coroutine function does', () =>
  run(function* () {
    const watcher = {
      *start() {
        yield* sleep(10_000)
      },
      stop() {},
    }
    expect(yield* failure(wait(watcher, { timeout: 1 }))).toBeInstanceOf(TimeoutError)
  }))

test('a kill and a foreign timeout pass through wait, and stop the watcher', () =>
  run(function* () {
    const watcher = new Recorder()
    const waiting = spawn(() => wait(watcher))
    yield* sleep(0)
    yield* waiting.kill()
    expect(watcher.stops).toBe(1)
    const outcome = yield* withTimeout(1, () => wait(watcher, { timeout: 10_000 }), { timeoutValue: 'outer' })
    expect(outcome).toBe('outer')
    expect(watcher.stops).toBe(2)
  }))

test('cancelWait throws EBADF, or the given error, into the greenlet that waits', () =>
  run(function* () {
    const watcher = new Recorder()
    for (const error of [undefined, new RangeError('given')]) {
      const waiting = spawn(() => failure(wait(watcher)))
      yield* sleep(0)
      cancelWait(watcher, error)
      expect(yield* waiting.get()).toMatchObject(
        error === undefined ? { code: 'EBADF', errno: 9 } : { message: 'given' },
      )
    }
    cancelWait(watcher)
    yield* sleep(0)
    expect(watcher.stops).toBe(2)
  }))

test('wait and cancelWait refuse bad arguments at once', () => {
  const watcher = new Recorder()
  expect(() => wait({} as never)).toThrow(TypeError)
  expect(() => wait(watcher, -1)).toThrow(RangeError)
  expect(() => wait(watcher, { timeout: 'x' as never })).toThrow(TypeError)
  expect(() => wait(watcher, { timeoutExc: 5 as never })).toThrow('`timeoutExc`')
  expect(() => cancelWait({} as never)).toThrow(TypeError)
  expect(() => cancelWait(watcher, 'x' as never)).toThrow(TypeError)
  expect(watcher.starts).toBe(0)
})
