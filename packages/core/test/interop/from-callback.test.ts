import { fromCallback, GreenletExit, getHub, type Resume, sleep, spawn, Timeout } from '@greenlit/core'
import { describe, expect, it } from 'vitest'
import { collectReports, program, raisedBy, thrownBy } from '../support.ts'

describe('fromCallback', () => {
  it(
    'gives the value of the callback',
    program(function* () {
      const value = yield* fromCallback<string>((resume) => {
        setImmediate(() => resume(undefined, 'done'))
      })
      expect(value).toBe('done')
    }),
  )

  it(
    'throws the error of the callback; null and undefined are none',
    program(function* () {
      const error = new Error('no')
      const failing = fromCallback((resume) => {
        getHub().runCallback(resume, error)
      })
      expect(yield* raisedBy(failing)).toBe(error)
      expect(yield* fromCallback<number>((resume) => void getHub().runCallback(resume, null, 1))).toBe(1)
    }),
  )

  it(
    'takes an answer that comes before it waits, and does not suspend for it',
    program(function* () {
      const order: string[] = []
      spawn(() => order.push('other'))
      expect(yield* fromCallback<number>((resume) => resume(undefined, 7))).toBe(7)
      expect(yield* raisedBy(fromCallback((resume) => resume(new Error('early'))))).toMatchObject({ message: 'early' })
      expect(order).toEqual([])
    }),
  )

  it(
    'takes only the first answer',
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
    'calls the work off on a kill and on a timeout, and not at the end',
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
    'takes what the calling off brings about for late: the kill, or the timeout, goes on',
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
    'reports what fails in calling off, and lets the kill or the timeout go on',
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

  it('is lazy, and refuses at once what is no function', () => {
    let begun = false
    fromCallback(() => {
      begun = true
    })
    expect(begun).toBe(false)
    expect(String(thrownBy(() => fromCallback(1 as never)))).toContain('Expected `begin` to be a function')
  })
})
