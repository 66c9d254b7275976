/** A recursive lock may be acquired again by its holder: `total` calls `grabApples` and `grabPears`, which lock too. */
import { activeCount, joinall, RLock, spawn } from '@greenlit/core'

const lock = new RLock()
let apples = 0
let pears = 0

function* grabApples() {
  yield* lock.acquire()
  try {
    apples += 1
    return apples
  } finally {
    lock.release()
  }
}

function* grabPears() {
  yield* lock.acquire()
  try {
    pears += 1
    return pears
  } finally {
    lock.release()
  }
}

function* total() {
  yield* lock.acquire()
  try {
    const someApples = yield* grabApples()
    const somePears = yield* grabPears()
    console.log(`${someApples} apples, ${somePears} pears`)
  } finally {
    lock.release()
  }
}

const baskets = Array.from({ length: 3 }, () => spawn(total))
console.log(`${activeCount() - 1} greenlets are alive`)
await joinall(baskets)
console.log(`all threads done: ${apples} apples, ${pears} pears`)
