import { joinall, sleep, spawn } from '@greenlit/core'
import { nanosecondsPerOperation } from '../lib/measure.mjs'

/** `count` tasks that each give way until all have done their share of `operations` switches. */
export function roundRobin(count, operations) {
  const turns = Math.ceil(operations / count)
  return {
    greenlit: () =>
      nanosecondsPerOperation((total) => {
        function* task() {
          for (let turn = 0; turn < turns; turn += 1) yield* sleep(0)
        }
        const greenlets = []
        for (let i = 0; i < count; i += 1) greenlets.push(spawn(task))
        return joinall(greenlets).then(() => total)
      }, turns * count),
    'async/await': () =>
      nanosecondsPerOperation((total) => {
        async function task() {
          for (let turn = 0; turn < turns; turn += 1) await undefined
        }
        const tasks = []
        for (let i = 0; i < count; i += 1) tasks.push(task())
        return Promise.all(tasks).then(() => total)
      }, turns * count),
  }
}

export const switchCases = {
  switch: { title: 'switch: two tasks give way to each other', unit: 'ns', most: 1, variants: roundRobin(2, 400_000) },
  'round-robin-1k': { title: 'round robin of 1,000, a switch', unit: 'ns', most: 1, variants: roundRobin(1000, 500_000) },
  'round-robin-100k': { title: 'round robin of 100,000, a switch', unit: 'ns', most: 1, variants: roundRobin(100_000, 1_000_000) },
}
