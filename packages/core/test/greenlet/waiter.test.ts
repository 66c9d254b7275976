import { ConcurrentObjectUseError, GreenletExit, getHub, sleep, spawn, Waiter } from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import { collectReports, program, raisedBy, turns } from '../support.ts'

describe('Waiter', () => {
  test(
    'a value that is switched in before a greenlet waits is kept',
    program(function* () {
      const waiter = new Waiter<number>()
      expect(waiter.ready()).toBe(false)
      waiter.switch(25)
      expect([waiter.ready(), waiter.successful(), waiter.value]).toEqual([true, true, 25])
      expect(yield* waiter.get()).toBe(25)
      expect(yield* waiter.get()).toBe(25)
      waiter.clear()
      expect(waiter.ready()).toBe(false)
    }),
  )

  test(
    'an error that is thrown in before a greenlet waits is thrown by get',
    program(function* () {
      const waiter = new Waiter()
      const error = new RangeError('boom')
      waiter.throw(error)
      expect([waiter.ready(), waiter.successful(), waiter.exception]).toEqual([true, false, error])
      expect(yield* raisedBy(waiter.get())).toBe(error)
    }),
  )

  test(
    'an error class that is thrown in is instantiated',
    program(function* () {
      const waiter = new Waiter()
      waiter.throw(RangeError)
      expect(yield* raisedBy(waiter.get())).toBeInstanceOf(RangeError)
    }),
  )

  test(
    'the hub may pass a value or an error to the waiting greenlet, which runs at once',
    program(function* () {
      const waiter = new Waiter<string>()
      const log: string[] = []
      const waiting = spawn(function* () {
        log.push(yield* waiter.get())
        log.push(String(yield* raisedBy(waiter.get())))
      })
      yield* sleep(0)
      getHub().runCallback(() => {
        waiter.switch('hello')
        log.push('after switch')
        waiter.throw(new RangeError('boom'))
      })
      yield* waiting
      expect(log).toEqual(['hello', 'after switch', 'RangeError: boom'])
    }),
  )

  test(
    'a callback of the platform may pass a value too',
    program(function* () {
      const waiter = new Waiter<string>()
      setTimeout(() => waiter.switch('hello'), 2)
      expect(yield* waiter.get()).toBe('hello')
    }),
  )

  test(
    'only the hub may switch to a waiting greenlet, not another greenlet',
    program(function* () {
      const waiter = new Waiter<number>()
      const waiting = spawn(() => waiter.get())
      yield* sleep(0)
      expect(() => waiter.switch(1)).toThrow('by the hub')
      getHub().runCallback(() => waiter.switch(2))
      expect(yield* waiting).toBe(2)
    }),
  )

  test(
    'two greenlets may not wait at the same time',
    program(function* () {
      const waiter = new Waiter<number>()
      const waiting = spawn(() => waiter.get())
      yield* sleep(0)
      expect(yield* raisedBy(waiter.get())).toBeInstanceOf(ConcurrentObjectUseError)
      expect(() => waiter.clear()).toThrow(ConcurrentObjectUseError)
      getHub().runCallback(() => waiter.switch(2))
      expect(yield* waiting).toBe(2)
    }),
  )

  test(
    'a value meant for a greenlet that was killed is kept for the next one',
    program(function* () {
      const waiter = new Waiter<number>()
      const waiting = spawn(() => waiter.get())
      yield* sleep(0)
      waiting.kill()
      yield* turns(2)
      getHub().runCallback(() => waiter.switch(2))
      yield* turns(2)
      expect(yield* waiter.get()).toBe(2)
    }),
  )

  test(
    'it takes the outcome of an object that it is linked to',
    program(function* () {
      const waiter = new Waiter<number>()
      const source = spawn(() => 5)
      source.rawlink(waiter)
      expect(yield* waiter.get()).toBe(5)
    }),
  )

  test('a switch without a value is rejected', () => {
    const waiter = new Waiter<undefined>()
    expect(() => (waiter.switch as () => void)()).toThrow(TypeError)
    waiter.switch(undefined)
    expect(waiter.ready()).toBe(true)
  })

  test('a value from plain code for a greenlet that is being killed is kept for the next one', async () => {
    const waiter = new Waiter<number>()
    const waiting = spawn(() => waiter.get())
    await sleep(0)
    const killed = waiting.kill()
    waiter.switch(5)
    await killed
    expect(waiting.value).toBeInstanceOf(GreenletExit)
    expect(await waiter.get()).toBe(5)
  })

  test(
    'a greenlet killed while it waited does not block the next one, which gets the error of a linked greenlet',
    program(function* () {
      collectReports()
      const waiter = new Waiter()
      const error = new RangeError('boom')
      const waiting = spawn(() => waiter.get())
      yield* sleep(0)
      yield* waiting.kill()
      const next = spawn(() => raisedBy(waiter.get()))
      const failing = spawn(() => {
        throw error
      })
      failing.rawlink((source) => waiter.receive(source as never))
      expect(yield* next).toBe(error)
    }),
  )
})
