/** A traffic light and cars that wait for its Event: they stop while it is red and all go on together when it turns green. */
import { Event, joinall, sleep, spawn } from '@greenlit/core'

const green = new Event()
const SECOND = 20

function* light() {
  green.set()
  for (let second = 0; second < 15; second += 1) {
    if (second === 5) {
      green.clear()
      console.log('the light turns red')
    } else if (second === 10) {
      console.log('the light turns green')
      green.set()
    }
    yield* sleep(SECOND)
  }
}

function* car(name: string) {
  for (let stretch = 0; stretch < 3; stretch += 1) {
    if (green.isSet()) {
      console.log(`${name} runs`)
    } else {
      console.log(`${name} sees the red light and waits`)
      yield* green.wait()
      console.log(`${name} sees the green light and starts`)
    }
    yield* sleep(3 * SECOND)
  }
}

await joinall([spawn(light), spawn(car, 'Tesla'), spawn(car, 'Mini')])
