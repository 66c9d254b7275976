/** Three greenlets that sleep 3, 2 and 4 seconds concurrently: done after 4, not 9. */
import { joinall, sleep, spawn } from '@greenlit/core'

function* sleeper(name: string, seconds: number) {
  console.log(`${name} sleeps ${seconds} s`)
  yield* sleep(seconds * 1000)
  console.log(`${name} is awake`)
}

const started = Date.now()
await joinall([spawn(sleeper, 'first', 3), spawn(sleeper, 'second', 2), spawn(sleeper, 'third', 4)])
console.log(`all awake after ${Math.round((Date.now() - started) / 1000)} s`)
