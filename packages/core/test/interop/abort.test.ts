import { setTimeout as delay } from 'node:timers/promises'
import { abortable, sleep, spawn, Timeout, untilAborted, withTimeout } from '@greenlit/core'
import { describe, expect, it } from 'vitest'
import { program, raisedBy, thrownBy } from '../support.ts'

describe('abortable', () => {
  it(
    'gives what the promise comes to, with the signal left alone',
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
    'aborts the signal when its time is over',
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
    'throws what the work throws at once, and what its promise is rejected with',
    program(function* () {
      const error = new Error('no')
      const fails = () => {
        throw error
      }
      expect(yield* raisedBy(abortable(fails))).toBe(error)
      expect(yield* raisedBy(abortable(() => Promise.reject(error)))).toBe(error)
    }),
  )

  it('is lazy, and refuses what is no function at once', () => {
    let calls = 0
    abortable(async () => void (calls += 1))
    expect(calls).toBe(0)
    expect(String(thrownBy(() => abortable(Promise.resolve() as never)))).toContain('Expected `work` to be a function')
  })
})

describe('untilAborted', () => {
  it(
    'waits for the signal and gives its reason',
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
    'just ends when its time is over',
    program(function* () {
      const { signal } = new AbortController()
      expect(yield* untilAborted(signal, { timeout: 1 })).toBe(undefined)
      expect(yield* untilAborted(signal, { timeout: 0 })).toBe(undefined)
    }),
  )

  it(
    'takes its listener off when it is killed',
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

  it('refuses at once what is no signal', () => {
    expect(String(thrownBy(() => untilAborted({} as AbortSignal)))).toContain('Expected `signal` to be an AbortSignal')
  })
})
