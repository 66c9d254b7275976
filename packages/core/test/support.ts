import { type Coroutine, coroutine, enumerate, getHub, killall, type Operation, sleep } from '@greenlit/core'
import { expect, onTestFinished } from 'vitest'

/**
 * Returns a test function that runs a coroutine in the main greenlet, as plain code does. The test fails if a greenlet is still alive
 * three turns after the coroutine has ended.
 */
export function program(body: () => Coroutine<unknown>): () => Promise<void> {
  return async () => {
    try {
      await coroutine(body)()
      await coroutine(turns)(3)
      expect(enumerate().slice(1).map(String)).toEqual([])
    } finally {
      await killall(enumerate().slice(1))
    }
  }
}

/** Lets the hub run for the given number of turns. */
export function* turns(count: number): Coroutine<void> {
  for (let turn = 0; turn < count; turn += 1) yield* sleep(0)
}

/** Collects the errors that the hub reports during the rest of the test, instead of printing them. */
export function collectReports(): { context: unknown; error: unknown }[] {
  const hub = getHub()
  const reports: { context: unknown; error: unknown }[] = []
  const own = Object.getOwnPropertyDescriptor(hub, 'handleError')
  hub.handleError = (context, error) => {
    reports.push({ context, error })
  }
  onTestFinished(() => {
    if (own === undefined) Reflect.deleteProperty(hub, 'handleError')
    else Object.defineProperty(hub, 'handleError', own)
  })
  return reports
}

/** Returns the error that a call throws, and fails the test if it throws none. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  return expect.fail('nothing was thrown')
}

/** Returns the error that a coroutine throws, even a kill or timeout, and fails the test if it throws none. */
export function* raisedBy(target: Operation<unknown> | Coroutine<unknown>): Coroutine<unknown> {
  try {
    yield* target
  } catch (error) {
    return error
  }
  return expect.fail('nothing was thrown')
}
