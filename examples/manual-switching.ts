/** Two greenlets that switch to each other: prints 1 3 2 4. */
import { greenlet, runSync } from '@greenlit/core'

const first = greenlet(function* () {
  console.log(1)
  yield* second.switch()
  console.log(2)
  yield* second.switch()
})

const second = greenlet(function* () {
  console.log(3)
  yield* first.switch()
  console.log(4)
})

runSync(first.switch())
