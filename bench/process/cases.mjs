import { fork } from 'node:child_process'
import { Worker } from 'node:worker_threads'
import { spawn } from '@greenlit/core'
import { Pipe, Pool, Process } from '@greenlit/process'
import { median } from '../lib/measure.mjs'

const here = (path) => new URL(path, import.meta.url)
const target = (name) => ({ module: here('./targets.mjs'), export: name })
const MESSAGE = { id: 1, name: 'a small message', values: [1, 2, 3] }

/** The time of one round trip in microseconds: the median of `runs` runs of `count` round trips each, after warm-up runs. */
async function roundTrips(roundTrip, { count = 2000, warmUp = 4, runs = 7 } = {}) {
  const times = []
  for (let run = 0; run < warmUp + runs; run += 1) {
    const started = performance.now()
    await roundTrip(count)
    if (run >= warmUp) times.push(((performance.now() - started) * 1000) / count)
  }
  return median(times)
}

/** Sequential round trips with a process or worker that answers each message with a 'message' event. */
function bareRoundTrips(other, send) {
  let left = 0
  let done
  other.on('message', () => {
    left -= 1
    if (left > 0) send(MESSAGE)
    else done()
  })
  return roundTrips(
    (count) =>
      new Promise((resolve) => {
        left = count
        done = resolve
        send(MESSAGE)
      }),
  )
}

function bareProcess(serialization) {
  const child = fork(here('./echo.mjs'), { serialization })
  return bareRoundTrips(child, (message) => child.send(message))
}

function bareThread() {
  const worker = new Worker(here('./echo.mjs'))
  return bareRoundTrips(worker, (message) => worker.postMessage(message))
}

async function pipe(context) {
  const [mine, its] = Pipe()
  new Process({ target: target('echo'), args: [its], context, daemon: true }).start()
  its.close()
  return await roundTrips((count) =>
    spawn(function* () {
      for (let trip = 0; trip < count; trip += 1) {
        yield* mine.send(MESSAGE)
        yield* mine.recv()
      }
    }),
  )
}

async function apply(context) {
  const pool = new Pool(1, { context })
  const same = target('same')
  return await roundTrips((count) =>
    spawn(function* () {
      for (let trip = 0; trip < count; trip += 1) yield* pool.apply(same, [MESSAGE])
    }),
  )
}

/** The median time of a map in milliseconds, on a pool that has been warmed up. */
async function map(processes, name, items, options) {
  const pool = new Pool(processes)
  await pool.map(target('same'), Array(processes * 8).fill(0), { chunksize: 1 })
  const times = []
  for (let run = 0; run < 3; run += 1) {
    const started = performance.now()
    await pool.map(target(name), items, options)
    times.push(performance.now() - started)
  }
  return median(times)
}

const idle = () => new Promise((resolve) => setTimeout(resolve, 2000))

/** The longest time in milliseconds between two turns of this thread's event loop while a pool does some work. */
async function longestPause(work) {
  const pool = new Pool(2)
  await pool.map(target('same'), Array(16).fill(0), { chunksize: 1 })
  let longest = 0
  let last = performance.now()
  let running = true
  const turn = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
    if (running) setTimeout(turn, 1)
  }
  setTimeout(turn, 1)
  await work(pool)
  running = false
  return longest
}

const numbers = Array.from({ length: 10_000 }, (_, index) => index)

/**
 * All cases by name. Each has a title, the unit of its result, the highest allowed ratio of our result to the other one's (`most`),
 * and its variants, each a function that returns the result. The first variant is ours.
 */
export const processCases = {
  'pipe-process': {
    title: 'small message there and back, between processes',
    unit: 'us',
    most: 1.3,
    variants: {
      Pipe: () => pipe('process'),
      'child_process IPC': () => bareProcess('json'),
      'child_process IPC, advanced': () => bareProcess('advanced'),
    },
  },
  'pipe-thread': {
    title: 'small message there and back, between threads',
    unit: 'us',
    most: 1.3,
    variants: { Pipe: () => pipe('thread'), MessagePort: bareThread },
  },
  'apply-process': {
    title: 'call of a small function in a process',
    unit: 'us',
    most: 1.3,
    variants: {
      'Pool.apply': () => apply('process'),
      'child_process IPC': () => bareProcess('json'),
      'child_process IPC, advanced': () => bareProcess('advanced'),
    },
  },
  'apply-thread': {
    title: 'call of a small function in a thread',
    unit: 'us',
    most: 1.3,
    variants: { 'Pool.apply': () => apply('thread'), MessagePort: bareThread },
  },
  'map-chunks': {
    title: 'map of 10,000 small tasks',
    unit: 'ms',
    most: 0.2,
    variants: {
      'Pool.map in chunks': () => map(2, 'same', numbers),
      'one by one': () => map(2, 'same', numbers, { chunksize: 1 }),
    },
  },
  'map-cores': {
    title: 'map of a function that computes',
    unit: 'ms',
    most: 1 / 1.7,
    variants: {
      'on 2 cores': () => map(2, 'compute', Array(64).fill(50), { chunksize: 1 }),
      'on 1 core': () => map(1, 'compute', Array(64).fill(50), { chunksize: 1 }),
    },
  },
  pause: {
    title: 'longest pause of the event loop, at most 20 ms',
    unit: 'ms',
    variants: {
      'while a pool computes': () =>
        longestPause((pool) => pool.map(target('compute'), Array(200).fill(20), { chunksize: 1 })),
      'while nothing does': () => longestPause(idle),
    },
  },
  'pause-map': {
    title: 'longest pause of the event loop, at most 20 ms',
    unit: 'ms',
    variants: {
      'while 10,000 small tasks are handed out one by one': () =>
        longestPause((pool) => pool.map(target('same'), numbers, { chunksize: 1 })),
      'while nothing is': () => longestPause(idle),
    },
  },
}
