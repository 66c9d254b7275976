import { AsyncResult, Event, Greenlet, GreenletExit, joinall, sleep, spawn, Timeout } from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import { collectReports, program, raisedBy } from '../support.ts'

function* value<T>(of: T) {
  yield* sleep(0)
  return of
}

function* fails(message: string) {
  yield* sleep(0)
  throw new RangeError(message)
}

const namesOf = (greenlets: readonly Greenlet<unknown>[]) => greenlets.map(({ name }) => name)

describe('joinall', () => {
  test(
    'returns the greenlets in the order in which they ended, and throws nothing',
    program(function* () {
      collectReports()
      const c = spawn(() => sleep(5))
      const a = spawn(value, 1)
      const b = spawn(fails, 'boom')
      for (const [name, greenlet] of Object.entries({ a, b, c })) greenlet.name = name
      expect(namesOf(yield* joinall([c, a, b] as Greenlet<unknown>[]))).toEqual(['a', 'b', 'c'])
    }),
  )

  test(
    'greenlets that have ended already come first, in list order',
    program(function* () {
      const [a, b, c] = [spawn(value, 1), spawn(value, 2), spawn(() => sleep(3))]
      yield* sleep(1)
      yield* a
      yield* b
      for (const [name, greenlet] of Object.entries({ a, b, c })) greenlet.name = name
      expect(namesOf(yield* joinall([c, b, a]))).toEqual(['b', 'a', 'c'])
    }),
  )

  test(
    'raiseError throws the earliest failure, and the other greenlets keep running',
    program(function* () {
      collectReports()
      const event = new Event()
      const rest = spawn(() => event.wait())
      const first = spawn(fails, 'first')
      const second = spawn(fails, 'second')
      const error = yield* raisedBy(joinall([rest, second, first], { raiseError: true }))
      expect((error as Error).message).toBe('first')
      expect(error).toBe(first.exception)
      expect(rest.ready()).toBe(false)
      event.set()
      expect(yield* rest).toBe(true)
    }),
  )

  test(
    'raiseError throws an earlier failure as well',
    program(function* () {
      collectReports()
      const failed = spawn(fails, 'boom')
      yield* failed.join()
      expect(yield* raisedBy(joinall([spawn(value, 1), failed], { raiseError: true }))).toBe(failed.exception)
    }),
  )

  test(
    'raiseError throws no earlier failure of a greenlet that count leaves out',
    program(function* () {
      collectReports()
      const failed = spawn(fails, 'boom')
      const fine = spawn(value, 1)
      yield* joinall([failed, fine])
      expect(yield* joinall([fine, failed], { raiseError: true, count: 1 })).toEqual([fine])
      expect(yield* raisedBy(joinall([failed, fine], { raiseError: true, count: 1 }))).toBe(failed.exception)
    }),
  )

  test(
    'raiseError does not count a kill as a failure',
    program(function* () {
      const greenlet = spawn(() => sleep(10_000))
      yield* sleep(0)
      greenlet.kill()
      const ended = yield* joinall([greenlet], { raiseError: true })
      expect(ended[0]!.value as unknown).toBeInstanceOf(GreenletExit)
    }),
  )

  test(
    'with count returns once that many have ended, even with raiseError if none of those failed',
    program(function* () {
      collectReports()
      const sleeper = spawn(() => sleep(10_000))
      const raiser = spawn(fails, 'boom')
      expect(yield* raisedBy(joinall([sleeper, raiser], { raiseError: true, count: 1 }))).toBe(raiser.exception)
      expect([raiser.ready(), sleeper.ready()]).toEqual([true, false])
      const ended = yield* joinall([sleeper, raiser], { count: 1 })
      expect(ended.length).toBe(1)
      expect(ended[0] === raiser).toBe(true)
      expect(sleeper.linkCount()).toBe(0)
      yield* sleeper.kill()
    }),
  )

  test(
    'returns no more than count greenlets that have ended already',
    program(function* () {
      const greenlets = [spawn(value, 1), spawn(value, 2), spawn(value, 3)]
      for (const greenlet of greenlets) yield* greenlet
      const ended = yield* joinall(greenlets, { count: 2, raiseError: true })
      expect(ended.map((greenlet) => greenlet.value)).toEqual([1, 2])
    }),
  )

  test(
    'raiseError leaves nothing linked after an earlier failure',
    program(function* () {
      collectReports()
      const event = new Event()
      const failed = spawn(fails, 'boom')
      yield* failed.join()
      expect(yield* raisedBy(joinall([event, failed], { raiseError: true }))).toBe(failed.exception)
      expect(event.linkCount()).toBe(0)
    }),
  )

  test(
    'a count that is too large means all, and 0 waits for none',
    program(function* () {
      const greenlet = spawn(value, 1)
      expect((yield* joinall([greenlet], { count: 0 })).length).toBe(0)
      expect(greenlet.ready()).toBe(false)
      expect((yield* joinall([greenlet], { count: 10 })).length).toBe(1)
    }),
  )

  test(
    'on timeout returns the greenlets that have ended',
    program(function* () {
      const sleeper = spawn(() => sleep(10_000))
      const quick = spawn(value, 1)
      const ended = yield* joinall([sleeper, quick], { timeout: 5 })
      expect(ended.length).toBe(1)
      expect(ended[0] === quick).toBe(true)
      expect(sleeper.linkCount()).toBe(0)
      expect((yield* joinall([sleeper], { timeout: 0 })).length).toBe(0)
      yield* sleeper.kill()
    }),
  )

  test(
    'a greenlet that is never started does not end',
    program(function* () {
      const unstarted = new Greenlet(() => 1)
      expect((yield* joinall([unstarted], { timeout: 2 })).length).toBe(0)
    }),
  )

  test(
    'an empty list returns immediately',
    program(function* () {
      expect(yield* joinall([])).toEqual([])
      expect(yield* joinall(new Set<Greenlet>())).toEqual([])
    }),
  )

  test(
    'a greenlet that is listed twice counts twice',
    program(function* () {
      const greenlet = spawn(value, 1)
      expect((yield* joinall([greenlet, greenlet])).length).toBe(2)
      expect((yield* joinall([greenlet, greenlet])).length).toBe(2)
    }),
  )

  test(
    'unlinks from all greenlets when it is killed',
    program(function* () {
      const event = new Event()
      const waited = [spawn(() => event.wait()), spawn(() => event.wait())]
      const joiner = spawn(() => joinall(waited))
      yield* sleep(0)
      expect(waited.map((greenlet) => greenlet.linkCount())).toEqual([1, 1])
      yield* joiner.kill()
      expect(waited.map((greenlet) => greenlet.linkCount())).toEqual([0, 0])
      event.set()
      yield* joinall(waited)
    }),
  )

  test(
    'a Timeout of the caller passes through',
    program(function* () {
      const sleeper = spawn(() => sleep(10_000))
      const timeout = Timeout.startNew(3)
      expect(yield* raisedBy(joinall([sleeper], { timeout: 1000 }))).toBe(timeout)
      yield* sleeper.kill()
    }),
  )

  test('works at top level', async () => {
    const [a, b] = await joinall([spawn(value, 1), spawn(value, 2)])
    expect([a!.value, b!.value]).toEqual([1, 2])
  })

  test('bad arguments are rejected up front, with a clear message', () => {
    function* work() {}
    expect(() => joinall([work()] as never)).toThrow('Expected `greenlets` to hold greenlets, got a generator object')
    expect(() => joinall([5] as never)).toThrow('Expected `greenlets` to hold greenlets, got 5')
    expect(() => joinall(5 as never)).toThrow('Expected `greenlets` to be iterable, got 5')
    expect(() => joinall([], { count: -1 })).toThrow(RangeError)
    expect(() => joinall([], { count: 1.5 })).toThrow(RangeError)
    expect(() => joinall([], { timeout: '5' as never })).toThrow(TypeError)
  })
})

test(
  'anything with rawlink can be joined, and its failure is raised',
  program(function* () {
    const event = new Event()
    const result = new AsyncResult<number>()
    const greenlet = spawn(() => sleep(0))
    const setter = spawn(function* () {
      yield* sleep(1)
      result.set(1)
      yield* sleep(1)
      event.set()
    })
    expect(yield* joinall([event, result, greenlet, setter, event])).toEqual([greenlet, result, event, event, setter])
    expect(yield* joinall([event, new Event()], { timeout: 1 })).toEqual([event])
    expect(event.linkCount()).toBe(0)
    const failing = new AsyncResult()
    const waiting = spawn(() => raisedBy(joinall([new Event(), failing], { raiseError: true })))
    yield* sleep(0)
    const error = new RangeError('boom')
    failing.setException(error)
    expect(yield* waiting).toBe(error)
    const killed = spawn(() => joinall([result, failing, new Event(), event, new Event()]))
    yield* sleep(0)
    yield* killed.kill()
  }),
)

test(
  'a linked object may call back from anywhere',
  program(function* () {
    const callbacks = new Set<(source: unknown) => unknown>()
    const own = {
      rawlink: (callback: (source: unknown) => unknown) => void callbacks.add(callback),
      unlink: (callback: (source: unknown) => unknown) => void callbacks.delete(callback),
    }
    const waiting = spawn(() => joinall([own]))
    yield* sleep(0)
    for (const callback of callbacks) callback(own)
    expect(waiting.dead).toBe(false)
    expect(yield* waiting).toEqual([own])
    expect(callbacks.size).toBe(0)
  }),
)
