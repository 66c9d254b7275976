import { EventEmitter } from 'node:events'
import { getHub, once, sleep, spawn, Timeout, withTimeout } from '@greenlit/core'
import { describe, expect, it } from 'vitest'
import { program, raisedBy, thrownBy, turns } from '../support.ts'

describe('once', () => {
  it(
    "returns the arguments of an emitter's event as an array",
    program(function* () {
      const emitter = new EventEmitter()
      getHub().runCallback(() => emitter.emit('ready', 1, 'two'))
      expect(yield* once(emitter, 'ready')).toEqual([1, 'two'])
      const symbol = Symbol('ready')
      getHub().runCallback(() => emitter.emit(symbol, 3))
      expect(yield* once(emitter, symbol)).toEqual([3])
      expect(emitter.eventNames()).toEqual([])
    }),
  )

  it(
    'returns the event of an EventTarget',
    program(function* () {
      const target = new EventTarget()
      getHub().runCallback(() => target.dispatchEvent(new Event('ready')))
      const [event] = yield* once(target, 'ready')
      expect(event.type).toBe('ready')
    }),
  )

  it(
    'throws the error of an error event',
    program(function* () {
      const emitter = new EventEmitter()
      const error = new Error('broken')
      getHub().runCallback(() => emitter.emit('error', error))
      expect(yield* raisedBy(once(emitter, 'ready'))).toBe(error)
      expect(emitter.eventNames()).toEqual([])
    }),
  )

  it(
    'throws any emitted value unchanged, and for an EventTarget the error that the event carries',
    program(function* () {
      const emitter = new EventEmitter()
      for (const error of [Object.assign(new Error('typed'), { type: 'system' }), 'text', null, { reason: 'none' }]) {
        getHub().runCallback(() => emitter.emit('error', error))
        expect(yield* raisedBy(once(emitter, 'ready'))).toBe(error)
      }
      const target = new EventTarget()
      const event = Object.assign(new Event('error'), { error: new RangeError('carried') })
      getHub().runCallback(() => target.dispatchEvent(event))
      expect(yield* raisedBy(once(target, 'open'))).toBe(event.error)
    }),
  )

  it(
    "throws an error with the event as its cause if an EventTarget's error event carries none",
    program(function* () {
      const target = new EventTarget()
      const event = new Event('error')
      getHub().runCallback(() => target.dispatchEvent(event))
      expect(yield* raisedBy(once(target, 'open'))).toMatchObject({ cause: event })
    }),
  )

  it(
    'returns the error if it waits for the error event',
    program(function* () {
      const emitter = new EventEmitter()
      getHub().runCallback(() => emitter.emit('error', new Error('wanted')))
      const [error] = yield* once<[Error]>(emitter, 'error')
      expect(error.message).toBe('wanted')
      expect(emitter.eventNames()).toEqual([])
    }),
  )

  it(
    'removes its listeners when it is killed',
    program(function* () {
      const emitter = new EventEmitter()
      const waiter = spawn(() => once(emitter, 'never'))
      yield* turns(1)
      expect(emitter.eventNames()).toEqual(['never', 'error'])
      yield* waiter.kill()
      expect(emitter.eventNames()).toEqual([])
    }),
  )

  it(
    'removes its listeners and throws Timeout on timeout',
    program(function* () {
      const emitter = new EventEmitter()
      expect(yield* raisedBy(once(emitter, 'never', { timeout: 1 }))).toBeInstanceOf(Timeout)
      expect(emitter.eventNames()).toEqual([])
      expect(yield* withTimeout(1, () => once(emitter, 'never'), { timeoutValue: 'late' })).toBe('late')
      expect(emitter.eventNames()).toEqual([])
    }),
  )

  it(
    'is lazy, and listens only while it waits',
    program(function* () {
      const emitter = new EventEmitter()
      const operation = once(emitter, 'ready')
      expect(emitter.eventNames()).toEqual([])
      emitter.emit('ready', 'too early')
      getHub().runCallback(() => emitter.emit('ready', 'in time'))
      expect(yield* operation).toEqual(['in time'])
    }),
  )

  it(
    'wakes every waiter of an event, in order',
    program(function* () {
      const emitter = new EventEmitter()
      const order: number[] = []
      for (const index of [1, 2, 3]) {
        spawn(function* () {
          yield* once(emitter, 'go')
          order.push(index)
        })
      }
      yield* turns(1)
      emitter.emit('go')
      emitter.emit('go')
      yield* turns(1)
      expect(order).toEqual([1, 2, 3])
    }),
  )

  it(
    'does not run the waiter inside emit',
    program(function* () {
      const emitter = new EventEmitter()
      const order: string[] = []
      spawn(function* () {
        yield* once(emitter, 'go')
        order.push('waiter')
      })
      yield* sleep(0)
      emitter.emit('go')
      order.push('emitter')
      yield* sleep(0)
      expect(order).toEqual(['emitter', 'waiter'])
    }),
  )

  it('rejects anything but an emitter or EventTarget up front', () => {
    expect(String(thrownBy(() => once({} as EventEmitter, 'x')))).toContain('Expected `source` to be an EventEmitter')
    const half = { addEventListener() {} } as unknown as EventTarget
    expect(String(thrownBy(() => once(half, 'x')))).toContain('Expected `source` to be an EventEmitter')
    expect(String(thrownBy(() => once(new EventEmitter(), 1 as never)))).toContain('Expected `event`')
  })
})
