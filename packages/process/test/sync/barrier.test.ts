import {
  type Attempt,
  attempt,
  BrokenBarrierError,
  type Coroutine,
  type Greenlet,
  joinall,
  Event as LocalEvent,
  sleep,
  spawn,
} from '@greenlit/core'
import { Barrier, Event, Queue } from '@greenlit/process'
import { describe, expect, test } from 'vitest'
import { joined, starter } from '../children.ts'
import { failure, guardLeaks, run } from '../guard.ts'

guardLeaks()

describe('Barrier', () => {
  test('runs its action before anyone passes, and breaks if it throws', () =>
    run(function* () {
      const log: string[] = []
      const barrier = new Barrier(2, () => log.push('action'))
      const other = spawn(() => barrier.wait())
      yield* sleep(0)
      expect(yield* barrier.nWaiting).toBe(1)
      expect([yield* barrier.wait(), yield* other].sort()).toEqual([0, 1])
      expect(log).toEqual(['action'])
      const bad = new Barrier(1, () => {
        throw new RangeError('no')
      })
      expect(yield* failure(bad.wait())).toBeInstanceOf(RangeError)
      expect(yield* bad.broken).toBe(true)
      const shared = new Barrier(2, () => {
        throw new RangeError('no')
      })
      const early = spawn(() => failure(shared.wait()))
      yield* sleep(0)
      expect(yield* failure(shared.wait())).toBeInstanceOf(RangeError)
      expect(yield* early).toBeInstanceOf(BrokenBarrierError)
      expect(yield* failure(bad.wait())).toBeInstanceOf(BrokenBarrierError)
      expect(() => new Barrier(0)).toThrow('Expected `parties`')
    }))

  test('lets no one pass before a blocking action is done', () =>
    run(function* () {
      const log: string[] = []
      const [begun, goOn] = [new LocalEvent(), new LocalEvent()]
      const barrier = new Barrier(2, {
        action: function* () {
          begun.set()
          yield* goOn.wait()
          log.push('action')
        },
      })
      const waiters = [1, 2].map(() =>
        spawn(function* () {
          yield* barrier.wait()
          log.push('passed')
        }),
      )
      yield* begun.wait()
      const early = spawn(() => failure(barrier.wait()))
      yield* sleep(0)
      expect(yield* barrier.nWaiting).toBe(1)
      expect(log).toEqual([])
      goOn.set()
      yield* joinall(waiters)
      expect(log).toEqual(['action', 'passed', 'passed'])
      yield* barrier.abort()
      expect(yield* early).toBeInstanceOf(BrokenBarrierError)
    }))

  test('is broken or reset right after a running action, as in Python: the parties that have arrived pass', () =>
    run(function* () {
      let goOn = new LocalEvent()
      let fails = false
      let running = 0
      const barrier = new Barrier(2, function* () {
        running += 1
        expect(running).toBe(1)
        yield* goOn.wait()
        running -= 1
        if (fails) throw new RangeError('no')
      })
      function* duringAction(act: () => unknown): Coroutine<Attempt<number>[]> {
        goOn = new LocalEvent()
        const waiters = [1, 2].map(() => spawn(() => attempt(barrier.wait())))
        yield* sleep(0)
        act()
        yield* sleep(0)
        yield* sleep(0)
        goOn.set()
        return [yield* waiters[0]!, yield* waiters[1]!]
      }
      const passed = [0, 1].map((value) => ({ ok: true, value }))
      expect(yield* duringAction(() => barrier.abort())).toMatchObject(passed)
      expect(yield* barrier.broken).toBe(true)
      expect(yield* failure(barrier.wait())).toBeInstanceOf(BrokenBarrierError)
      yield* barrier.reset()
      fails = true
      expect(yield* duringAction(() => barrier.reset())).toMatchObject([{ ok: false }, { ok: false }])
      expect(yield* barrier.broken).toBe(false)
      fails = false
      // Parties that arrive now belong to the next round, which has its own action and is not ended by an earlier reset.
      const next: Greenlet<Attempt<number>>[] = []
      const comeTwice = () => {
        barrier.reset()
        next.push(...[1, 2].map(() => spawn(() => attempt(barrier.wait()))))
      }
      expect(yield* duringAction(comeTwice)).toMatchObject(passed)
      expect([yield* next[0]!, yield* next[1]!]).toMatchObject(passed)
      // A party that arrives now and leaves breaks the barrier.
      const leave = () => {
        const late = spawn(() => barrier.wait())
        spawn(() => late.kill())
      }
      expect(yield* duringAction(leave)).toMatchObject(passed)
      expect(yield* barrier.broken).toBe(true)
    }))

  test('can be broken by its action', () =>
    run(function* () {
      const barrier: Barrier = new Barrier(1, () => barrier.abort())
      expect(yield* barrier.wait()).toBe(0)
      expect(yield* failure(barrier.wait())).toBeInstanceOf(BrokenBarrierError)
    }))

  test('breaks for all when one does not arrive in time, and is repaired by reset', () =>
    run(function* () {
      const barrier = new Barrier(3, undefined, 20)
      const waiters = [1, 2].map(() => spawn(() => failure(barrier.wait())))
      for (const waiter of waiters) expect(yield* waiter).toBeInstanceOf(BrokenBarrierError)
      expect(yield* failure(barrier.wait())).toBeInstanceOf(BrokenBarrierError)
      yield* barrier.reset()
      const again = [1, 2].map(() => spawn(() => barrier.wait()))
      yield* sleep(0)
      yield* barrier.wait()
      for (const waiter of again) yield* waiter
      expect(yield* barrier.broken).toBe(false)
      yield* barrier.abort()
      expect(yield* barrier.broken).toBe(true)
    }))

  test.each(['process', 'thread'] as const)('keeps three parties of a %s in step', (context) =>
    run(function* () {
      const start = starter(context)
      const [barrier, results] = [new Barrier(3), new Queue<[number, number]>()]
      const children = [1, 2, 3].map(() => start('pass', barrier, results, 3))
      const got: [number, number][] = []
      while (got.length < 9) got.push(yield* results.get())
      yield* joined(...children)
      for (let round = 0; round < 3; round += 1)
        expect(
          got
            .filter(([of]) => of === round)
            .map(([, index]) => index)
            .sort(),
        ).toEqual([0, 1, 2])
    }),
  )

  test('lets all pass or none when the last arrives as the time of another is over', () =>
    run(function* () {
      const [barrier, starts, results] = [new Barrier(2), new Queue<boolean>(), new Queue<string>()]
      const child = starter('process')('passInTime', barrier, starts, results)
      for (let round = 0; round < 200; round += 1) {
        yield* starts.put(true)
        yield* sleep(2 + (round % 2))
        const { error } = (yield* attempt(barrier.wait({ timeout: 20 }))) as { error?: Error }
        expect(yield* results.get()).toBe(error?.name ?? 'passed')
        yield* barrier.reset()
      }
      yield* starts.put(false)
      yield* joined(child)
    }))

  test('is broken by a child that dies while waiting', () =>
    run(function* () {
      const start = starter('process')
      const [barrier, results, ready] = [new Barrier(3), new Queue<string>(), new Event()]
      const victim = start('passOrBreak', barrier, results, {})
      const other = start('passOrBreak', barrier, results, {})
      while ((yield* barrier.nWaiting) < 2) yield* ready.wait({ timeout: 5 })
      victim.kill()
      expect(yield* results.get()).toBe('BrokenBarrierError')
      yield* victim.join()
      yield* joined(other)
    }))
})
