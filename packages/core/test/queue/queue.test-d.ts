import {
  Channel,
  type CooperativeIterator,
  type Coroutine,
  each,
  JoinableQueue,
  LifoQueue,
  type Operation,
  PriorityQueue,
  Queue,
  SimpleQueue,
  StopIteration,
  selectQueue,
} from '@greenlit/core'
import { expectTypeOf } from 'vitest'

interface Job {
  readonly priority: number
}

export function* items(queue: Queue<number>): Coroutine<void> {
  expectTypeOf(yield* queue.get()).toEqualTypeOf<number>()
  expectTypeOf(yield* queue.get({ block: false, timeout: 5 })).toEqualTypeOf<number>()
  expectTypeOf(yield* queue.peek()).toEqualTypeOf<number>()
  expectTypeOf(yield* queue.put(1)).toEqualTypeOf<undefined>()
  expectTypeOf(yield* queue.join({ timeout: 5 })).toEqualTypeOf<boolean>()
  expectTypeOf(queue.getNowait()).toEqualTypeOf<number>()
  expectTypeOf(queue.maxsize).toEqualTypeOf<number | undefined>()
  expectTypeOf(queue.copy()).toEqualTypeOf<Queue<number>>()
  // @ts-expect-error an item of the wrong type
  yield* queue.put('text')
  // @ts-expect-error an item of the wrong type
  queue.putNowait('text')
  // @ts-expect-error no such option
  yield* queue.get({ blocking: false })
}

export function constructors(jobs: Job[]): void {
  expectTypeOf(new Queue(undefined, { items: [1, 2] })).toEqualTypeOf<Queue<number>>()
  expectTypeOf(new JoinableQueue(3, { items: ['a'], unfinishedTasks: 2 })).toEqualTypeOf<Queue<string>>()
  expectTypeOf(new SimpleQueue(0, { items: new Set([true]) })).toEqualTypeOf<SimpleQueue<boolean>>()
  expectTypeOf(new LifoQueue(0, { items: jobs })).toEqualTypeOf<LifoQueue<Job>>()
  expectTypeOf(new Channel<string>()).toEqualTypeOf<Channel<string>>()
  expectTypeOf(new Queue()).toEqualTypeOf<Queue<unknown>>()
  // @ts-expect-error a simple queue has no tasks
  new SimpleQueue<number>().taskDone()
  // @ts-expect-error a size is a number
  new Queue<number>('3')
}

export function priorities(jobs: Job[]): void {
  expectTypeOf(new PriorityQueue(0, { items: jobs, key: (job) => job.priority })).toEqualTypeOf<PriorityQueue<Job>>()
  expectTypeOf(new PriorityQueue<Job>(0, { key: (job) => job.priority }).getNowait()).toEqualTypeOf<Job>()
  expectTypeOf(new PriorityQueue<Job>(0, { compare: (a, b) => a.priority - b.priority })).toExtend<Queue<Job>>()
  new PriorityQueue<Job>(0, { key: (job) => job.priority, compare: (a: number, b: number) => b - a })
  // @ts-expect-error the key uses a property that items do not have
  new PriorityQueue<Job>(0, { key: (job) => job.name })
  // @ts-expect-error a comparison must return a number
  new PriorityQueue<Job>(0, { compare: () => 'less' })
}

export function* iteration(queue: Queue<number | typeof StopIteration>): Coroutine<void> {
  queue.putNowait(StopIteration)
  expectTypeOf(queue.iterate()).toEqualTypeOf<CooperativeIterator<number>>()
  expectTypeOf(yield* queue.next()).toEqualTypeOf<IteratorResult<number, undefined>>()
  yield* each(queue, (item) => {
    expectTypeOf(item).toEqualTypeOf<number>()
  })
  // @ts-expect-error a queue of numbers does not accept StopIteration
  new Queue<number>().putNowait(StopIteration)
}

export async function plainCode(queue: Queue<number | typeof StopIteration>): Promise<void> {
  for await (const item of queue) expectTypeOf(item).toEqualTypeOf<number>()
  expectTypeOf(await queue.get()).toEqualTypeOf<number | typeof StopIteration>()
}

export function* selection(numbers: Queue<number>, words: Channel<string>, all: Queue<Job>[]): Coroutine<void> {
  expectTypeOf(selectQueue([numbers, words])).toEqualTypeOf<
    Operation<[queue: Queue<number>, item: number] | [queue: Channel<string>, item: string]>
  >()
  const [queue, item] = yield* selectQueue(all, { timeout: 5 })
  expectTypeOf(queue).toEqualTypeOf<Queue<Job>>()
  expectTypeOf(item).toEqualTypeOf<Job>()
  const several = new Map<string, Queue<number> | Channel<string>>()
  expectTypeOf(selectQueue(several.values())).toEqualTypeOf<
    Operation<[queue: Queue<number>, item: number] | [queue: Channel<string>, item: string]>
  >()
  expectTypeOf((yield* selectQueue(new Set(all)))[1]).toEqualTypeOf<Job>()
  // @ts-expect-error not a queue
  selectQueue([numbers, 7])
  // @ts-expect-error not queues
  selectQueue(new Set([7]))
}
