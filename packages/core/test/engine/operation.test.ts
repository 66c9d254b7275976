import {
  AsyncResult,
  coroutine,
  Event,
  Group,
  Lock,
  type Operation,
  Queue,
  sleep,
  spawn,
  Timeout,
  until,
} from '@greenlit/core'
import { expect, onTestFinished, test, vi } from 'vitest'
import { collectReports, program, raisedBy } from '../support.ts'

const calls: Record<string, () => Operation<unknown>> = {
  'a wait with a limit': () => new Event().wait({ timeout: 1 }),
  'a wait with a Timeout as its limit': () => new Event().wait({ timeout: new Timeout(1) }),
  'a wait that ends at once': () => new Event().wait({ timeout: 0 }),
  'a wait that fails at once': () => new AsyncResult().get({ timeout: 0 }),
  'a join': () => spawn(() => sleep(0)).join(),
  'a sleep': () => sleep(1),
  'a wait for a promise': () => until(Promise.resolve()),
  'a call of a coroutine': coroutine(function* () {
    yield* sleep(0)
  }),
  'a call of a coroutine that fails': coroutine(function* () {
    yield* sleep(0)
    throw new RangeError('boom')
  }),
}

for (const [name, call] of Object.entries(calls)) {
  test(
    `${name} may be used only once: a second use throws, whether the first has ended or still waits`,
    program(function* () {
      const over = call()
      yield* spawn(function* () {
        try {
          yield* over
        } catch {}
      })
      const waiting = call()
      const user = spawn(function* () {
        try {
          yield* waiting
        } catch (error) {
          return error
        }
        return undefined
      })
      yield* sleep(0)
      for (const used of [over, waiting])
        expect(String(yield* raisedBy(used))).toContain('Expected an operation to be used once')
      expect(String(yield* user)).not.toContain('Expected an operation')
    }),
  )
}

test('a blocking call of another copy of the package throws an error that names the cause', async () => {
  onTestFinished(() => void vi.resetModules())
  vi.resetModules()
  const other = await import('../../src/index.ts')
  const here = spawn(function* () {
    yield* other.sleep(1)
  })
  await expect(here).rejects.toThrow('in a greenlet of this copy of Greenlit')
})

test('what plain code awaits begins before the greenlets that it has just spawned run', async () => {
  const event = new Event()
  spawn(() => {
    event.set()
    event.clear()
  })
  expect(await event.wait({ timeout: 1000 })).toBe(true)

  const lock = new Lock()
  const other = spawn(() => lock.acquire({ blocking: false }))
  expect(await lock.acquire()).toBe(true)
  expect(await other).toBe(false)

  const queue = new Queue<number>()
  const second = spawn(() => queue.get())
  spawn(() => {
    for (const item of [1, 2]) queue.putNowait(item)
  })
  expect([await queue.get(), await second]).toEqual([1, 2])

  collectReports()
  const group = new Group()
  const error = new RangeError('at once')
  group.spawn(() => {
    throw error
  })
  let raised: unknown
  try {
    await group.join({ raiseError: true })
  } catch (caught) {
    raised = caught
  }
  expect(raised).toBe(error)
})
