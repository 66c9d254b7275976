import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { sleep } from '@greenlit/core'
import { Lock, Queue } from '@greenlit/process'
import { expect, test } from 'vitest'
import { SemaphoreState } from '../../src/sync/semaphore-state.ts'
import { OwnedObjects } from '../../src/tree/owned-objects.ts'
import { tree } from '../../src/tree/tree.ts'
import { joined, starter } from '../children.ts'
import { guardLeaks, run } from '../guard.ts'

guardLeaks()

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** The number of shared objects that this process keeps for others, after garbage collection. */
function* kept(expected: number) {
  const { owned } = tree.services
  for (let tries = 0; tries < 100 && owned.size > expected; tries += 1) {
    collectGarbage()
    yield* sleep(5)
  }
  return owned.size
}

test('an object sent to a process is kept until that process has ended and it is no longer used here', () =>
  run(function* () {
    const before = tree.services.owned.size
    yield* useInChild()
    expect(yield* kept(before)).toBe(before)
  }))

function* useInChild() {
  const start = starter('thread')
  const results = new Queue<string>()
  const lock = new Lock()
  yield* joined(start('tryAcquire', lock, results))
  // The child has ended, but the objects are still used here.
  collectGarbage()
  yield* sleep(5)
  expect(yield* lock.acquire()).toBe(true)
  yield* joined(start('say', results))
  yield* results.get()
  yield* results.get()
}

const state = () => new SemaphoreState('lock', 1, 1)

test('an object sent to a process is kept while that process lives', () => {
  const objects = new OwnedObjects()
  const key = objects.add(state())
  objects.sent(key, '0.1')
  objects.sent(key, '0.2')
  objects.forget((node) => node === '0.1')
  expect(objects.get(key)).toBeDefined()
  objects.forget((node) => node === '0.2')
  expect(objects.get(key)).toBeUndefined()
})

test('an object that was sent to an unknown destination, or has a name, is kept forever', () => {
  const objects = new OwnedObjects()
  const key = objects.add(state())
  objects.sent(key, undefined)
  objects.sent(key, '0.1')
  objects.addAs('maker', state())
  objects.forget(() => true)
  expect(objects.get(key)).toBeDefined()
  expect(objects.get('maker')).toBeDefined()
})
