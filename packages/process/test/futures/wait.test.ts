import { each, type Greenlet, joinall, sleep, spawn } from '@greenlit/core'
import {
  ALL_COMPLETED,
  asCompleted,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  Future,
  type ReturnWhen,
  TimeoutError,
  wait,
} from '@greenlit/process/futures'
import { describe, expect, test } from 'vitest'
import { failure, guardLeaks, run } from '../guard.ts'

guardLeaks()

function some() {
  const successful = new Future<number>()
  successful.setResult(1)
  const failed = new Future<number>()
  failed.setException(new RangeError('bad'))
  const cancelled = new Future<number>()
  cancelled.cancel()
  return { successful, failed, cancelled, first: new Future<number>(), second: new Future<number>() }
}

/** The names of futures: comparing the futures themselves would wait for them. */
const namesOf = (named: object, futures: Iterable<unknown>) =>
  [...futures].map((future) => Object.entries(named).find(([, one]) => one === future)?.[0])

describe('wait', () => {
  test('returns when all are done, each of which counts once', () =>
    run(function* () {
      const named = some()
      const { successful, failed, cancelled, first } = named
      const waiter = spawn(() => wait([successful, failed, cancelled, first, first]))
      yield* sleep(0)
      expect(waiter.ready()).toBe(false)
      first.setResult(2)
      const { done, notDone } = yield* waiter
      expect(namesOf(named, done)).toEqual(['successful', 'failed', 'cancelled', 'first'])
      expect(notDone.size).toBe(0)
    }))

  test('returns with the first that is done', () =>
    run(function* () {
      const named = some()
      const { cancelled, first, second } = named
      const waiter = spawn(() => wait([first, second], { returnWhen: FIRST_COMPLETED }))
      yield* sleep(0)
      first.setException(new Error('bad'))
      expect([...(yield* waiter)].map((futures) => namesOf(named, futures))).toEqual([['first'], ['second']])
      const [done, notDone] = yield* wait([cancelled, second], { returnWhen: FIRST_COMPLETED })
      expect([namesOf(named, done), namesOf(named, notDone)]).toEqual([['cancelled'], ['second']])
    }))

  test('returns with the first that failed, and a cancelled one has not failed', () =>
    run(function* () {
      const third = new Future<number>()
      const named = { ...some(), third }
      const { successful, cancelled, failed, first, second } = named
      const waiter = spawn(() => wait([successful, cancelled, first, second, third], { returnWhen: FIRST_EXCEPTION }))
      yield* sleep(0)
      first.setResult(1)
      yield* sleep(1)
      expect(waiter.ready()).toBe(false)
      second.setException(new Error('bad'))
      const [done, notDone] = yield* waiter
      expect(namesOf(named, done)).toEqual(['successful', 'cancelled', 'first', 'second'])
      expect(namesOf(named, notDone)).toEqual(['third'])
      const already = yield* wait([failed, third], { returnWhen: FIRST_EXCEPTION })
      expect(namesOf(named, already.notDone)).toEqual(['third'])
      const none = yield* wait([successful, cancelled], { returnWhen: FIRST_EXCEPTION })
      expect(none.notDone.size).toBe(0)
    }))

  test('returns when its timeout expires, or when there is nothing to wait for', () =>
    run(function* () {
      const named = some()
      const { successful, first } = named
      for (const timeout of [0, 5]) {
        const { done, notDone } = yield* wait([successful, first], { timeout, returnWhen: ALL_COMPLETED })
        expect([namesOf(named, done), namesOf(named, notDone)]).toEqual([['successful'], ['first']])
      }
      for (const returnWhen of [ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION] as ReturnWhen[])
        expect((yield* wait([], { returnWhen })).done.size).toBe(0)
    }))

  test('rejects items that are not futures and invalid conditions', () => {
    expect(() => wait([1] as never)).toThrow('Expected `futures` to hold futures, got 1')
    expect(() => wait(new Future() as never)).toThrow('Expected `futures` to be iterable')
    expect(() => wait([], { returnWhen: 'SOON' as never })).toThrow('Expected `returnWhen` to be one of')
  })
})

describe('asCompleted', () => {
  test('yields futures in the order in which they complete, starting with those already done', () =>
    run(function* () {
      const named = some()
      const { successful, failed, cancelled, first, second } = named
      spawn(function* () {
        yield* sleep(1)
        second.setResult(2)
        first.cancel()
      })
      const given: Future<number>[] = []
      yield* each(asCompleted([first, second, first, cancelled, failed, successful]), (future) => given.push(future))
      expect(namesOf(named, given)).toEqual(['cancelled', 'failed', 'successful', 'second', 'first'])
    }))

  test('can be iterated in plain code', async () => {
    const named = some()
    const { successful, failed } = named
    const given: unknown[] = []
    for await (const future of asCompleted(new Set([successful, failed]))) given.push(future)
    expect(namesOf(named, given)).toEqual(['successful', 'failed'])
  })

  test('yields the completed futures, then throws when its timeout expires', () =>
    run(function* () {
      const { successful, failed, first, second } = some()
      const iterator = asCompleted([first, successful, second, failed], { timeout: 0 })
      expect((yield* iterator.next()).value).toBe(successful)
      expect((yield* iterator.next()).value).toBe(failed)
      const error = yield* failure(iterator.next())
      expect(error).toBeInstanceOf(TimeoutError)
      expect(error.message).toBe('2 (of 4) futures unfinished')
      expect((yield* iterator.next()).done).toBe(true)
      expect(yield* failure(asCompleted([first], { timeout: 5 }).next())).toBeInstanceOf(TimeoutError)
    }))

  test('passes a future that a killed greenlet was about to receive to another one', () =>
    run(function* () {
      for (const killsFirst of [true, false]) {
        const futures = [new Future(), new Future()] as const
        const completed = asCompleted(futures)
        const [victim, other] = [spawn(() => completed.next()), spawn(() => completed.next())]
        yield* sleep(0)
        if (killsFirst) victim.kill()
        futures[1].setResult(1)
        if (!killsFirst) victim.kill()
        expect(yield* other).toEqual({ done: false, value: futures[1] })
        futures[0].setResult(0)
        expect(yield* completed.next()).toEqual({ done: false, value: futures[0] })
        expect((yield* completed.next()).done).toBe(true)
      }
    }))

  test('passes a future to the next caller if its receiver is killed before it runs', () =>
    run(function* () {
      const futures = [new Future(), new Future()] as const
      const victims: Greenlet<unknown>[] = []
      // Called just before the iterator is notified.
      futures[0].rawlink(() => victims[0]!.kill())
      const completed = asCompleted(futures)
      victims.push(spawn(() => completed.next()))
      yield* sleep(0)
      futures[0].setResult(0)
      yield* joinall(victims)
      futures[1].setResult(1)
      yield* sleep(0)
      expect(namesOf(futures, [(yield* completed.next()).value])).toEqual(['0'])
      expect(namesOf(futures, [(yield* completed.next()).value])).toEqual(['1'])
    }))

  test('passes a future to a greenlet that waits already if its receiver is killed before it runs', () =>
    run(function* () {
      const futures = [new Future(), new Future()] as const
      const victims: Greenlet<unknown>[] = []
      // Called just before the iterator is notified.
      futures[0].rawlink(() => victims[0]!.kill())
      const completed = asCompleted(futures)
      victims.push(spawn(() => completed.next()))
      const other = spawn(() => completed.next())
      yield* sleep(0)
      futures[0].setResult(0)
      yield* joinall(victims)
      yield* sleep(0)
      completed.close()
      expect(namesOf(futures, [(yield* other).value])).toEqual(['0'])
    }))

  test('keeps the order of futures that several killed greenlets were about to receive', () =>
    run(function* () {
      const futures = [new Future(), new Future(), new Future()]
      const completed = asCompleted(futures)
      const victims = [spawn(() => completed.next()), spawn(() => completed.next())]
      yield* sleep(0)
      for (const victim of victims) victim.kill()
      for (const future of futures) future.setResult(1)
      yield* joinall(victims)
      const got: unknown[] = []
      for (let next = yield* completed.next(); !next.done; next = yield* completed.next()) got.push(next.value)
      expect(got).toEqual(futures)
    }))

  test('loses none to a kill, and releases all when it is closed', () =>
    run(function* () {
      const { first, second } = some()
      const iterator = asCompleted([first, second])
      const killed = spawn(() => iterator.next())
      const other = spawn(() => iterator.next())
      yield* sleep(0)
      first.setResult(1)
      yield* killed.kill()
      expect((yield* other).value).toBe(first)
      const last = spawn(() => iterator.next())
      yield* sleep(0)
      iterator.close()
      expect((yield* last).done).toBe(true)
      expect((yield* asCompleted([]).next()).done).toBe(true)
    }))
})
