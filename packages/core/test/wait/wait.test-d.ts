import {
  AsyncResult,
  type CooperativeIterator,
  type Coroutine,
  Event,
  each,
  type Greenlet,
  iwait,
  joinall,
  killall,
  type Operation,
  spawn,
  wait,
} from '@greenlit/core'
import { expectTypeOf } from 'vitest'

declare const numbers: Greenlet<number>[]
declare const many: Iterable<Greenlet<string>>

export function* several(): Coroutine<void> {
  const number = spawn(() => 1)
  const text = spawn(() => 'a')

  // As many as were passed, but in unknown order.
  const ended = yield* joinall([number, text])
  expectTypeOf(ended).toEqualTypeOf<[Greenlet<number> | Greenlet<string>, Greenlet<number> | Greenlet<string>]>()
  expectTypeOf(ended[0].value).toEqualTypeOf<number | string | undefined>()
  expectTypeOf(yield* joinall([number, text], { raiseError: true })).toEqualTypeOf(ended)
  // Not all of them may have ended.
  expectTypeOf(yield* joinall([number, text], { timeout: 5 })).toEqualTypeOf<(Greenlet<number> | Greenlet<string>)[]>()
  expectTypeOf(yield* joinall([number, text], { count: 1 })).toEqualTypeOf<(Greenlet<number> | Greenlet<string>)[]>()
  expectTypeOf(yield* joinall(numbers)).toEqualTypeOf<Greenlet<number>[]>()
  expectTypeOf(yield* joinall(many)).toEqualTypeOf<Greenlet<string>[]>()
  expectTypeOf(yield* joinall(new Set(numbers))).toEqualTypeOf<Greenlet<number>[]>()
  expectTypeOf(yield* joinall([])).toEqualTypeOf<[]>()

  const event = new Event()
  const result = new AsyncResult<number>()
  const ready = yield* wait([event, result])
  expectTypeOf(ready).toEqualTypeOf<[Event | AsyncResult<number>, Event | AsyncResult<number>]>()
  expectTypeOf(yield* wait([event, result], { count: 1 })).toEqualTypeOf<(Event | AsyncResult<number>)[]>()
  expectTypeOf(yield* wait(new Set([event]))).toEqualTypeOf<Event[]>()
  expectTypeOf(yield* wait()).toEqualTypeOf<boolean>()
  expectTypeOf(yield* wait(undefined, { timeout: 5 })).toEqualTypeOf<boolean>()
  expectTypeOf(yield* wait({ timeout: 5 })).toEqualTypeOf<boolean>()

  expectTypeOf(iwait([number, text])).toEqualTypeOf<CooperativeIterator<Greenlet<number> | Greenlet<string>>>()
  yield* each(iwait(numbers), (greenlet, index) => {
    expectTypeOf(greenlet).toEqualTypeOf<Greenlet<number>>()
    expectTypeOf(index).toEqualTypeOf<number>()
  })
  expectTypeOf(yield* killall([number, text])).toEqualTypeOf<undefined>()
}

export async function topLevel(): Promise<void> {
  expectTypeOf(await joinall(numbers)).toEqualTypeOf<Greenlet<number>[]>()
  expectTypeOf(joinall(numbers)).toExtend<Operation<Greenlet<number>[]>>()
  for await (const event of iwait([new Event()])) expectTypeOf(event).toEqualTypeOf<Event>()
  for await (const greenlet of iwait(numbers)) {
    // It is the greenlet itself, which `for await` does not await.
    expectTypeOf(greenlet.value).toEqualTypeOf<number | undefined>()
    expectTypeOf(await greenlet.get()).toEqualTypeOf<number>()
  }
  const first = await iwait(numbers).next()
  expectTypeOf(first.value).toEqualTypeOf<Greenlet<number> | undefined>()
}

export function mistakes(): void {
  function* work() {}
  // @ts-expect-error a coroutine is not a greenlet
  joinall([work()])
  // @ts-expect-error a promise is not a greenlet
  joinall([Promise.resolve(1)])
  // @ts-expect-error a promise cannot be linked
  wait([Promise.resolve(1)])
  // @ts-expect-error the option has another name than in Python
  joinall(numbers, { raise_error: true })
}
