import { activeCount, attempt, type Coroutine, getHub, type Operation, sleep, spawn } from '@greenlit/core'
import { afterEach, beforeEach, vi } from 'vitest'

const WATCHED = /^(ProcessWrap|PipeWrap|Worker|MessagePort|TCP)/

function handles(): string[] {
  return process.getActiveResourcesInfo().filter((name) => WATCHED.test(name))
}

/** Checks after each test of the file that it left no open handle and no greenlet behind. */
export function guardLeaks(): void {
  // Starting a process takes long where all processors are taken.
  vi.setConfig({ testTimeout: 60_000 })
  let before: string[] = []
  let greenlets = 0
  beforeEach(() => {
    before = handles()
    greenlets = activeCount()
    getHub().exceptionStream = undefined
  })
  afterEach(async () => {
    for (let tries = 0; tries < 400 && handles().length > before.length; tries += 1) await sleep(5)
    const left = handles()
    if (left.length > before.length)
      throw new Error(`The test left handles open: ${left.join(', ')} (before: ${before})`)
    for (let tries = 0; tries < 200 && activeCount() > greenlets; tries += 1) await sleep(5)
    if (activeCount() > greenlets) throw new Error(`The test left ${activeCount() - greenlets} greenlets running`)
  })
}

/** Runs a coroutine to its end, and gives what it gives. */
export function run<T>(main: () => Generator<unknown, T, unknown>): Promise<T> {
  return Promise.resolve(spawn(main as () => Coroutine<T>)) as Promise<T>
}

/** What an operation throws. */
export function* failure(operation: Operation<unknown> | Coroutine<unknown>): Coroutine<Error> {
  const attempted = yield* attempt(operation)
  if (attempted.ok) throw new Error(`Expected a failure, got ${String(attempted.value)}`)
  return attempted.error
}
