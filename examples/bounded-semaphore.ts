/** A bounded semaphore of five: twenty greenlets, never more than five of them working at once. */
import { BoundedSemaphore, joinall, sleep, spawn } from '@greenlit/core'

const seats = new BoundedSemaphore(5)
let atWork = 0
let most = 0

function* run(number: number) {
  yield* seats.acquire()
  try {
    atWork += 1
    most = Math.max(most, atWork)
    yield* sleep(20)
    console.log(`run the thread: ${number}`)
    atWork -= 1
  } finally {
    seats.release()
  }
}

await joinall(Array.from({ length: 20 }, (_, number) => spawn(run, number)))
console.log(`all done, at most ${most} at a time`)

try {
  seats.release()
} catch (error) {
  console.log(`one release too many: ${(error as Error).name}`)
}
