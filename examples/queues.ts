/** The same three items through a FIFO, a LIFO and a priority queue. */
import { each, LifoQueue, PriorityQueue, Queue, run } from '@greenlit/core'

await run(function* () {
  const fifo = new Queue<number>()
  const lifo = new LifoQueue<number>()
  for (const item of [1, 2, 3]) {
    yield* fifo.put(item)
    yield* lifo.put(item)
  }
  const priority = new PriorityQueue<[number, string]>()
  yield* priority.put([10, 'ten'])
  yield* priority.put([-1, 'minus one'])
  yield* priority.put([3, 'three'])

  fifo.shutdown()
  lifo.shutdown()
  priority.shutdown()
  const show = (name: string) =>
    function* (item: unknown) {
      console.log(name, JSON.stringify(item))
    }
  yield* each(fifo, show('first in, first out:'))
  yield* each(lifo, show('last in, first out:'))
  yield* each(priority, show('smallest first:'))
})
