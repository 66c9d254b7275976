import { ControlError, Event, GreenletExit, Pool, sleep, Timeout, withTimeout } from '@greenlit/core'
import { wrapErrors } from '@greenlit/core/observe'
import { describe, expect, it } from 'vitest'
import { program, raisedBy, thrownBy } from '../support.ts'

class Wanted extends Error {}
class Other extends Error {}

function throwing(error: Error): never {
  throw error
}

describe('wrapErrors', () => {
  it('returns errors of the classes and their subclasses, and throws others', () => {
    class Sub extends Wanted {}
    const throws = wrapErrors([Wanted, RangeError], (error: Error | undefined) => {
      if (error !== undefined) throw error
      return 7
    })
    for (const error of [new Wanted(), new Sub(), new RangeError()]) expect(throws(error)).toBe(error)
    expect(throws(undefined)).toBe(7)
    expect(thrownBy(() => throws(new Other()))).toBeInstanceOf(Other)
  })

  it(
    'wraps coroutine functions, whose calls become operations',
    program(function* () {
      const work = wrapErrors(Wanted, function* (item: number) {
        yield* sleep(0)
        if (item === 2) throw new Wanted('two')
        if (item === 3) throw new Other('three')
        return item
      })
      expect(yield* work(1)).toBe(1)
      expect(yield* work(2)).toMatchObject({ message: 'two' })
      expect(yield* raisedBy(work(3))).toMatchObject({ message: 'three' })
      expect(yield* new Pool(2).map(work, [1, 2, 1])).toEqual([1, expect.any(Wanted), 1])
    }),
  )

  it('wraps async functions', async () => {
    const work = wrapErrors(Wanted, async (fails: boolean) => {
      if (fails) throw new Wanted('async')
      return 'fine'
    })
    expect(await work(false)).toBe('fine')
    expect(await work(true)).toMatchObject({ message: 'async' })
  })

  it(
    'lets kills and timeouts through, unless their class is named',
    program(function* () {
      const forever = function* () {
        yield* new Event().wait()
      }
      const silent = { timeoutValue: 'late' }
      expect(yield* withTimeout(1, wrapErrors(Error, forever), silent)).toBe('late')
      expect(yield* withTimeout(1, wrapErrors([RangeError, Error], forever), silent)).toBe('late')
      expect(yield* withTimeout(1, wrapErrors(Timeout, forever), silent)).toBeInstanceOf(Timeout)
      expect(yield* withTimeout(1, wrapErrors(ControlError, forever), silent)).toBeInstanceOf(Timeout)
      expect(() => wrapErrors(Error, () => throwing(new GreenletExit()))()).toThrow(GreenletExit)
    }),
  )

  it('passes `this` on', () => {
    const object = {
      n: 7,
      get: wrapErrors(Wanted, function (this: { n: number }) {
        return this.n
      } as () => number),
    }
    expect(object.get()).toBe(7)
  })

  it('rejects anything but error classes and a function up front', () => {
    expect(String(thrownBy(() => wrapErrors(7 as never, () => 1)))).toContain(
      'Expected `errors` to be a class of errors',
    )
    expect(String(thrownBy(() => wrapErrors(Wanted, 7 as never)))).toContain('Expected `fn` to be a function')
  })
})
