import { run, sleep, spawn } from '@greenlit/core'
import { expect, test } from 'vitest'
import { runInTurns, runToEnd, STEPS_PER_TURN } from '../../src/crawl/steps.ts'

function* count(steps: number): Generator<undefined, number> {
  for (let done = 0; done < steps; done += 1) yield
  return steps
}

test('a generator runs to the end without a pause, or in turns with other greenlets', async () => {
  expect(runToEnd(count(3))).toBe(3)
  let turns = 0
  const result = await run(function* () {
    const other = spawn(function* () {
      for (;;) {
        yield* sleep(0)
        turns += 1
      }
    })
    const done = yield* runInTurns(count(3 * STEPS_PER_TURN))
    yield* other.kill()
    return done
  })
  expect([result, turns]).toEqual([3 * STEPS_PER_TURN, expect.any(Number)])
  expect(turns).toBeGreaterThanOrEqual(2)
})
