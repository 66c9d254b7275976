import { AsyncResult, sleep, spawn, Timeout } from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import { collectReports, program, raisedBy, thrownBy, turns } from '../support.ts'

describe('AsyncResult', () => {
  test(
    'get without block, get with a timeout of 0 and getNowait raise Timeout while there is no result',
    program(function* () {
      const result = new AsyncResult<number>()
      expect(yield* raisedBy(result.get({ block: false }))).toBeInstanceOf(Timeout)
      expect(yield* raisedBy(result.get({ timeout: 0 }))).toBeInstanceOf(Timeout)
      expect(thrownBy(() => result.getNowait())).toBeInstanceOf(Timeout)
      expect([result.ready(), result.successful(), result.value, result.exception]).toEqual([
        false,
        false,
        undefined,
        undefined,
      ])
    }),
  )

  test(
    'on timeout get raises Timeout and wait returns undefined',
    program(function* () {
      const result = new AsyncResult<number>()
      const error = yield* raisedBy(result.get({ timeout: 2 }))
      expect(error).toBeInstanceOf(Timeout)
      expect((error as Timeout).milliseconds).toBe(2)
      const own = new Timeout(2)
      expect(yield* raisedBy(result.get({ timeout: own }))).toBe(own)
      expect(yield* result.wait({ timeout: 2 })).toBeUndefined()
      expect(yield* result.wait({ timeout: 0 })).toBeUndefined()
      expect(result.linkCount()).toBe(0)
    }),
  )

  test(
    'undefined is a value like any other',
    program(function* () {
      const result = new AsyncResult<undefined>()
      result.set()
      expect([result.ready(), result.successful()]).toEqual([true, true])
      expect(yield* result.get()).toBeUndefined()
      expect(result.getNowait()).toBeUndefined()
      const nothing = new AsyncResult<null>()
      nothing.set(null)
      expect(yield* nothing).toBeNull()
    }),
  )

  test(
    'set overrides an earlier setException',
    program(function* () {
      const result = new AsyncResult<number>()
      result.setException(new RangeError('boom'))
      expect([result.ready(), result.successful()]).toEqual([true, false])
      result.set(5)
      expect(yield* result.get()).toBe(5)
      expect(result.exception).toBeUndefined()
    }),
  )

  test(
    'the last value set wins, even for waiters that were already woken but have yet to run',
    program(function* () {
      const result = new AsyncResult<number>()
      const waiter = spawn(() => result.get())
      yield* sleep(0)
      result.set(1)
      result.set(2)
      expect(yield* waiter).toBe(2)
    }),
  )

  test(
    'waiters resume in order, each with the value, and set itself runs none of them',
    program(function* () {
      const result = new AsyncResult<string>()
      const log: string[] = []
      for (const at of [0, 1, 2]) {
        spawn(function* () {
          log.push(`${at} ${yield* at === 1 ? result.wait() : result.get()}`)
        })
      }
      yield* sleep(0)
      result.set('v')
      expect(log).toEqual([])
      yield* sleep(0)
      expect(log).toEqual(['0 v', '1 v', '2 v'])
    }),
  )

  test(
    'get throws the same error for every waiter, while wait returns undefined',
    program(function* () {
      const result = new AsyncResult<number>()
      const error = new RangeError('boom')
      const getters = [0, 1].map(() => spawn(() => raisedBy(result.get())))
      const waiter = spawn(() => result.wait())
      yield* sleep(0)
      result.setException(error)
      for (const getter of getters) expect(yield* getter).toBe(error)
      expect(yield* waiter).toBeUndefined()
      expect(result.exception).toBe(error)
      expect(result.value).toBeUndefined()
      expect(thrownBy(() => result.getNowait())).toBe(error)
      expect(yield* raisedBy(result.get({ timeout: 5 }))).toBe(error)
    }),
  )

  test(
    'yield* of the result itself waits like get, and wait on a failed result returns undefined at once',
    program(function* () {
      const [result, failed] = [new AsyncResult<number>(), new AsyncResult<number>()]
      const error = new RangeError('boom')
      const setter = spawn(() => {
        result.set(5)
        failed.setException(error)
      })
      expect(yield* result).toBe(5)
      expect(yield* raisedBy(failed)).toBe(error)
      expect(yield* failed.wait()).toBe(undefined)
      yield* setter
    }),
  )

  test(
    'it takes the value or the error of a greenlet that it is linked to',
    program(function* () {
      collectReports()
      const [good, bad, never] = [new AsyncResult<number>(), new AsyncResult<number>(), new AsyncResult<number>()]
      const succeeding = spawn(() => 5)
      const failing = spawn((): number => {
        throw new RangeError('boom')
      })
      succeeding.link(good)
      failing.link(bad)
      failing.linkValue(never)
      succeeding.linkException(never)
      expect(yield* good.get()).toBe(5)
      expect(yield* raisedBy(bad.get())).toBe(failing.exception)
      yield* turns(2)
      expect(never.ready()).toBe(false)
    }),
  )

  test(
    'it may be linked to another AsyncResult',
    program(function* () {
      const [source, target] = [new AsyncResult<number>(), new AsyncResult<number>()]
      source.rawlink(target)
      source.set(5)
      expect(yield* target.get()).toBe(5)
    }),
  )

  test(
    'a killed waiter leaves no link, and the others get the value',
    program(function* () {
      const result = new AsyncResult<number>()
      const [killed, other] = [spawn(() => result.get()), spawn(() => result.get())]
      yield* sleep(0)
      result.set(5)
      killed.kill()
      expect(yield* other).toBe(5)
      yield* killed.join()
      expect(result.linkCount()).toBe(0)
    }),
  )

  test(
    'it also has the method names of futures',
    program(function* () {
      const result = new AsyncResult<number>()
      expect(result.done()).toBe(false)
      expect(result.cancel()).toBe(false)
      expect(result.cancelled()).toBe(false)
      expect(yield* raisedBy(result.result({ timeout: 1 }))).toBeInstanceOf(Timeout)
      result.setResult(5)
      expect(result.done()).toBe(true)
      expect(yield* result.result()).toBe(5)
    }),
  )

  test('setException instantiates an error class', async () => {
    const result = new AsyncResult<number>()
    result.setException(RangeError)
    expect(result.exception).toBeInstanceOf(RangeError)
    await expect(Promise.resolve(result)).rejects.toBe(result.exception)
  })

  test('setException accepts any thrown value, not only errors', async () => {
    const result = new AsyncResult<number>()
    result.setException('a mere text')
    await expect(Promise.resolve(result)).rejects.toBe('a mere text')
  })

  test('it may be awaited in plain code, any number of times', async () => {
    const result = new AsyncResult<number>()
    setTimeout(() => result.set(5), 1)
    expect(await Promise.all([result, result])).toEqual([5, 5])
    const failed = new AsyncResult<number>()
    failed.setException(new RangeError('boom'))
    await expect(Promise.resolve(failed)).rejects.toThrow('boom')
  })
})
