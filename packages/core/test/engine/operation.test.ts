import { AsyncResult, coroutine, Event, type Operation, sleep, spawn, Timeout, until } from '@greenlit/core'
import { expect, onTestFinished, test, vi } from 'vitest'
import { program, raisedBy } from '../support.ts'

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
