import { type Coroutine, getHub, sleep, spawn, spawnLater, withTimeout } from '@greenlit/core'
import { virtualTime } from '@greenlit/core/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { program } from '../support.ts'

describe('sleep(0)', () => {
  test(
    'runs spawned greenlets in order, none of which runs before its spawner blocks',
    program(function* () {
      const log: number[] = []
      for (const at of [0, 1, 2]) {
        spawn(function* () {
          log.push(at)
        })
      }
      expect(log).toEqual([])
      yield* sleep(0)
      expect(log).toEqual([0, 1, 2])
    }),
  )

  test(
    'puts the greenlet at the end of the queue, ahead of greenlets spawned later',
    program(function* () {
      const log: string[] = []
      spawn(function* () {
        log.push('outer')
        spawn(function* () {
          log.push('inner')
        })
        log.push('outer end')
      })
      spawn(function* () {
        log.push('second')
      })
      yield* sleep(0)
      log.push('main')
      yield* sleep(0)
      expect(log).toEqual(['outer', 'outer end', 'second', 'main', 'inner'])
    }),
  )

  test(
    'makes greenlets take turns',
    program(function* () {
      const log: string[] = []
      const work = (name: string) =>
        spawn(function* () {
          for (let turn = 0; turn < 3; turn += 1) {
            log.push(`${name}${turn}`)
            yield* sleep(0)
          }
        })
      const [a, b] = [work('a'), work('b')]
      yield* a
      yield* b
      expect(log).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2'])
    }),
  )

  test(
    'in a loop starves neither timers nor callbacks of the platform',
    program(function* () {
      let immediates = 0
      let isOver = false
      const next = () => {
        immediates += 1
        if (!isOver) setImmediate(next)
      }
      setImmediate(next)
      let turns = 0
      const result = yield* withTimeout(
        30,
        function* () {
          for (;;) {
            turns += 1
            yield* sleep(0)
          }
        },
        { exception: false },
      )
      isOver = true
      expect(result).toBeUndefined()
      expect(turns).toBeGreaterThan(100)
      expect(immediates).toBeGreaterThan(0)
    }),
  )

  test(
    'in a loop in main does not starve timers either',
    program(function* () {
      let fired = false
      const timer = setTimeout(() => {
        fired = true
      }, 5)
      onTestFinished(() => clearTimeout(timer))
      while (!fired) yield* sleep(0)
      expect(fired).toBe(true)
    }),
  )

  test(
    'accepts negative durations and -0 as 0',
    program(function* () {
      const log: string[] = []
      spawn(function* () {
        log.push('spawned')
      })
      yield* sleep(-5)
      expect(log).toEqual(['spawned'])
      yield* sleep(-0)
    }),
  )
})

describe('sleep', () => {
  test(
    'lasts as long as requested',
    program(function* () {
      const started = performance.now()
      yield* sleep(20)
      const took = performance.now() - started
      expect(took).toBeGreaterThanOrEqual(19)
      expect(took).toBeLessThan(2000)
    }),
  )

  test(
    'greenlets with equal durations wake in the order in which they began to sleep',
    program(function* () {
      const log: number[] = []
      const sleepers = [0, 1, 2, 3, 4].map((at) =>
        spawn(function* () {
          yield* sleep(10)
          log.push(at)
        }),
      )
      for (const sleeper of sleepers) yield* sleeper.join()
      expect(log).toEqual([0, 1, 2, 3, 4])
    }),
  )

  test('greenlets with shorter durations wake first, whatever the order in which they began to sleep', () =>
    virtualTime(function* () {
      const log: number[] = []
      const sleepers = [30, 10, 20].map((milliseconds) =>
        spawn(function* () {
          yield* sleep(milliseconds)
          log.push(milliseconds)
        }),
      )
      for (const sleeper of sleepers) yield* sleeper.join()
      expect(log).toEqual([10, 20, 30])
    }))

  test('invalid durations are rejected up front', () => {
    for (const wrong of ['5', null, {}, Number.NaN]) expect(() => sleep(wrong as never)).toThrow(TypeError)
    expect(() => sleep('5' as never)).toThrow('Expected `milliseconds` to be a number of milliseconds, got "5"')
  })

  test('returns nothing, in plain code too', async () => {
    expect(await sleep(1)).toBeUndefined()
    expect(await sleep()).toBeUndefined()
  })

  test('an operation may be used only once', async () => {
    const operation = sleep(1)
    await operation
    await expect(Promise.resolve(operation)).rejects.toThrow('used once')
  })

  test('is lazy: an operation that nothing waits for never begins', async () => {
    sleep(60_000)
    expect(await getHub().join({ timeout: 1000 })).toBe(true)
  })
})

describe('spawnLater', () => {
  test(
    'runs its function even if the spawner has ended',
    program(function* () {
      const log: string[] = []
      yield* spawn(function* () {
        spawnLater(5, function* () {
          log.push('fired')
        })
      })
      expect(log).toEqual([])
      yield* sleep(20)
      expect(log).toEqual(['fired'])
    }),
  )

  test(
    'passes arguments and returns the outcome',
    program(function* () {
      const later = spawnLater(2, (a: number, b: number) => a + b, 1, 2)
      expect(later.started).toBe(true)
      expect(yield* later).toBe(3)
    }),
  )

  test('invalid arguments are rejected up front', () => {
    expect(() => spawnLater('5' as never, () => 1)).toThrow(TypeError)
    expect(() => spawnLater(5, undefined as never)).toThrow(/Expected `fn` to be a function/)
  })
})

describe('many greenlets', () => {
  test(
    '10,000 greenlets that yield to each other all end',
    program(function* () {
      const all = Array.from({ length: 10_000 }, (_, at) =>
        spawn(function* () {
          yield* sleep(0)
          return at
        }),
      )
      let sum = 0
      for (const one of all) sum += yield* one
      expect(sum).toBe((10_000 * 9_999) / 2)
    }),
  )

  test(
    'a chain of 5,000 greenlets that each wait for the next ends',
    program(function* () {
      function* descend(left: number): Coroutine<number> {
        return left === 0 ? 0 : 1 + (yield* spawn(descend, left - 1).get())
      }
      expect(yield* spawn(descend, 5_000)).toBe(5_000)
    }),
  )
})
