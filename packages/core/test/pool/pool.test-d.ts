import {
  type CooperativeIterator,
  type Coroutine,
  each,
  Greenlet,
  Group,
  type Operation,
  Pool,
  Queue,
  type StopIteration,
  scope,
  sleep,
} from '@greenlit/core'
import { expectTypeOf } from 'vitest'

function* half(x: number): Coroutine<number> {
  yield* sleep(0)
  return x / 2
}

function* join(word: string, count: number, flag = true): Coroutine<string> {
  yield* sleep(0)
  return `${word}${count}${flag}`
}

export function* spawning(group: Group, pool: Pool): Coroutine<void> {
  expectTypeOf(group.spawn(half, 1)).toEqualTypeOf<Greenlet<number>>()
  expectTypeOf(pool.spawn(half, 1)).toEqualTypeOf<Operation<Greenlet<number>>>()
  expectTypeOf(yield* pool.spawn(half, 1)).toEqualTypeOf<Greenlet<number>>()
  expectTypeOf(yield* yield* pool.spawn(async () => 'text')).toEqualTypeOf<string>()
  expectTypeOf(yield* group.join({ raiseError: true })).toEqualTypeOf<boolean>()
  expectTypeOf(yield* pool.waitAvailable({ timeout: 5 })).toEqualTypeOf<number>()
  for (const member of pool) expectTypeOf(member).toEqualTypeOf<Greenlet<unknown>>()
  // @ts-expect-error an argument of the wrong type
  group.spawn(half, 'text')
  // @ts-expect-error no argument
  pool.spawn(half)
  // @ts-expect-error the result of a call, not a function
  group.spawn(half(1))
}

export function classes(): void {
  class Worker extends Greenlet<number> {
    readonly tag = 'worker'
  }
  new Group([], { greenletClass: Worker })
  new Pool(5, { greenletClass: Greenlet })
  // @ts-expect-error not a class of greenlets
  new Pool(5, { greenletClass: Map })
}

export function* applying(pool: Pool): Coroutine<void> {
  expectTypeOf(yield* pool.apply(half, [1])).toEqualTypeOf<number>()
  expectTypeOf(yield* pool.apply(() => 'text')).toEqualTypeOf<string>()
  expectTypeOf(yield* pool.apply(join, ['a', 1])).toEqualTypeOf<string>()
  const log = (value: number) => expectTypeOf(value).toEqualTypeOf<number>()
  expectTypeOf(yield* pool.applyCb(half, [1], log)).toEqualTypeOf<number>()
  expectTypeOf(yield* pool.mapCb(half, [1], (values) => values.map(log))).toEqualTypeOf<number[]>()
  // @ts-expect-error a callback for another result type
  pool.applyCb(half, [1], (value: string) => value)
  expectTypeOf(pool.applyAsync(half, [1], (value) => expectTypeOf(value).toEqualTypeOf<number>())).toEqualTypeOf<
    Greenlet<number>
  >()
  // @ts-expect-error no arguments
  pool.apply(half)
  // @ts-expect-error an argument of the wrong type
  pool.apply(half, ['text'])
}

export function* mapping(pool: Pool, queue: Queue<number | typeof StopIteration>): Coroutine<void> {
  expectTypeOf(yield* pool.map(half, [1, 2])).toEqualTypeOf<number[]>()
  expectTypeOf(yield* pool.map((word) => word.length, ['a', 'b'])).toEqualTypeOf<number[]>()
  expectTypeOf(yield* pool.map(async (x) => `${x}`, new Set([1]))).toEqualTypeOf<string[]>()
  expectTypeOf(yield* pool.map((letter) => letter, 'text')).toEqualTypeOf<string[]>()
  expectTypeOf(yield* pool.map((item) => item, queue)).toEqualTypeOf<number[]>()
  expectTypeOf(yield* pool.map(half, pool.imap(half, [1]))).toEqualTypeOf<number[]>()
  expectTypeOf(pool.mapAsync(half, [1], (values) => expectTypeOf(values).toEqualTypeOf<number[]>())).toEqualTypeOf<
    Greenlet<number[]>
  >()
  function* source() {
    yield 1
    yield* sleep(5)
    yield 2
  }
  expectTypeOf(yield* pool.map((item) => item, source())).toEqualTypeOf<(1 | 2)[]>()
  // @ts-expect-error items of the wrong type
  pool.map(half, ['text'])
  // @ts-expect-error nothing to iterate
  pool.map(half, 7)
}

export function* iterating(group: Group): Coroutine<void> {
  const halves = group.imap(half, [1, 2], { maxsize: 3 })
  expectTypeOf(halves).toEqualTypeOf<CooperativeIterator<number>>()
  expectTypeOf(yield* halves.next()).toEqualTypeOf<IteratorResult<number, undefined>>()
  yield* each(halves, (value) => {
    expectTypeOf(value).toEqualTypeOf<number>()
  })
  expectTypeOf(group.imapUnordered(join, ['a'], [1])).toEqualTypeOf<CooperativeIterator<string>>()
  expectTypeOf(group.imap((a, b, c) => [a, b, c] as const, ['a'], [1], [true], { maxsize: 1 })).toEqualTypeOf<
    CooperativeIterator<readonly [string, number, boolean]>
  >()
  // @ts-expect-error no such option
  group.imap(half, [1], { size: 3 })
}

export function* nursery(): Coroutine<void> {
  const value = yield* scope(function* (group) {
    expectTypeOf(group).toEqualTypeOf<Group>()
    return yield* group.spawn(half, 1)
  })
  expectTypeOf(value).toEqualTypeOf<number>()
  expectTypeOf(yield* scope(async () => 'text')).toEqualTypeOf<string>()
}

export function generic<T>(pool: Pool, items: T[], fn: (item: T) => boolean): Operation<boolean[]> {
  return pool.map(fn, items)
}

export async function plainCode(pool: Pool): Promise<void> {
  // @ts-expect-error a pool's `spawn` waits for room, so its type is not assignable to a group's
  const group: Group = pool
  void group
  for await (const value of pool.imap(half, [1])) expectTypeOf(value).toEqualTypeOf<number>()
  // A greenlet is thenable in plain code: this waits for its result.
  expectTypeOf(await pool.spawn(half, 1)).toEqualTypeOf<number>()
  new Group([new Pool(1).applyAsync(half, [1])])
  void new Queue<number>()
}
