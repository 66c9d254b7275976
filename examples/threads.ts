/** Two threads of the tutorial, then fifty timed ones: fifty concurrent waits of 200 ms take 200 ms, not ten seconds. */
import { joinall, sleep, spawn } from '@greenlit/core'

function* run(name: string) {
  console.log(`task ${name} begins`)
  yield* sleep(20)
  console.log(`task ${name} is done`)
}

const first = spawn(run, 't1')
const second = spawn(run, 't2')
await first.join()
await second.join()

function* timed() {
  yield* sleep(200)
}

const started = performance.now()
const fifty = Array.from({ length: 50 }, () => spawn(timed))
await joinall(fifty)
console.log(`${fifty.length} tasks took ${((performance.now() - started) / 1000).toFixed(1)} s`)
