import { fromCallback, GreenletExit, getHub, type Resume, sleep, spawn, Timeout } from '@greenlit/core'
import { describe, expect, it } from 'vitest'
import { collectReports, program, raisedBy, thrownBy } from '../support.ts'

describe('fromCallback', () => {
  it(
    'returns the value passed to the callback',
    program(function* () {
      const value = yield* fromCallback<string>((resume) => {
        setImmediate(() => resume(undefined, 'done'))
      })
      expect(value).toBe('done')
    }),
  )

  it(
    'throws the error passed to the callback; a falsy one is none, as for util.promisify',
    program(function* () {
      const error = new Error('no')
      const failing = fromCallback((resume) => {
        getHub().runCallback(resume, error)
      })
      expect(yield* raisedBy(failing)).toBe(error)
      for (const none of [null, undefined, false, 0, '']) {
        expect(yield* fromCallback<number>((resume) => void getHub().runCallback(resume, none, 1))).toBe(1)
        expect(yield* fromCallback<number>((resume) => resume(none, 2))).toBe(2)
      }
    }),
  )

  it(
    'accepts an answer that comes before it waits, and then does not suspend',
    program(function* () {
      const order: string[] = []
      spawn(() => order.push('other'))
      expect(yield* fromCallback<number>((resume) => resume(undefined, 7))).toBe(7)
      expect(yield* raisedBy(fromCallback((resume) => resume(new Error('early'))))).toMatchObject({ message: 'early' })
      expect(order).toEqual([])
    }),
  )

  it(
    'ignores all answers but the first',
    program(function* () {
      let answer: Resume<number> | undefined
      const waiter = spawn(() =>
        fromCallback<number>((resume) => {
          answer = resume
        }),
      )
      yield* sleep(0)
      answer!(undefined, 1)
      answer!(undefined, 2)
      answer!(new Error('late'))
      expect(yield* waiter).toBe(1)
      answer!(undefined, 3)
    }),
  )

  it(
    'cancels the work on a kill or timeout, but not when it has ended',
    program(function* () {
      const calledOff: string[] = []
      const begin = (name: string) => (_resume: Resume<void>) => () => void calledOff.push(name)
      const waiter = spawn(() => fromCallback(begin('killed')))
      yield* sleep(0)
      yield* waiter.kill()
      expect(yield* raisedBy(fromCallback(begin('late'), { timeout: 1 }))).toBeInstanceOf(Timeout)
      yield* fromCallback((resume) => {
        setImmediate(resume)
        return () => void calledOff.push('ended')
      })
      expect(calledOff).toEqual(['killed', 'late'])
    }),
  )

  it(
    'ignores an answer that the cancellation causes: the kill or timeout is raised',
    program(function* () {
      const callingBack = (resume: Resume<void>) => () => resume(new Error('called off'))
      const waiter = spawn(function* () {
        const errors = [yield* raisedBy(fromCallback(callingBack))]
        yield* sleep(1)
        return errors
      })
      yield* sleep(0)
      waiter.kill(new RangeError('killed'))
      expect(yield* waiter).toEqual([new RangeError('killed')])
      expect(yield* raisedBy(fromCallback(callingBack, { timeout: 1 }))).toBeInstanceOf(Timeout)
      expect(yield* getHub().join()).toBe(true)
    }),
  )

  it(
    'reports an error of the cancellation, and raises the kill or timeout',
    program(function* () {
      const reports = collectReports()
      const begin = () => () => {
        throw new Error('cannot be called off')
      }
      const waiter = spawn(() => fromCallback(begin))
      yield* sleep(0)
      yield* waiter.kill()
      expect(waiter.value).toBeInstanceOf(GreenletExit)
      expect(yield* raisedBy(fromCallback(begin, { timeout: 1 }))).toBeInstanceOf(Timeout)
      expect(reports).toEqual(
        Array(2).fill({ context: 'fromCallback(begin)', error: new Error('cannot be called off') }),
      )
    }),
  )

  it('is lazy, and rejects anything but a function up front', () => {
    let begun = false
    fromCallback(() => {
      begun = true
    })
    expect(begun).toBe(false)
    expect(String(thrownBy(() => fromCallback(1 as never)))).toContain('Expected `begin` to be a function')
  })
})
