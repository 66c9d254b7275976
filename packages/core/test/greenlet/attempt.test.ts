import { attempt, GreenletExit, sleep, spawn, Timeout, until } from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import { program, raisedBy } from '../support.ts'

describe('attempt', () => {
  test(
    'returns the result of the operation, or its error',
    program(function* () {
      expect(yield* attempt(until(Promise.resolve(5)))).toEqual({ ok: true, value: 5 })
      const error = new RangeError('boom')
      expect(yield* attempt(until(Promise.reject(error)))).toEqual({ ok: false, error })
      const failed = yield* attempt(
        (function* () {
          yield* sleep(0)
          throw error
        })(),
      )
      expect(failed.ok === false && failed.error === error).toBe(true)
    }),
  )

  test(
    'wraps a thrown value that is not an error as the cause of an error',
    program(function* () {
      const result = yield* attempt(
        (function* () {
          throw 'words'
        })(),
      )
      expect(result.ok).toBe(false)
      if (!result.ok) expect(result.error).toMatchObject({ cause: 'words', message: 'words was thrown' })
    }),
  )

  test(
    'passes exits and timeouts through',
    program(function* () {
      for (const control of [new GreenletExit(), new Timeout(5)]) {
        const error = yield* raisedBy(
          attempt(
            (function* () {
              throw control
            })(),
          ),
        )
        expect(error).toBe(control)
      }
    }),
  )

  test(
    'accepts a greenlet',
    program(function* () {
      expect(yield* attempt(spawn(() => 5))).toEqual({ ok: true, value: 5 })
    }),
  )

  test('works in plain code, and rejects anything but an operation', async () => {
    expect(await attempt(sleep(0))).toEqual({ ok: true, value: undefined })
    expect(() => attempt(5 as never)).toThrow(TypeError)
    expect(() => attempt(Promise.resolve(5) as never)).toThrow(TypeError)
    expect(() => attempt(undefined as never)).toThrow(TypeError)
  })
})
