import { AsyncLocalStorage } from 'node:async_hooks'
import { pbkdf2 } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import {
  type Coroutine,
  fromCallback,
  getHub,
  joinall,
  killall,
  sleep,
  spawn,
  until,
  withTimeout,
} from '@greenlit/core'
import { useVirtualClock } from '@greenlit/core/testing'
import { expect, test } from 'vitest'

function* spin() {
  for (;;) yield* sleep(0)
}

test('10,000 greenlets in sleep(0) loops delay neither a timer nor a socket for long', async () => {
  const server = createServer((socket) => socket.on('error', () => {}).end('hello'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const spinners = Array.from({ length: 10_000 }, () => spawn(spin))
  await sleep(0)

  const started = performance.now()
  await sleep(10)
  const slept = performance.now() - started

  const text = await spawn(function* () {
    const socket = connect(port, '127.0.0.1')
    const read = yield* fromCallback<Buffer>((resume) => {
      socket.once('data', (data: Buffer) => resume(undefined, data))
      socket.once('error', resume)
    })
    socket.destroy()
    return read.toString()
  })

  await killall(spinners)
  server.close()
  expect(text).toBe('hello')
  expect(slept).toBeGreaterThanOrEqual(9.9)
  expect(slept).toBeLessThan(1000)
})

test('waits for promises that are already resolved do not starve the platform', async () => {
  let served = false
  setTimeout(() => {
    served = true
  }, 50)
  const greenlet = spawn(function* () {
    const resolved = Promise.resolve()
    while (!served) yield* until(resolved)
    return 'served'
  })
  expect(await greenlet).toBe('served')
})

test('waits for resolved promises do not starve the platform with AsyncLocalStorage or in virtual time either', async () => {
  const storage = new AsyncLocalStorage<number>()
  const waitFor = (milliseconds: number) =>
    spawn(function* () {
      let served = false
      setTimeout(() => {
        served = true
      }, milliseconds)
      const resolved = Promise.resolve()
      while (!served) yield* until(resolved)
      served = false
      setTimeout(() => {
        served = true
      }, milliseconds)
      while (!served) yield* sleep(0)
      return storage.getStore()
    })
  expect(await storage.run(7, () => waitFor(30))).toBe(7)
  const clock = useVirtualClock()
  try {
    expect(await waitFor(30)).toBe(undefined)
  } finally {
    clock.restore()
  }
})

test('callbacks of the platform run between the batches of a sleep(0) loop', async () => {
  let turns = 0
  const spinner = spawn(spin)
  await new Promise<void>((resolve) => {
    setImmediate(function again() {
      turns += 1
      if (turns === 3) resolve()
      else setImmediate(again)
    })
  })
  await spinner.kill()
  expect(turns).toBe(3)
})

test('a smaller switch interval lets timers run earlier', async () => {
  const hub = getHub()
  const before = hub.switchInterval
  hub.switchInterval = 1
  try {
    const spinners = Array.from({ length: 100 }, () => spawn(spin))
    const started = performance.now()
    await sleep(2)
    expect(performance.now() - started).toBeLessThan(500)
    await killall(spinners)
  } finally {
    hub.switchInterval = before
  }
  expect(() => {
    hub.switchInterval = 0
  }).toThrow(RangeError)
})

test('other work runs in between when very many timers are due at once, which keep their order', async () => {
  const hub = getHub()
  const { switchInterval } = hub
  hub.switchInterval = 60_000
  const woken: number[] = []
  let others = -1
  const sleepers = Array.from({ length: 3000 }, (_, index) =>
    spawn(function* () {
      yield* sleep(1 + Math.floor(index / 300))
      if (woken.push(index) === 1) setImmediate(() => (others = woken.length))
    }),
  )
  const allAreDue = spawn(function* () {
    const time = performance.now() + 12
    while (performance.now() < time);
  })
  await joinall([allAreDue, ...sleepers])
  hub.switchInterval = switchInterval
  expect(woken).toEqual(sleepers.map((_, index) => index))
  expect(others).toBeGreaterThan(0)
  expect(others).toBeLessThan(3000)
})

test('what came in while the thread was busy is received, although the time for it is up', async () => {
  let finish: (error?: unknown, key?: Buffer) => void
  const receive = () =>
    fromCallback<Buffer>((resume) => {
      finish = resume
    })
  const receiving = spawn(() => withTimeout(50, receive, { timeoutValue: undefined }))
  const sleeping = spawn(() => sleep(50))
  await sleep(0)
  await new Promise<void>((resolve) => {
    // The platform serves its timers next, before the key that is ready by then.
    setImmediate(() => {
      pbkdf2('key', 'salt', 1, 32, 'sha256', finish)
      const end = performance.now() + 150
      while (performance.now() < end);
      resolve()
    })
  })
  expect(await receiving).toHaveLength(32)
  await sleeping
})

test('among greenlets that compute for long between their turns, timers are served every few turns', async () => {
  let steps = 0
  function* compute(): Coroutine<void> {
    for (;;) {
      const end = performance.now() + 12
      while (performance.now() < end);
      steps += 1
      yield* sleep(0)
    }
  }
  const busy = [spawn(compute), spawn(compute)]
  // The first batch may be longer: before that, nothing shows that turns are long.
  await sleep(1)
  const before = steps
  await sleep(1)
  await killall(busy)
  expect(steps - before).toBeLessThan(12)
})
