import { attempt, type Coroutine, getHub, type Operation, spawn } from '@greenlit/core'
import { type LeakCheck, watchLeaks } from '@greenlit/core/testing'
import { afterEach, beforeEach, vi } from 'vitest'

/** How long the resources of a test may take to end; long, for machines whose processors are all busy. */
const PATIENCE = 10_000

/** Checks after each test of the file that it left no open handle, no timer, no wait and no greenlet behind. */
export function guardLeaks(): void {
  // Starting a process takes long on such machines too.
  vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 })
  let leaks: LeakCheck
  beforeEach(() => {
    leaks = watchLeaks()
    getHub().exceptionStream = undefined
  })
  afterEach(async () => {
    await leaks.assertNone({ patience: PATIENCE })
  })
}

/** Runs a coroutine to its end, and returns its result. */
export function run<T>(main: () => Generator<unknown, T, unknown>): Promise<T> {
  return Promise.resolve(spawn(main as () => Coroutine<T>)) as Promise<T>
}

/** Returns what an operation throws. */
export function* failure(operation: Operation<unknown> | Coroutine<unknown>): Coroutine<Error> {
  const attempted = yield* attempt(operation)
  if (attempted.ok) throw new Error(`Expected a failure, got ${String(attempted.value)}`)
  return attempted.error
}
