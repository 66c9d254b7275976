import {
  BlockingSwitchOutError,
  BrokenBarrierError,
  ConcurrentObjectUseError,
  ControlError,
  FatalError,
  GreenletExit,
  InvalidSwitchError,
  isControlError,
  LoopExit,
  Timeout,
} from '@greenlit/core'
import { alsoKnownAs, branded } from '@greenlit/core/engine'
import { describe, expect, test } from 'vitest'

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
  class Also extends alsoKnownAs(branded('some.Also', RangeError), 'BrandTest') {}
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
