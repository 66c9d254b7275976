import { Barrier, BrokenBarrierError, type Coroutine, type Greenlet, sleep, spawn } from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import { collectReports, program, raisedBy, turns } from '../support.ts'

/** Spawns `count` greenlets, passes each its index, and returns their results once all have ended. */
function* inParallel<T>(count: number, work: (at: number) => Coroutine<T>): Coroutine<T[]> {
  const greenlets = Array.from({ length: count }, (_, at) => spawn(work, at)) as unknown as Greenlet<T>[]
  const results: T[] = []
  for (const greenlet of greenlets) results.push(yield* greenlet)
  return results
}

describe('Barrier', () => {
  for (const passes of [1, 10]) {
    test(
      `five greenlets pass it ${passes} time(s) in lockstep`,
      program(function* () {
        const barrier = new Barrier(5)
        expect(barrier.parties).toBe(5)
        const lists: number[][] = [[], []]
        yield* inParallel(5, function* (at) {
          for (let pass = 0; pass < passes; pass += 1) {
            for (const [which, list] of lists.entries()) {
              list.push(pass)
              yield* barrier.wait()
              expect(list.length).toBe((pass + 1) * 5)
              if (at === which) yield* sleep(0)
              yield* barrier.wait()
            }
          }
        })
        expect(barrier.nWaiting).toBe(0)
        expect(barrier.broken).toBe(false)
      }),
    )
  }

  test(
    'wait returns a distinct index, from 0 up, to each greenlet',
    program(function* () {
      const barrier = new Barrier(5)
      const numbers = yield* inParallel(5, function* () {
        return yield* barrier.wait()
      })
      expect(numbers.toSorted()).toEqual([0, 1, 2, 3, 4])
    }),
  )

  test(
    'the action runs once, before any greenlet is let through',
    program(function* () {
      const log: string[] = []
      const barrier = new Barrier(3, () => log.push('action'))
      yield* inParallel(3, function* () {
        yield* barrier.wait()
        log.push('through')
      })
      expect(log).toEqual(['action', 'through', 'through', 'through'])
    }),
  )

  test(
    'the action may block, and greenlets that arrive meanwhile belong to the next round',
    program(function* () {
      const log: string[] = []
      const barrier = new Barrier(2, function* () {
        yield* turns(3)
        log.push('action')
      })
      yield* inParallel(4, function* (at) {
        yield* turns(at)
        yield* barrier.wait()
        log.push('through')
      })
      expect(log).toEqual(['action', 'through', 'through', 'action', 'through', 'through'])
    }),
  )

  test(
    'killing the greenlet that runs the action breaks it for the others',
    program(function* () {
      const barrier = new Barrier(2, () => sleep(10_000))
      const first = spawn(() => raisedBy(barrier.wait()))
      const last = spawn(() => barrier.wait())
      yield* turns(2)
      yield* last.kill()
      expect(yield* first).toBeInstanceOf(BrokenBarrierError)
      expect(barrier.broken).toBe(true)
    }),
  )

  test(
    'killing another waiter while the action blocks does not break it, as all had arrived',
    program(function* () {
      const barrier = new Barrier(2, () => turns(4))
      const victim = spawn(() => barrier.wait())
      const last = spawn(() => barrier.wait())
      yield* turns(1)
      const next = [spawn(() => barrier.wait()), spawn(() => barrier.wait())]
      yield* turns(1)
      yield* victim.kill()
      expect(yield* last).toBe(1)
      expect([yield* next[0]!, yield* next[1]!, barrier.broken]).toEqual([0, 1, false])
    }),
  )

  test(
    'reset while the action blocks fails no waiter: the round is complete, and later arrivals are not in yet',
    program(function* () {
      const barrier = new Barrier(2, () => turns(4))
      const round = [spawn(() => barrier.wait()), spawn(() => barrier.wait())]
      yield* turns(1)
      const early = spawn(() => barrier.wait())
      yield* turns(1)
      barrier.reset()
      const late = spawn(() => barrier.wait())
      const numbers: number[] = []
      for (const greenlet of [...round, early, late]) numbers.push(yield* greenlet)
      expect(numbers).toEqual([0, 1, 0, 1])
      expect(barrier.broken).toBe(false)
    }),
  )

  test(
    'abort while the action blocks breaks it for all but the greenlet running the action, once that is done',
    program(function* () {
      const barrier = new Barrier(2, () => turns(4))
      const first = spawn(() => raisedBy(barrier.wait()))
      const last = spawn(() => barrier.wait())
      yield* turns(1)
      const next = spawn(() => raisedBy(barrier.wait()))
      yield* turns(1)
      barrier.abort()
      expect(yield* last).toBe(1)
      expect(yield* first).toBeInstanceOf(BrokenBarrierError)
      expect(yield* next).toBeInstanceOf(BrokenBarrierError)
    }),
  )

  test(
    'actions of two rounds never overlap',
    program(function* () {
      const log: string[] = []
      const barrier = new Barrier(2, function* () {
        log.push('begin')
        yield* turns(5)
        log.push('end')
      })
      yield* inParallel(6, () => barrier.wait() as never)
      expect(log).toEqual(['begin', 'end', 'begin', 'end', 'begin', 'end'])
    }),
  )

  test(
    "time spent in a blocking action does not count towards a wait's timeout, as all had arrived",
    program(function* () {
      const barrier = new Barrier(2, () => sleep(10))
      const first = spawn(() => barrier.wait({ timeout: 1 }))
      yield* sleep(0)
      expect(yield* barrier.wait()).toBe(1)
      expect(yield* first).toBe(0)
      expect(barrier.broken).toBe(false)
    }),
  )

  test(
    'an action that throws breaks it: its own greenlet gets the error, the others BrokenBarrierError',
    program(function* () {
      const error = new RangeError('boom')
      const barrier = new Barrier(3, () => {
        throw error
      })
      const errors = yield* inParallel(3, () => raisedBy(barrier.wait()))
      expect(errors.filter((one) => one === error).length).toBe(1)
      expect(errors.filter((one) => one instanceof BrokenBarrierError).length).toBe(2)
      expect(barrier.broken).toBe(true)
    }),
  )

  test(
    'abort breaks it for current and future waiters, until it is reset',
    program(function* () {
      const barrier = new Barrier(5)
      const errors = yield* inParallel(5, function* (at) {
        if (at === 4) {
          yield* turns(2)
          barrier.abort()
        }
        return yield* raisedBy(barrier.wait())
      })
      expect(errors.every((error) => error instanceof BrokenBarrierError)).toBe(true)
      expect(barrier.broken).toBe(true)
      expect(barrier.nWaiting).toBe(0)
      barrier.reset()
      expect(barrier.broken).toBe(false)
      yield* inParallel(5, function* () {
        yield* barrier.wait()
      })
    }),
  )

  test(
    'reset breaks it for current waiters only',
    program(function* () {
      const barrier = new Barrier(5)
      const outcomes = yield* inParallel(5, function* (at): Coroutine<string> {
        if (at === 4) {
          yield* turns(2)
          expect(barrier.nWaiting).toBe(4)
          barrier.reset()
        } else {
          expect(yield* raisedBy(barrier.wait())).toBeInstanceOf(BrokenBarrierError)
        }
        yield* barrier.wait()
        return 'passed'
      })
      expect(outcomes).toEqual(Array(5).fill('passed'))
      expect(barrier.broken).toBe(false)
    }),
  )

  for (const [name, make, options] of [
    ['of the wait', () => new Barrier(3), { timeout: 5 }],
    ['of the barrier', () => new Barrier(3, undefined, 5), {}],
  ] as const) {
    test(
      `the timeout ${name} breaks it for all, including late arrivals`,
      program(function* () {
        const barrier = make()
        const errors = yield* inParallel(3, function* (at) {
          if (at === 2) yield* sleep(20)
          return yield* raisedBy(barrier.wait(options))
        })
        expect(errors.every((error) => error instanceof BrokenBarrierError)).toBe(true)
        expect(barrier.broken).toBe(true)
      }),
    )
  }

  test(
    'a killed waiter breaks it, as the others would wait forever',
    program(function* () {
      const barrier = new Barrier(3)
      const victim = spawn(() => barrier.wait())
      const other = spawn(() => raisedBy(barrier.wait()))
      yield* sleep(0)
      yield* victim.kill()
      expect(yield* other).toBeInstanceOf(BrokenBarrierError)
      expect(barrier.broken).toBe(true)
    }),
  )

  test(
    'a greenlet that is let through and killed before its turn does not break it',
    program(function* () {
      const barrier = new Barrier(2)
      const victim = spawn(() => barrier.wait())
      yield* sleep(0)
      expect(yield* barrier.wait()).toBe(1)
      yield* victim.kill()
      expect(barrier.broken).toBe(false)
      expect(barrier.nWaiting).toBe(0)
    }),
  )

  test(
    'a barrier for one party lets it pass at once',
    program(function* () {
      const barrier = new Barrier(1)
      expect(yield* barrier.wait()).toBe(0)
      expect(yield* barrier.wait()).toBe(0)
    }),
  )

  test(
    'BrokenBarrierError is an Error with a code',
    program(function* () {
      collectReports()
      const barrier = new Barrier(2)
      barrier.abort()
      const error = (yield* raisedBy(barrier.wait())) as BrokenBarrierError
      expect(error).toBeInstanceOf(Error)
      expect([error.name, error.code]).toEqual(['BrokenBarrierError', 'BROKEN_BARRIER'])
    }),
  )

  test('invalid arguments are rejected up front', () => {
    for (const wrong of [0, -1, 1.5, '2', undefined])
      expect(() => new Barrier(wrong as never)).toThrow('Expected `parties` to be a whole number from 1 up')
    expect(() => new Barrier(2, 5 as never)).toThrow(TypeError)
    expect(() => new Barrier(2, undefined, '5' as never)).toThrow(TypeError)
    expect(() => new Barrier(2).wait({ timeout: '5' as never })).toThrow(TypeError)
  })
})

test(
  'action and timeout may be given as options',
  program(function* () {
    const log: string[] = []
    yield* new Barrier(1, { action: () => log.push('action') }).wait()
    expect(log).toEqual(['action'])
    expect(yield* raisedBy(new Barrier(2, { timeout: 2 }).wait())).toBeInstanceOf(BrokenBarrierError)
    expect(() => new Barrier(1, { action: 5 as never })).toThrow('Expected `action` to be a function, got 5')
    expect(() => new Barrier(1, { timeout: NaN })).toThrow(TypeError)
  }),
)
