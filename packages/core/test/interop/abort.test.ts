import { setTimeout as delay } from 'node:timers/promises'
import { abortable, sleep, spawn, Timeout, untilAborted, withTimeout } from '@greenlit/core'
import { describe, expect, it } from 'vitest'
import { program, raisedBy, thrownBy } from '../support.ts'

describe('abortable', () => {
  it(
    'returns the result of the promise, without aborting the signal',
    program(function* () {
      let given: AbortSignal | undefined
      const value = yield* abortable(async (signal) => {
        given = signal
        return 7
      })
      expect(value).toBe(7)
      expect(given!.aborted).toBe(false)
    }),
  )

  it(
    'aborts the signal when the wait is killed, and ignores the rejection that follows',
    program(function* () {
      let given: AbortSignal | undefined
      const waiter = spawn(() =>
        abortable((signal) => {
          given = signal
          return delay(60_000, undefined, { signal })
        }),
      )
      yield* sleep(0)
      expect(given!.aborted).toBe(false)
      yield* waiter.kill()
      expect(given!.aborted).toBe(true)
    }),
  )

  it(
    'aborts the signal on timeout',
    program(function* () {
      let given: AbortSignal | undefined
      const work = (signal: AbortSignal) => {
        given = signal
        return delay(60_000, undefined, { signal })
      }
      expect(yield* raisedBy(abortable(work, { timeout: 1 }))).toBeInstanceOf(Timeout)
      expect(given!.aborted).toBe(true)
      given = undefined
      yield* withTimeout(1, () => abortable(work), { timeoutValue: undefined })
      expect(given!.aborted).toBe(true)
    }),
  )

  it(
    'throws the error of the function, or the rejection of its promise',
    program(function* () {
      const error = new Error('no')
      const fails = () => {
        throw error
      }
      expect(yield* raisedBy(abortable(fails))).toBe(error)
      expect(yield* raisedBy(abortable(() => Promise.reject(error)))).toBe(error)
    }),
  )

  it('is lazy, and rejects anything but a function up front', () => {
    let calls = 0
    abortable(async () => void (calls += 1))
    expect(calls).toBe(0)
    expect(String(thrownBy(() => abortable(Promise.resolve() as never)))).toContain('Expected `work` to be a function')
  })
})

describe('untilAborted', () => {
  it(
    'waits for the signal and returns its reason',
    program(function* () {
      const controller = new AbortController()
      const waiter = spawn(() => untilAborted(controller.signal))
      yield* sleep(0)
      controller.abort('because')
      expect(yield* waiter).toBe('because')
      expect(yield* untilAborted(controller.signal)).toBe('because')
    }),
  )

  it(
    'returns undefined on timeout',
    program(function* () {
      const { signal } = new AbortController()
      expect(yield* untilAborted(signal, { timeout: 1 })).toBe(undefined)
      expect(yield* untilAborted(signal, { timeout: 0 })).toBe(undefined)
    }),
  )

  it(
    'removes its listener when it is killed',
    program(function* () {
      const { signal } = new AbortController()
      let listeners = 0
      const add = signal.addEventListener.bind(signal)
      const remove = signal.removeEventListener.bind(signal)
      signal.addEventListener = (...args: Parameters<typeof add>) => {
        listeners += 1
        add(...args)
      }
      signal.removeEventListener = (...args: Parameters<typeof remove>) => {
        listeners -= 1
        remove(...args)
      }
      const waiter = spawn(() => untilAborted(signal))
      yield* sleep(0)
      expect(listeners).toBe(1)
      yield* waiter.kill()
      expect(listeners).toBe(0)
    }),
  )

  it('rejects anything but a signal up front', () => {
    for (const signal of [{}, undefined, null] as AbortSignal[]) {
      expect(String(thrownBy(() => untilAborted(signal)))).toContain('Expected `signal` to be an AbortSignal')
    }
  })
})
