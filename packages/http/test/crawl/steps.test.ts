import { run, sleep, spawn } from '@greenlit/core'
import { expect, test } from 'vitest'
import { atOnce, inTurns, STEPS_A_TURN } from '../../src/crawl/steps.ts'

function* count(steps: number): Generator<undefined, number> {
  for (let done = 0; done < steps; done += 1) yield
  return steps
}

test('work in steps is done at once, or in turns with others', async () => {
  expect(atOnce(count(3))).toBe(3)
  let turns = 0
  const result = await run(function* () {
    const other = spawn(function* () {
      for (;;) {
        yield* sleep(0)
        turns += 1
      }
    })
    const done = yield* inTurns(count(3 * STEPS_A_TURN))
    yield* other.kill()
    return done
  })
  expect([result, turns]).toEqual([3 * STEPS_A_TURN, expect.any(Number)])
  expect(turns).toBeGreaterThanOrEqual(2)
})
