import { Channel, LifoQueue, PriorityQueue, Queue, Semaphore, SimpleQueue } from '@greenlit/core'
import fc from 'fast-check'
import { expect } from 'vitest'
import { property } from './property.ts'
import { programs, QueueScenario } from './queue-scenario.ts'

const scene = fc.record({
  program: programs,
  maxsize: fc.integer({ min: 0, max: 3 }),
  permits: fc.integer({ min: 1, max: 2 }),
})

const ascending = (a: number, b: number) => a - b

property('a FIFO queue returns what was put in, in that order, and nothing else', scene, function* (scene) {
  const queues = [new SimpleQueue<number>(scene.maxsize), new Queue<number>(scene.maxsize)]
  const scenario = new QueueScenario(queues, new Semaphore(scene.permits))
  yield* scenario.run(scene.program)
  for (const [index, queue] of queues.entries()) {
    if (queue instanceof Queue) expect(queue.unfinishedTasks).toBe(scenario.put[index]!.length)
    expect([...scenario.got[index]!, ...scenario.left(index)]).toEqual(scenario.put[index])
  }
})

property('LIFO and priority queues return each item that was put in once', scene, function* (scene) {
  const queues = [new LifoQueue<number>(scene.maxsize), new PriorityQueue<number>(scene.maxsize)]
  const scenario = new QueueScenario(queues, new Semaphore(scene.permits))
  yield* scenario.run(scene.program)
  for (const [index, queue] of queues.entries()) {
    expect(queue.unfinishedTasks).toBe(scenario.put[index]!.length)
    const left = scenario.left(index)
    if (queue instanceof PriorityQueue) expect(left).toEqual([...left].sort(ascending))
    expect([...scenario.got[index]!, ...left].sort(ascending)).toEqual([...scenario.put[index]!].sort(ascending))
  }
})

property('a channel returns each item that was put in once', scene, function* (scene) {
  const scenario = new QueueScenario([new Channel<number>(), new Channel<number>()], new Semaphore(scene.permits))
  yield* scenario.run(scene.program)
  for (const index of [0, 1]) {
    const given = [...scenario.got[index]!, ...scenario.left(index)]
    expect(new Set(given).size).toBe(given.length)
    for (const item of scenario.put[index]!) expect(given).toContain(item)
    // An item taken by `getNowait` may come from a greenlet that was killed in the same turn.
    for (const item of given) expect([...scenario.put[index]!, ...scenario.refused]).toContain(item)
  }
})
