import { joinall, spawn } from '@greenlit/core'
import { bytesPerObject, nanosecondsPerOperation } from '../lib/measure.mjs'
import { AsyncResult } from '@greenlit/core'

const MANY = 100_000

function* trivial() {
  return 1
}

async function trivialAsync() {
  return 1
}

export const spawnCases = {
  'spawn-joinall': {
    title: 'spawn + joinall of 100,000 trivial tasks, a task',
    unit: 'ns',
    most: 0.4,
    variants: {
      greenlit: () =>
        nanosecondsPerOperation((count) => {
          const greenlets = []
          for (let i = 0; i < count; i += 1) greenlets.push(spawn(trivial))
          return joinall(greenlets)
        }, MANY),
      'async/await': () =>
        nanosecondsPerOperation((count) => {
          const tasks = []
          for (let i = 0; i < count; i += 1) tasks.push(trivialAsync())
          return Promise.all(tasks)
        }, MANY),
    },
  },
  memory: {
    title: 'heap of a parked task',
    unit: 'bytes',
    most: 1,
    node: ['--expose-gc'],
    variants: {
      greenlit: () =>
        bytesPerObject(async (count) => {
          const gate = new AsyncResult()
          function* parked() {
            yield* gate.wait()
          }
          const held = []
          for (let i = 0; i < count; i += 1) held.push(spawn(parked))
          await spawn(function* () {})
          return { gate, held }
        }, MANY),
      'async/await': () =>
        bytesPerObject(async (count) => {
          let open
          const gate = new Promise((resolve) => (open = resolve))
          async function parked() {
            await gate
          }
          const held = []
          for (let i = 0; i < count; i += 1) held.push(parked())
          return { gate, open, held }
        }, MANY),
    },
  },
}
