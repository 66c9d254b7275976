import { type Coroutine, getHub, sleep, spawn, spawnLater, withTimeout } from '@greenlit/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { program } from '../support.ts'

describe('sleep(0)', () => {
  test(
    'nothing that was spawned runs before the spawner blocks, and then it runs in order',
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
    'it goes to the end of the queue: ahead of what is spawned meanwhile',
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
    'greenlets take turns with it',
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
    'a loop of it starves neither timers nor callbacks of the platform',
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
    'two loops of it in different greenlets, woken by promises, do not starve timers either',
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
    'negative and -0 are as 0',
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
    'lasts as long as it should',
    program(function* () {
      const started = performance.now()
      yield* sleep(20)
      const took = performance.now() - started
      expect(took).toBeGreaterThanOrEqual(19)
      expect(took).toBeLessThan(2000)
    }),
  )

  test(
    'equal ones wake in the order in which they began',
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

  test(
    'shorter ones wake first, whatever the order in which they began',
    program(function* () {
      const log: number[] = []
      const sleepers = [30, 10, 20].map((milliseconds) =>
        spawn(function* () {
          yield* sleep(milliseconds)
          log.push(milliseconds)
        }),
      )
      for (const sleeper of sleepers) yield* sleeper.join()
      expect(log).toEqual([10, 20, 30])
    }),
  )

  test('wrong durations are refused at the call', () => {
    for (const wrong of ['5', null, {}, Number.NaN]) expect(() => sleep(wrong as never)).toThrow(TypeError)
    expect(() => sleep('5' as never)).toThrow('Expected `milliseconds` to be a number of milliseconds, got "5"')
  })

  test('it gives nothing, also in plain code', async () => {
    expect(await sleep(1)).toBeUndefined()
    expect(await sleep()).toBeUndefined()
  })

  test('it may be used once', async () => {
    const operation = sleep(1)
    await operation
    await expect(Promise.resolve(operation)).rejects.toThrow('used once')
  })

  test('it is lazy: one that nobody waits for never begins', async () => {
    sleep(60_000)
    expect(await getHub().join({ timeout: 1000 })).toBe(true)
  })
})

describe('spawnLater', () => {
  test(
    'fires also when its spawner has ended',
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
    'passes arguments and gives the outcome',
    program(function* () {
      const later = spawnLater(2, (a: number, b: number) => a + b, 1, 2)
      expect(later.started).toBe(true)
      expect(yield* later).toBe(3)
    }),
  )

  test('wrong arguments are refused at the call', () => {
    expect(() => spawnLater('5' as never, () => 1)).toThrow(TypeError)
    expect(() => spawnLater(5, undefined as never)).toThrow(/Expected `fn` to be a function/)
  })
})

describe('many', () => {
  test(
    '10,000 greenlets that give turns all end',
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
    'a chain of spawns that wait for each other is 5,000 deep',
    program(function* () {
      function* descend(left: number): Coroutine<number> {
        return left === 0 ? 0 : 1 + (yield* spawn(descend, left - 1).get())
      }
      expect(yield* spawn(descend, 5_000)).toBe(5_000)
    }),
  )
})
