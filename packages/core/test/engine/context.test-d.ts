import { Context, ContextVar, type Coroutine, type Operation, sleep, type Token } from '@greenlit/core'
import { expectTypeOf } from 'vitest'

const context = new Context()
const id = new ContextVar<number>('id')

expectTypeOf(context.get(id)).toEqualTypeOf<number | undefined>()
expectTypeOf(context.get(id, 'none')).toEqualTypeOf<number | string>()
expectTypeOf(id.set(1)).toEqualTypeOf<Token>()
expectTypeOf(id.set(1).var).toEqualTypeOf<ContextVar<unknown>>()

expectTypeOf(context.run((a: number, b: string) => `${a}${b}`, 1, '')).toEqualTypeOf<string>()
expectTypeOf(context.run(async () => 1)).toEqualTypeOf<Promise<number>>()
expectTypeOf(context.run(() => sleep(1))).toEqualTypeOf<Operation<undefined>>()
expectTypeOf(
  context.run(function* (name: string): Coroutine<string[]> {
    yield* sleep(1)
    return [name]
  }, 'a'),
).toEqualTypeOf<Operation<string[]>>()
expectTypeOf(
  context.run(function* () {
    yield* sleep(1)
    return 5
  }),
).toEqualTypeOf<Operation<number>>()
// @ts-expect-error: the function takes a number
context.run((a: number) => a, 'a')
// @ts-expect-error: the argument of the function is missing
context.run((a: number) => a)
