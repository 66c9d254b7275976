/** A lock makes a read and the following write atomic; without it, fifty greenlets that wait in between lose updates. */
import { joinall, Lock, sleep, spawn } from '@greenlit/core'

const lock = new Lock()
let unguarded = 0
let guarded = 0

function* addUnguarded() {
  const seen = unguarded
  yield* sleep(0)
  unguarded = seen + 1
}

function* addGuarded() {
  yield* lock.acquire()
  try {
    const seen = guarded
    yield* sleep(0)
    guarded = seen + 1
  } finally {
    lock.release()
  }
}

await joinall(Array.from({ length: 50 }, () => spawn(addUnguarded)))
await joinall(Array.from({ length: 50 }, () => spawn(addGuarded)))
console.log(`without the lock: ${unguarded}`)
console.log(`with the lock: ${guarded}`)
