/** A producer and two consumers on a queue with room for two: the faster side waits. */
import { each, joinall, Queue, sleep, spawn } from '@greenlit/core'

const buns = new Queue<string>(2)

function* producer(name: string) {
  for (let count = 1; count <= 6; count += 1) {
    yield* buns.put(`bun ${count}`)
    console.log(`${name} made bun ${count}`)
  }
  yield* buns.join()
  console.log('all buns are eaten')
  buns.shutdown()
}

function* consumer(name: string) {
  yield* each(buns, function* (bun) {
    console.log(`${name} takes ${bun}`)
    yield* sleep(5)
    buns.taskDone()
  })
}

await joinall([spawn(producer, 'the cook'), spawn(consumer, 'Ann'), spawn(consumer, 'Bob')])
