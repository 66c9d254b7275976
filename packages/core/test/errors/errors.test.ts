import {
  attempt,
  BlockingSwitchOutError,
  BrokenBarrierError,
  ConcurrentObjectUseError,
  ControlError,
  FatalError,
  GreenletExit,
  InvalidSwitchError,
  isControlError,
  LoopExit,
  sleep,
  spawn,
  Timeout,
  until,
} from '@greenlit/core'
import { branded } from '@greenlit/core/engine'
import { describe, expect, test } from 'vitest'
import { program, raisedBy } from '../support.ts'

describe('error classes', () => {
  const errors: [Error & { code: string }, string, string][] = [
    [new GreenletExit(), 'GreenletExit', 'GREENLET_EXIT'],
    [new Timeout(1), 'Timeout', 'TIMEOUT'],
    [new ControlError(), 'ControlError', 'CONTROL'],
    [new LoopExit(), 'LoopExit', 'LOOP_EXIT'],
    [new BlockingSwitchOutError(), 'BlockingSwitchOutError', 'BLOCKING_SWITCH_OUT'],
    [new InvalidSwitchError(), 'InvalidSwitchError', 'INVALID_SWITCH'],
    [new ConcurrentObjectUseError(), 'ConcurrentObjectUseError', 'CONCURRENT_OBJECT_USE'],
    [new FatalError(), 'FatalError', 'FATAL'],
    [new BrokenBarrierError(), 'BrokenBarrierError', 'BROKEN_BARRIER'],
  ]
  for (const [error, name, code] of errors) {
    test(`${name} has its name and code`, () => {
      expect(error).toBeInstanceOf(Error)
      expect([error.name, error.code]).toEqual([name, code])
      expect(String(error)).toContain(name)
      expect(isControlError(error)).toBe(['GreenletExit', 'Timeout', 'ControlError'].includes(name))
    })
  }

  test('accept a message and a cause', () => {
    const cause = new RangeError('boom')
    expect(new GreenletExit('enough', { cause })).toMatchObject({ message: 'enough', cause })
  })
})

describe('a brand', () => {
  class Original extends branded('BrandTest') {}
  class Copy extends branded('BrandTest') {}
  class Also extends branded('some.Also', RangeError, ['BrandTest']) {}
  class Special extends Original {}

  test('makes a class recognise the errors of its copies', () => {
    expect(new Copy()).toBeInstanceOf(Original)
    expect(new Original()).toBeInstanceOf(Copy)
    expect(new Special()).toBeInstanceOf(Copy)
    expect(new Error('other')).not.toBeInstanceOf(Original)
  })

  test('may make a class recognise the errors of another class too', () => {
    expect(new Also('no')).toBeInstanceOf(Original)
    expect(new Also('no')).toBeInstanceOf(RangeError)
    expect(String(new Also('no'))).toBe('Also: no')
    expect(new Original()).not.toBeInstanceOf(Also)
  })

  test('lets a subclass recognise only its own errors', () => {
    expect(new Special()).toBeInstanceOf(Special)
    expect(new Original()).not.toBeInstanceOf(Special)
    for (const value of [undefined, null, 5, 'text', {}]) expect(value instanceof Original).toBe(false)
  })
})

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
