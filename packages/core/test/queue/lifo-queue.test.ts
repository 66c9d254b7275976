import { LifoQueue, Queue, spawn } from '@greenlit/core'
import { expect, test } from 'vitest'
import { program, turns } from '../support.ts'

test(
  'the newest item comes out first, and peek returns it',
  program(function* () {
    const queue = new LifoQueue<number>()
    for (const item of [3, 1, 2]) yield* queue.put(item)
    expect([yield* queue.peek(), queue.peekNowait()]).toEqual([2, 2])
    expect([yield* queue.get(), yield* queue.get(), yield* queue.get()]).toEqual([2, 1, 3])
    expect(queue.empty()).toBe(true)
  }),
)

test('a LifoQueue may start with items, which count as unfinished tasks', () => {
  const queue = new LifoQueue<number>(3, { items: [1, 2, 3] })
  expect([queue.full(), queue.unfinishedTasks, queue.getNowait()]).toEqual([true, 3, 3])
  expect(queue).toBeInstanceOf(Queue)
})

test(
  'waiting putters are served in order, and get returns the newest item',
  program(function* () {
    const queue = new LifoQueue<number>(1, { items: [0] })
    const putters = [1, 2].map((item) => spawn(() => queue.put(item)))
    yield* turns(1)
    const items = []
    for (let index = 0; index < 3; index += 1) {
      items.push(yield* queue.get())
      yield* turns(1)
    }
    expect(items).toEqual([0, 1, 2])
    for (const putter of putters) yield* putter
  }),
)

test(
  'a shutdown leaves the remaining items in the queue, or drops them if it is immediate',
  program(function* () {
    const queue = new LifoQueue<number>(undefined, { items: [1, 2] })
    queue.shutdown()
    expect([yield* queue.get(), queue.unfinishedTasks]).toEqual([2, 2])
    queue.shutdown({ immediate: true })
    expect([queue.qsize(), queue.unfinishedTasks]).toEqual([0, 1])
  }),
)
