import { connect, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { fromCallback, getHub, joinall, killall, sleep, spawn } from '@greenlit/core'
import { bytesPerObject, cpuNanosecondsPerOperation, median } from '../lib/measure.mjs'

const SLEEPERS = 1_000_000

/** The same pseudo-random times for each variant. */
function times(count) {
  let seed = 12345
  return Array.from({ length: count }, () => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31
    return (seed / 2 ** 31) * 1000
  })
}

const SPINNERS = 10_000

/** The median of what `serve` returns over several tries, a delay in milliseconds, while greenlets spin in `sleep(0)`. */
async function lateness(serve) {
  const spinners = Array.from({ length: SPINNERS }, () =>
    spawn(function* () {
      for (;;) yield* sleep(0)
    }),
  )
  const late = []
  for (let attempt = 0; attempt < 9; attempt += 1) late.push(await serve())
  await killall(spinners)
  return median(late)
}

function timerLateness() {
  return spawn(function* () {
    const started = performance.now()
    yield* sleep(10)
    return performance.now() - started - 10
  })
}

/** The time from a peer's write to our read of it, over an existing connection. */
async function socketLateness() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const accepted = new Promise((resolve) => server.once('connection', resolve))
  const socket = connect(server.address().port, '127.0.0.1')
  const peer = await accepted
  const read = spawn(() =>
    fromCallback((resume) => void socket.once('data', () => resume(undefined, performance.now()))),
  )
  await sleep(1)
  const written = performance.now()
  peer.end('x')
  const served = (await read) - written
  socket.destroy()
  server.close()
  return served
}

/** Shared by all sleepers, like the async variant: V8 creates a hidden class for each generator function, even for each closure. */
function* sleeper(milliseconds) {
  yield* sleep(milliseconds)
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
          (count) => joinall(times(count).map((milliseconds) => spawn(sleeper, milliseconds))),
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
  'asleep-100k': {
    title: '100,000 greenlets asleep at once, heap of each',
    unit: 'bytes',
    node: ['--expose-gc'],
    variants: {
      greenlit: () =>
        bytesPerObject(async (count) => {
          const sleepers = Array.from({ length: count }, () => spawn(sleep, 1_000))
          await sleep(0)
          return sleepers
        }, 100_000),
      'async/await': () => bytesPerObject(async (count) => Array.from({ length: count }, () => delay(1_000)), 100_000),
    },
  },
  'starvation-timer': {
    title: `a 10 ms timer beside ${SPINNERS} greenlets in sleep(0), late by`,
    unit: 'ms',
    variants: { greenlit: () => lateness(timerLateness), 'two switch intervals': () => 2 * getHub().switchInterval },
  },
  'starvation-socket': {
    title: `a socket's byte beside ${SPINNERS} greenlets in sleep(0), after`,
    unit: 'ms',
    variants: { greenlit: () => lateness(socketLateness), 'two switch intervals': () => 2 * getHub().switchInterval },
  },
}
