import { AsyncResult, joinall, Pool, spawn } from '@greenlit/core'
import pLimit from 'p-limit'
import { bytesPerObject, nanosecondsPerOperation } from '../lib/measure.mjs'
import { peer } from '../lib/peer.mjs'

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
    python: 'spawn-joinall',
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
      co: peer('co', 'spawnAndJoin'),
      'redux-saga': peer('redux-saga', 'spawnAndJoin'),
      effect: peer('effect', 'spawnAndJoin'),
      effection: peer('effection', 'spawnAndJoin'),
    },
  },
  pool: {
    title: 'pool: map 20,000 trivial tasks, 20 at a time, a task',
    unit: 'ns',
    python: 'pool',
    variants: {
      greenlit: () =>
        nanosecondsPerOperation((count) => new Pool(20).map(trivial, Array.from({ length: count })), 20_000),
      'p-limit': () =>
        nanosecondsPerOperation((count) => {
          const limit = pLimit(20)
          return Promise.all(Array.from({ length: count }, () => limit(trivialAsync)))
        }, 20_000),
    },
  },
  memory: {
    title: 'heap of a parked task',
    unit: 'bytes',
    most: 1,
    python: 'memory',
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
