/** Four processes count to 100 together: one shared number, one lock around each step. */
import { sleep } from '@greenlit/core'
import { Lock, Process, parentProcess, Value } from '@greenlit/process'

export function* count(lock: Lock, total: Value<'i'>) {
  for (let step = 0; step < 25; step += 1) {
    const held = yield* lock.hold()
    const before = total.value
    yield* sleep(0) // without the lock another process could count here
    total.value = before + 1
    held.dispose()
  }
}

async function main() {
  const lock = new Lock()
  const total = new Value('i', 0, { lock })
  const target = { module: import.meta.url, export: 'count' }
  const children = Array.from({ length: 4 }, () => new Process({ target, args: [lock, total] }))
  for (const child of children) child.start()
  for (const child of children) await child.join()
  console.log(`counted to ${total.value}`)
}

if (parentProcess() === undefined) await main()
