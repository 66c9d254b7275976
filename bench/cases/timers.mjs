import { setTimeout as delay } from 'node:timers/promises'
import { joinall, sleep, spawn } from '@greenlit/core'
import { cpuNanosecondsPerOperation } from '../lib/measure.mjs'

const SLEEPERS = 1_000_000

/** The same pseudo-random times for each variant. */
function times(count) {
  let seed = 12345
  return Array.from({ length: count }, () => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31
    return (seed / 2 ** 31) * 1000
  })
}

export const timerCases = {
  sleepers: {
    title: '1,000,000 sleepers of 0 to 1,000 ms, CPU a sleeper',
    unit: 'ns CPU',
    most: 0.5,
    node: ['--max-old-space-size=4096'],
    variants: {
      greenlit: () =>
        cpuNanosecondsPerOperation(
          (count) =>
            joinall(
              times(count).map((milliseconds) =>
                spawn(function* () {
                  yield* sleep(milliseconds)
                }),
              ),
            ),
          SLEEPERS,
        ),
      'async/await': () =>
        cpuNanosecondsPerOperation(
          (count) =>
            Promise.all(
              times(count).map(async (milliseconds) => {
                await delay(milliseconds)
              }),
            ),
          SLEEPERS,
        ),
    },
  },
}
