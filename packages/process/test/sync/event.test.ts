import { sleep, spawn, wait } from '@greenlit/core'
import { Event, Queue } from '@greenlit/process'
import { describe, expect, test } from 'vitest'
import { joined, starter } from '../children.ts'
import { guardLeaks, run } from '../guard.ts'

guardLeaks()

describe('Event', () => {
  test('is set, cleared, waited for and linked in its own process', () =>
    run(function* () {
      const event = new Event()
      expect([yield* event.isSet(), yield* event.wait({ timeout: 0 }), yield* event.wait({ timeout: 5 })]).toEqual([
        false,
        false,
        false,
      ])
      const waiter = spawn(() => event.wait())
      const linked = spawn(() => wait([event]))
      yield* sleep(0)
      event.set()
      event.clear()
      expect([yield* waiter, yield* linked, yield* event.isSet()]).toEqual([true, [event], false])
      event.set()
      expect([yield* event.isSet(), yield* event.wait()]).toEqual([true, true])
    }))

  test.each(['process', 'thread'] as const)('works in both directions with a %s', (context) =>
    run(function* () {
      const start = starter(context)
      const [event, results] = [new Event(), new Queue<boolean>()]
      const waiters = [1, 2].map(() => start('waitFor', event, results))
      yield* joined(start('setLater', event))
      expect(yield* event.wait()).toBe(true)
      expect([yield* results.get(), yield* results.get()]).toEqual([true, true])
      yield* joined(...waiters)
    }),
  )
})
