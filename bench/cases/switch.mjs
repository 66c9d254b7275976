import { getHub, greenlet, joinall, runSync, settrace, sleep, spawn } from '@greenlit/core'
import { nanosecondsPerOperation } from '../lib/measure.mjs'
import { peer } from '../lib/peer.mjs'

/** `count` tasks that yield to each other until they have shared out the given number of switches. */
function roundRobin(count, switches) {
  const turns = Math.ceil(switches / count)
  return {
    greenlit: () =>
      nanosecondsPerOperation(() => {
        function* task() {
          for (let turn = 0; turn < turns; turn += 1) yield* sleep(0)
        }
        const greenlets = []
        for (let i = 0; i < count; i += 1) greenlets.push(spawn(task))
        return joinall(greenlets)
      }, turns * count),
    'async/await': () =>
      nanosecondsPerOperation(() => {
        async function task() {
          for (let turn = 0; turn < turns; turn += 1) await undefined
        }
        const tasks = []
        for (let i = 0; i < count; i += 1) tasks.push(task())
        return Promise.all(tasks)
      }, turns * count),
  }
}

/** Two raw greenlets that switch to each other, without the hub. */
const rawSwitch = {
  greenlit: () =>
    nanosecondsPerOperation((count) => {
      const there = greenlet(function* () {
        for (let i = 0; i < count / 2; i += 1) yield* back.switch()
      })
      const back = greenlet(function* () {
        for (let i = 0; i < count / 2; i += 1) yield* there.switch()
      })
      runSync(back.switch())
    }, 200_000),
}

const tracer = {
  greenlit: () =>
    nanosecondsPerOperation(async (count) => {
      settrace(() => {})
      try {
        function* task() {
          for (let turn = 0; turn < count / 2; turn += 1) yield* sleep(0)
        }
        await joinall([spawn(task), spawn(task)])
      } finally {
        settrace(undefined)
      }
    }, 200_000),
}

const hub = {
  greenlit: () =>
    nanosecondsPerOperation(
      (count) =>
        spawn(function* () {
          const { runCallback } = getHub()
          for (let i = 0; i < count; i += 1) runCallback(nothing)
          yield* sleep(0)
        }),
      100_000,
    ),
  queueMicrotask: () =>
    nanosecondsPerOperation(async (count) => {
      for (let i = 0; i < count; i += 1) queueMicrotask(nothing)
      await undefined
    }, 100_000),
}

function nothing() {}

export const switchCases = {
  switch: {
    title: 'switch: two tasks give way to each other (sleep0)',
    unit: 'ns',
    most: 1,
    python: 'switch',
    variants: {
      ...roundRobin(2, 400_000),
      co: peer('co', 'twoTasks'),
      'redux-saga': peer('redux-saga', 'twoTasks'),
      effect: peer('effect', 'twoTasks'),
      effection: peer('effection', 'twoTasks'),
    },
  },
  'round-robin-1k': {
    title: 'round robin of 1,000, a switch',
    unit: 'ns',
    most: 1,
    variants: roundRobin(1000, 500_000),
  },
  'round-robin-100k': {
    title: 'round robin of 100,000, a switch',
    unit: 'ns',
    most: 1,
    variants: roundRobin(100_000, 1_000_000),
  },
  'raw-switch': { title: 'raw greenlets: switch to each other', unit: 'ns', python: 'raw-switch', variants: rawSwitch },
  hub: { title: 'hub: run a callback', unit: 'ns', python: 'hub', variants: hub },
  tracer: { title: 'tracer: switch while tracing', unit: 'ns', python: 'tracer', variants: tracer },
}
