import {
  type Attempt,
  attempt,
  type Coroutine,
  coroutine,
  fromCallback,
  Greenlet,
  greenlet,
  Local,
  type Operation,
  type RawGreenlet,
  run,
  runSync,
  shield,
  sleep,
  spawn,
  spawnLater,
  spawnRaw,
  Timeout,
  until,
  Waiter,
  withGreenlet,
  withTimeout,
} from '@greenlit/core'
import { expectTypeOf } from 'vitest'

function* length(text: string) {
  yield* sleep(1)
  return text.length
}

export function* inferred(): Coroutine<void> {
  // Nothing is annotated: `yield*` has the type of the call's result.
  expectTypeOf(yield* length('a')).toEqualTypeOf<number>()
  expectTypeOf(yield* sleep(1)).toEqualTypeOf<undefined>()

  const spawned = spawn(length, 'a')
  expectTypeOf(spawned).toEqualTypeOf<Greenlet<number>>()
  expectTypeOf(yield* spawned).toEqualTypeOf<number>()
  expectTypeOf(yield* spawned.get()).toEqualTypeOf<number>()
  expectTypeOf(yield* spawned.join()).toEqualTypeOf<undefined>()
  expectTypeOf(yield* spawned.kill()).toEqualTypeOf<undefined>()
  expectTypeOf(spawned.value).toEqualTypeOf<number | undefined>()
  expectTypeOf(spawned.exception).toEqualTypeOf<unknown>()
  expectTypeOf(spawnLater(5, length, 'a')).toEqualTypeOf<Greenlet<number>>()
  expectTypeOf(spawnRaw(length, 'a')).toEqualTypeOf<RawGreenlet>()

  // A function may return a value, a promise, an operation or a greenlet.
  expectTypeOf(yield* spawn(() => 'plain')).toEqualTypeOf<string>()
  expectTypeOf(yield* spawn(async () => 5)).toEqualTypeOf<number>()
  expectTypeOf(yield* spawn(() => spawn(length, 'a'))).toEqualTypeOf<number>()
  expectTypeOf(yield* spawn(() => until(Promise.resolve(true)))).toEqualTypeOf<boolean>()
  expectTypeOf(yield* spawn(() => {})).toEqualTypeOf<void>()
  expectTypeOf(
    yield* spawn(function* () {
      if ((yield* length('a')) > 5) return 'long'
      return undefined
    }),
  ).toEqualTypeOf<string | undefined>()

  expectTypeOf(yield* attempt(length('a'))).toEqualTypeOf<Attempt<number>>()
  const result = yield* attempt(spawned)
  if (result.ok) expectTypeOf(result.value).toEqualTypeOf<number>()
  else expectTypeOf(result.error).toEqualTypeOf<Error>()
  // @ts-expect-error only a success has a value
  void result.value

  expectTypeOf(yield* withTimeout(5, () => length('a'))).toEqualTypeOf<number>()
  expectTypeOf(yield* withTimeout(5, () => length('a'), { timeoutValue: 'late' as const })).toEqualTypeOf<
    number | 'late'
  >()
  expectTypeOf(yield* withTimeout(new Timeout(5), async () => 'a')).toEqualTypeOf<string>()
  expectTypeOf(yield* withTimeout(undefined, () => 1, { timeoutValue: undefined })).toEqualTypeOf<number | undefined>()
  // Expiry is then not an error, so the result may be undefined.
  expectTypeOf(yield* withTimeout(5, () => length('a'), { exception: false })).toEqualTypeOf<number | undefined>()
  expectTypeOf(
    yield* withTimeout(5, () => length('a'), { exception: false, timeoutValue: 'late' as const }),
  ).toEqualTypeOf<number | 'late'>()
  expectTypeOf(yield* withTimeout(5, () => length('a'), { exception: new Error('late') })).toEqualTypeOf<number>()

  expectTypeOf(yield* until(Promise.resolve('a'))).toEqualTypeOf<string>()
  expectTypeOf(yield* until(Promise.resolve(Promise.resolve(5)))).toEqualTypeOf<number>()
  expectTypeOf(yield* shield(length('a'))).toEqualTypeOf<number>()
  expectTypeOf(yield* fromCallback<string>((resume) => resume(undefined, 'a'))).toEqualTypeOf<string>()
  expectTypeOf(yield* withGreenlet(spawned, (inside) => inside.get())).toEqualTypeOf<number>()
  expectTypeOf(yield* new Waiter<string>().get()).toEqualTypeOf<string>()

  const wrapped = coroutine(length)
  expectTypeOf(wrapped).toEqualTypeOf<(text: string) => Operation<number>>()
  expectTypeOf(yield* wrapped('a')).toEqualTypeOf<number>()
  expectTypeOf(
    yield* coroutine(function* <T>(value: T): Coroutine<T> {
      return value
    })(5),
  ).toEqualTypeOf<number>()
}

export async function topLevel(): Promise<void> {
  expectTypeOf(await sleep(1)).toEqualTypeOf<undefined>()
  expectTypeOf(await spawn(length, 'a')).toEqualTypeOf<number>()
  expectTypeOf(await run(length, 'a')).toEqualTypeOf<number>()
  expectTypeOf(runSync(greenlet(length).switch<number>('a'))).toEqualTypeOf<number>()
}

export function constructed(): void {
  expectTypeOf(new Greenlet(length, 'a')).toEqualTypeOf<Greenlet<number>>()
  expectTypeOf(new Greenlet(async () => 5)).toEqualTypeOf<Greenlet<number>>()
  expectTypeOf(new Greenlet(() => spawn(length, 'a'))).toEqualTypeOf<Greenlet<number>>()
  expectTypeOf(new Greenlet(() => {})).toEqualTypeOf<Greenlet<void>>()
  expectTypeOf(new Greenlet(<T>(value: T) => value, 5)).toEqualTypeOf<Greenlet<number>>()
  expectTypeOf(new Greenlet<number>()).toEqualTypeOf<Greenlet<number>>()
  expectTypeOf(new Greenlet()).toEqualTypeOf<Greenlet<unknown>>()
  new Greenlet((text) => expectTypeOf(text).toEqualTypeOf<string>(), 'a')
  expectTypeOf(Greenlet.spawn(length, 'a')).toEqualTypeOf<Greenlet<number>>()
  expectTypeOf(Greenlet.spawnLater(5, length, 'a')).toEqualTypeOf<Greenlet<number>>()
  const anything = {} as unknown
  if (anything instanceof Greenlet) expectTypeOf(anything).toEqualTypeOf<Greenlet<unknown>>()
  // @ts-expect-error an argument of the wrong type
  new Greenlet(length, 5)
  // @ts-expect-error an argument is missing
  new Greenlet(length)
  // @ts-expect-error a called coroutine is not a function
  new Greenlet(length('a'))
  // @ts-expect-error the function returns another type than the stated one
  new Greenlet<string>(length, 'a')
}

export function subclass(): void {
  class Sum extends Greenlet<number> {
    override *run(...numbers: number[]): Coroutine<number> {
      yield* sleep(0)
      return numbers.length
    }
  }
  expectTypeOf(new Sum(undefined, 1, 2)).toExtend<Greenlet<number>>()
  expectTypeOf(new Sum().start()).toEqualTypeOf<Sum>()
  expectTypeOf(Sum.spawn(undefined, 1, 2)).toEqualTypeOf<Sum>()
  class Named<T> extends Greenlet<T> {
    readonly label = 'named'
  }
  expectTypeOf(new Named(length, 'a')).toEqualTypeOf<Named<number>>()
  expectTypeOf(Named.spawn(length, 'a').label).toBeString()
  class Adding extends Greenlet<number> {
    constructor(limit: number) {
      super((start: number) => start + limit, 1)
    }
  }
  expectTypeOf(Adding.spawn(5)).toEqualTypeOf<Adding>()
  class Passing extends Greenlet {
    constructor(fn: () => unknown, ...args: unknown[]) {
      super(fn, ...args)
    }
  }
  expectTypeOf(new Passing(() => 5).value).toBeUnknown()
  class Wrong extends Greenlet<number> {
    // @ts-expect-error returns a string where a number is stated
    override *run(): Coroutine<string> {
      return 'a'
    }
  }
  expectTypeOf(Wrong).toBeConstructibleWith()
  const local = new Local<{ user?: string }>()
  expectTypeOf(local.user).toEqualTypeOf<string | undefined>()
  class Counter extends Local<{ count: number }> {
    increase(): number {
      return (this.count += 1)
    }
  }
  expectTypeOf(new Counter().count).toEqualTypeOf<number>()
}

export function mistakes(): void {
  // @ts-expect-error an argument of the wrong type
  spawn(length, 5)
  // @ts-expect-error an argument is missing
  spawn(length)
  // @ts-expect-error a called coroutine is not a function
  spawn(length('a'))
  // @ts-expect-error the delay comes first
  spawnLater(length, 'a')
  // @ts-expect-error only errors may be thrown
  spawn(length, 'a').kill(42)
  // @ts-expect-error a number of milliseconds, not a string
  withTimeout('5', () => 1)
  // @ts-expect-error not a promise
  until(5)
}

export function* bareYields(): Coroutine<void> {
  // @ts-expect-error an operation is delegated to with `yield*`, never yielded
  yield sleep(1)
  // @ts-expect-error a value is not yielded either
  yield 5
}
