/** One process writes to a queue, another reads from it. The module is its own target: `main` runs only where no parent is. */
import { sleep } from '@greenlit/core'
import { Process, parentProcess, Queue } from '@greenlit/process'

export function* write(queue: Queue<string | undefined>) {
  for (const value of ['A', 'B', 'C']) {
    console.log(`put ${value} in the queue`)
    yield* queue.put(value)
    yield* sleep(20)
  }
  yield* queue.put(undefined)
}

export function* read(queue: Queue<string | undefined>) {
  for (let value = yield* queue.get(); value !== undefined; value = yield* queue.get()) {
    console.log(`got ${value} from the queue`)
  }
}

async function main() {
  const queue = new Queue<string | undefined>()
  const writer = new Process({ target: { module: import.meta.url, export: 'write' }, args: [queue] })
  const reader = new Process({ target: { module: import.meta.url, export: 'read' }, args: [queue] })
  writer.start()
  reader.start()
  await writer.join()
  await reader.join()
  console.log('both are done')
}

if (parentProcess() === undefined) await main()
