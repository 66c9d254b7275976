/** Five philosophers, five forks: first a deadlock and its report, then an order of picking up forks that rules deadlocks out. */
import { joinall, killall, Lock, LoopExit, sleep, spawn } from '@greenlit/core'

const names = ['Ada', 'Alan', 'Grace', 'Edsger', 'Barbara']
const forks = names.map(() => new Lock())
const meals = names.map(() => 0)

function* dine(seat: number, first: Lock, second: Lock) {
  for (let meal = 0; meal < 3; meal += 1) {
    using _one = yield* first.hold()
    yield* sleep(0) // lets the others take their first fork
    using _other = yield* second.hold()
    meals[seat]! += 1
  }
}

const left = (seat: number) => forks[seat]!
const right = (seat: number) => forks[(seat + 1) % forks.length]!

const greedy = names.map((name, seat) => {
  const philosopher = spawn(dine, seat, left(seat), right(seat))
  philosopher.name = name
  return philosopher
})
try {
  await joinall(greedy)
} catch (error) {
  if (!(error instanceof LoopExit)) throw error
  console.log('a deadlock:')
  // Each line is followed by the place where the greenlet was spawned.
  for (const line of error.message.split('\n')) if (line.includes('waits on')) console.log(line)
}
await killall(greedy) // releases the forks

const polite = names.map((_, seat) => {
  const last = seat === names.length - 1
  return last ? spawn(dine, seat, right(seat), left(seat)) : spawn(dine, seat, left(seat), right(seat))
})
await joinall(polite, { raiseError: true })
names.forEach((name, seat) => {
  console.log(`${name} ate ${meals[seat]} times`)
})
