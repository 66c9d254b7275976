import { EventEmitter } from 'node:events'
import type { Server, Socket } from 'node:net'
import type { Readable } from 'node:stream'
import {
  abortable,
  type CooperativeIterator,
  each,
  fromCallback,
  iterate,
  type Operation,
  once,
  untilAborted,
} from '@greenlit/core'
import { expectTypeOf, test } from 'vitest'

test('once', () => {
  expectTypeOf(once(new EventEmitter(), 'ready')).toEqualTypeOf<Operation<unknown[]>>()
  expectTypeOf(once<[Socket]>({} as Server, 'connection')).toEqualTypeOf<Operation<[Socket]>>()
  expectTypeOf(once(new EventTarget(), 'ready')).toEqualTypeOf<Operation<[Event]>>()
  expectTypeOf(once<MessageEvent>({} as WebSocket, 'message')).toEqualTypeOf<Operation<[MessageEvent]>>()
  once(new EventEmitter(), Symbol('ready'), { timeout: 1 })
  // @ts-expect-error a plain object emits no events
  once({}, 'ready')
  // @ts-expect-error the name of the event is missing
  once(new EventEmitter())
})

test('iterate', () => {
  async function* numbers() {
    yield 1
  }
  expectTypeOf(iterate(numbers())).toEqualTypeOf<CooperativeIterator<number>>()
  expectTypeOf(iterate<Buffer>({} as Readable)).toEqualTypeOf<CooperativeIterator<Buffer>>()
  each(iterate(numbers()), (item) => {
    expectTypeOf(item).toEqualTypeOf<number>()
  })
  // @ts-expect-error a list is not asynchronous
  iterate([1])
})

test('abortable and untilAborted', () => {
  expectTypeOf(abortable(async (signal) => signal.aborted)).toEqualTypeOf<Operation<boolean>>()
  expectTypeOf(abortable(() => 1, { timeout: 5 })).toEqualTypeOf<Operation<number>>()
  expectTypeOf(untilAborted(new AbortController().signal)).toEqualTypeOf<Operation<unknown>>()
  // @ts-expect-error a controller is not a signal
  untilAborted(new AbortController())
})

test('fromCallback', () => {
  expectTypeOf(fromCallback<string>((resume) => resume(undefined, 'value'))).toEqualTypeOf<Operation<string>>()
  expectTypeOf(fromCallback((resume) => () => resume())).toEqualTypeOf<Operation<void>>()
  // @ts-expect-error the value is a string
  fromCallback<string>((resume) => resume(undefined, 7))
})
