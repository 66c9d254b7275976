import type { CooperativeIterator, Operation } from '@greenlit/core'
import {
  asCompleted,
  type DoneAndNotDoneFutures,
  type Executor,
  type Future,
  ProcessPoolExecutor,
  ThreadPoolExecutor,
  wait,
} from '@greenlit/process/futures'
import { expectTypeOf, test } from 'vitest'

const target = { module: import.meta.url, export: 'work' }
declare function square(number: number): number
declare function fetchText(url: string, tries?: number): Promise<string>
declare function slowly(text: string): Generator<never, string, unknown>

test('submit returns a future of the given result type, or of the result of the function', () => {
  const check = (executor: Executor) => {
    expectTypeOf(executor.submit(target, 1, 'x')).toEqualTypeOf<Future<unknown>>()
    expectTypeOf(executor.submit<number>(target, 'anything')).toEqualTypeOf<Future<number>>()
    expectTypeOf(executor.submit<string | undefined>(target)).toEqualTypeOf<Future<string | undefined>>()
    expectTypeOf(executor.submit<typeof square>(target, 3)).toEqualTypeOf<Future<number>>()
    expectTypeOf(executor.submit<typeof fetchText>(target, 'url')).toEqualTypeOf<Future<string>>()
    expectTypeOf(executor.submit<typeof slowly>(target, 'url')).toEqualTypeOf<Future<string>>()
    // @ts-expect-error the function takes a number
    executor.submit<typeof square>(target, 'three')
    // @ts-expect-error the function takes an argument
    executor.submit<typeof square>(target)
    // @ts-expect-error a function cannot go to another thread
    executor.submit(square, 3)
  }
  expectTypeOf(check).toBeFunction()
})

test('map takes an iterable for each argument, then options', () => {
  const check = (executor: Executor) => {
    expectTypeOf(executor.map(target, [1], 'abc')).toEqualTypeOf<CooperativeIterator<unknown>>()
    expectTypeOf(executor.map<number>(target, [1], { timeout: 1 })).toEqualTypeOf<CooperativeIterator<number>>()
    const texts = executor.map<typeof fetchText>(target, ['url'], new Set([1]), { timeout: 1, chunksize: 2 })
    expectTypeOf(texts).toEqualTypeOf<CooperativeIterator<string>>()
    executor.map<typeof square>(target, [1, 2])
    executor.map<typeof fetchText>(target, ['url'])
    // @ts-expect-error the function takes numbers
    executor.map<typeof square>(target, ['x'])
    // @ts-expect-error not an iterable
    executor.map(target, 5)
    // @ts-expect-error there is no such option
    executor.map(target, [5], { size: 5 })
  }
  expectTypeOf(check).toBeFunction()
})

test('futures have typed results', () => {
  const check = (future: Future<number>, other: Future<string>) => {
    expectTypeOf(future.result({ timeout: 1 })).toEqualTypeOf<Operation<number>>()
    expectTypeOf(future.exception()).toEqualTypeOf<Operation<unknown>>()
    future.addDoneCallback((self) => expectTypeOf(self).toExtend<Future<number>>())
    expectTypeOf(asCompleted([future])).toEqualTypeOf<CooperativeIterator<Future<number>>>()
    expectTypeOf(wait([future, other])).toEqualTypeOf<
      Operation<DoneAndNotDoneFutures<Future<number> | Future<string>>>
    >()
    expectTypeOf<DoneAndNotDoneFutures<Future<number>>['done']>().toEqualTypeOf<Set<Future<number>>>()
    expectTypeOf<DoneAndNotDoneFutures<Future<number>>[1]>().toEqualTypeOf<Set<Future<number>>>()
    // @ts-expect-error there is no such condition
    wait([future], { returnWhen: 'SOON' })
    // @ts-expect-error a promise is not a future
    asCompleted([Promise.resolve(1)])
  }
  expectTypeOf(check).toBeFunction()
})

test('executors take a number, options, or both', () => {
  const check = () => {
    new ThreadPoolExecutor()
    new ThreadPoolExecutor(2, { threadNamePrefix: 'x', initializer: target, initargs: [1] })
    new ProcessPoolExecutor({ maxWorkers: 2, mpContext: 'thread', maxTasksPerChild: 1 })
    // @ts-expect-error processes have no such prefix
    new ProcessPoolExecutor({ threadNamePrefix: 'x' })
    // @ts-expect-error an initializer must be a target too
    new ThreadPoolExecutor(1, { initializer: square })
  }
  expectTypeOf(check).toBeFunction()
})
