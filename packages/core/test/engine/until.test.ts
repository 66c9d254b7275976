import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  type Coroutine,
  fromCallback,
  getcurrent,
  getHub,
  green,
  iterate,
  killall,
  type Operation,
  run,
  sleep,
  spawn,
  until,
  withTimeout,
} from '@greenlit/core'
import { expect, test } from 'vitest'

test('killed waits for promises leave the hub idle, even if the promise is being settled', async () => {
  const waits = [spawn(() => until(new Promise(() => {})))]
  let settle = () => {}
  waits.push(spawn(() => until(new Promise<void>((resolve) => (settle = resolve)))))
  await sleep(0)
  settle()
  await killall(waits)
  expect(waits.map((wait) => String(wait.value))).toEqual(['GreenletExit', 'GreenletExit'])
  expect(await getHub().join({ timeout: 10_000 })).toBe(true)
})

test('a wait for a promise that is killed or times out retains nothing, however long the promise is pending', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  let settle = () => {}
  const pending = new Promise<IteratorResult<unknown>>((resolve) => {
    settle = () => resolve({ done: true, value: undefined })
  })
  const resumers: unknown[] = []
  const waits: [name: string, wait: () => Operation<unknown>][] = [
    ['until', () => until(pending)],
    ['until with a timeout', () => until(pending, { timeout: 60_000 })],
    ['green', () => green({ wait: () => pending }).wait()],
    ['fromCallback', () => fromCallback((resume) => void resumers.push(resume))],
    ['iterate', () => iterate({ [Symbol.asyncIterator]: () => ({ next: () => pending }) }).next()],
  ]
  for (const [name, wait] of waits) {
    const kept: WeakRef<object>[] = []
    const body = function* (): Coroutine<unknown> {
      kept.push(new WeakRef(getcurrent()))
      return yield* wait()
    }
    await run(function* () {
      for (let i = 0; i < 20; i += 1) {
        const killed = spawn(body)
        yield* sleep(0)
        yield* killed.kill()
        yield* spawn(() => withTimeout(0, body, { timeoutValue: undefined })).get()
      }
    })
    for (let round = 0; round < 3; round += 1) {
      await sleep(2)
      collect()
    }
    expect(kept.length, name).toBe(40)
    expect(kept.filter((greenlet) => greenlet.deref() !== undefined).length, name).toBeLessThan(5)
  }
  settle()
})
