import { activeCount, type Coroutine, enumerate, killall, sleep, spawn } from '@greenlit/core'
import { virtualTime, watchLeaks } from '@greenlit/core/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { collectReports } from '../support.ts'

const RUNS = 150

/** The seed of the random programs. `GREENLIT_SEED=n` repeats a run; the seed is shown in the test title. */
export const seed: number = Number(process.env.GREENLIT_SEED ?? Math.floor(Math.random() * 2 ** 31))

/**
 * Tests that a property holds for random programs. Each runs in virtual time; afterwards nothing may be leaked, and the hub must
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
