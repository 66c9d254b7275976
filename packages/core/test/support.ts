import { type Coroutine, coroutine, enumerate, getHub, killall, type Operation, sleep } from '@greenlit/core'
import { expect, onTestFinished } from 'vitest'

/**
 * Runs a coroutine as the plain program does, that is as the main greenlet. The test fails if it leaves a greenlet alive, after
 * those that are about to end have had their turns.
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

/** Gives the hub some turns. */
export function* turns(count: number): Coroutine<void> {
  for (let turn = 0; turn < count; turn += 1) yield* sleep(0)
}

/** Collects what the hub reports for the rest of the test, instead of printing it. */
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

/** What a call throws. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  return expect.fail('nothing was thrown')
}

/** What a coroutine throws, kills and timeouts too. */
export function* raisedBy(target: Operation<unknown> | Coroutine<unknown>): Coroutine<unknown> {
  try {
    yield* target
  } catch (error) {
    return error
  }
  return expect.fail('nothing was thrown')
}
