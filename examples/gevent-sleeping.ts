/** gevent's first example: three greenlets that yield to each other when they sleep. */
import { joinall, sleep, spawn } from '@greenlit/core'

function* func1() {
  console.log('func1 begins')
  yield* sleep(200)
  console.log('func1 goes on after 2')
}

function* func2() {
  console.log('func2 begins')
  yield* sleep(100)
  console.log('func2 goes on after 1')
}

function* func3() {
  console.log('func3 begins')
  yield* sleep(0)
  console.log('func3 goes on after 0')
}

const started = performance.now()
await joinall([spawn(func1), spawn(func2), spawn(func3)])
console.log(`took as long as the longest: ${((performance.now() - started) / 1000).toFixed(1)} s`)
