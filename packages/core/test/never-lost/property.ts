import { activeCount, type Coroutine, enumerate, killall, sleep, spawn } from '@greenlit/core'
import { virtualTime, watchLeaks } from '@greenlit/core/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { collectReports } from '../support.ts'

const RUNS = 150

/** Where the random programs begin; `GREENLIT_SEED=n` repeats those of a run whose title names it. */
export const seed: number = Number(process.env.GREENLIT_SEED ?? Math.floor(Math.random() * 2 ** 31))

/**
 * Tests that something holds for random programs. Each runs in virtual time; afterwards nothing may be left behind, and the hub must
 * be usable.
 */
export function property<T>(name: string, programs: fc.Arbitrary<T>, body: (program: T) => Coroutine<void>): void {
  test(`${name} (seed ${seed})`, async () => {
    collectReports()
    const run = async (program: T) => {
      const leaks = watchLeaks({ handles: false })
      try {
        await virtualTime(function* () {
          yield* body(program)
          expect(yield* spawn(stillWorks)).toBe('works')
        })
        expect(leaks.find()).toEqual({ greenlets: [], timers: 0, waits: 0, handles: [] })
        expect(activeCount()).toBe(1)
      } finally {
        await killall(enumerate().slice(1))
      }
    }
    await fc.assert(fc.asyncProperty(programs, run), { seed, numRuns: RUNS })
  })
}

function* stillWorks(): Coroutine<string> {
  yield* sleep(1)
  return 'works'
}
