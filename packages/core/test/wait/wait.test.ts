import {
  AsyncResult,
  ConcurrentObjectUseError,
  DummySemaphore,
  Event,
  each,
  type Greenlet,
  GreenletExit,
  getHub,
  iwait,
  joinall,
  killall,
  type Operation,
  Semaphore,
  sleep,
  spawn,
  Timeout,
  type Waitable,
  wait,
} from '@greenlit/core'
import { virtualTime } from '@greenlit/core/testing'
import { describe, expect, test } from 'vitest'
import { collectReports, program, raisedBy, turns } from '../support.ts'

/** Fires objects in order, one per turn. */
function fireEach(objects: readonly { set(): void }[]) {
  return spawn(function* () {
    for (const object of objects) {
      yield* sleep(0)
      object.set()
    }
  })
}

describe('wait', () => {
  test(
    'returns the objects in the order in which they became ready',
    program(function* () {
      const [a, b, c] = [new Event(), new Event(), new Event()]
      fireEach([c, a, b])
      const ready = yield* wait([a, b, c])
      expect(ready.map((event) => [a, b, c].indexOf(event))).toEqual([2, 0, 1])
    }),
  )

  test(
    'accepts greenlets, events, results and semaphores together',
    program(function* () {
      const greenlet = spawn(() => 1)
      const event = new Event()
      const result = new AsyncResult<number>()
      const semaphore = new Semaphore(0)
      spawn(function* () {
        yield* turns(1)
        event.set()
        yield* turns(1)
        result.set(5)
        yield* turns(1)
        semaphore.release()
      })
      const ready = yield* wait([semaphore, result, event, greenlet] as Waitable[])
      const order = [greenlet, event, result, semaphore] as Waitable[]
      expect(ready.map((object) => order.indexOf(object))).toEqual([0, 1, 2, 3])
      expect(semaphore.counter).toBe(1)
    }),
  )

  for (const count of [1, 2, 5]) {
    test(
      `with a count of ${count} returns exactly that many of ten`,
      program(function* () {
        const events = Array.from({ length: 10 }, () => new Event())
        const firing = fireEach(events)
        const ready = yield* wait(events, { count })
        expect(ready.length).toBe(count)
        expect(ready.every((event, at) => event === events[at])).toBe(true)
        expect(events.map((event) => event.linkCount())).toEqual(events.map(() => 0))
        yield* firing.join()
      }),
    )
  }

  test(
    'an event that is set can be listed twice',
    program(function* () {
      const event = new Event()
      event.set()
      for (let time = 0; time < 2; time += 1) {
        const ready = yield* wait([event])
        expect(ready.length).toBe(1)
        expect(ready[0]).toBe(event)
      }
    }),
  )

  test(
    'returns the objects that are ready on timeout',
    program(function* () {
      const [a, b] = [new Event(), new Event()]
      a.set()
      const ready = yield* wait([b, a], { timeout: 3 })
      expect(ready.length).toBe(1)
      expect(ready[0]).toBe(a)
      expect(b.linkCount()).toBe(0)
      expect(yield* wait([b], { timeout: 0 })).toEqual([])
    }),
  )

  test(
    'a timeout of 0 returns the objects that are ready already',
    program(function* () {
      const [a, b] = [new Event(), new Event()]
      a.set()
      const ready = yield* wait([a, b], { timeout: 0 })
      expect(ready.length).toBe(1)
    }),
  )

  test('a given Timeout applies to the whole wait, however many objects become ready meanwhile', async () => {
    const waited = await virtualTime(function* (clock) {
      const greenlets = [30, 60, 90, 120].map((time) => spawn(() => sleep(time)))
      const ready = yield* wait(greenlets, { timeout: new Timeout(70) })
      const late = new RangeError('too late')
      const error = yield* raisedBy(wait(greenlets, { timeout: new Timeout(30, late) }))
      yield* killall(greenlets)
      return [ready.length, error === late, clock.now()]
    })
    expect(waited).toEqual([2, true, 100])
  })

  test(
    'an empty list returns immediately',
    program(function* () {
      expect(yield* wait([])).toEqual([])
    }),
  )

  test('without objects waits until nothing is left to do, or until its timeout expires', async () => {
    const log: string[] = []
    spawn(function* () {
      yield* sleep(2)
      log.push('done')
    })
    expect(await wait()).toBe(true)
    expect(log).toEqual(['done'])
    const sleeper = spawn(() => sleep(10_000))
    expect(await wait(undefined, { timeout: 2 })).toBe(false)
    expect(await wait({ timeout: 2 })).toBe(false)
    await sleeper.kill()
    expect(await wait({})).toBe(true)
    const ready = new Event()
    ready.set()
    const iterable = {
      *[Symbol.iterator]() {
        yield ready
      },
    }
    expect(await wait(iterable)).toEqual([ready])
  })

  test(
    'failed greenlets are ready too, and do not throw',
    program(function* () {
      collectReports()
      const failing = spawn(() => {
        throw new RangeError('boom')
      })
      const ready: Greenlet<unknown>[] = yield* wait([failing])
      expect(ready[0] === failing).toBe(true)
    }),
  )

  test(
    'a Timeout of the caller passes through, and all objects are unlinked',
    program(function* () {
      const event = new Event()
      const timeout = Timeout.startNew(2)
      expect(yield* raisedBy(wait([event], { timeout: 1000 }))).toBe(timeout)
      expect(event.linkCount()).toBe(0)
    }),
  )

  test('objects that cannot be linked are rejected up front', () => {
    expect(() => wait([5] as never)).toThrow('Expected `objects` to hold what has `rawlink` and `unlink`, got 5')
    expect(() => wait(5 as never)).toThrow(TypeError)
    expect(() => wait([], { count: -1 })).toThrow(RangeError)
    expect(() => iwait([5] as never)).toThrow(TypeError)
    expect(() => iwait([new Promise(() => {})] as never)).toThrow(TypeError)
  })
})

describe('iwait', () => {
  test(
    'objects that are ready already come in list order',
    program(function* () {
      const [a, b, c] = [spawn(() => 1), spawn(() => 2), spawn(() => 3)]
      yield* turns(2)
      const values: unknown[] = []
      yield* each(iwait([c, a, b]), (greenlet) => {
        values.push(greenlet.value)
      })
      expect(values).toEqual([3, 1, 2])
    }),
  )

  test(
    'returns each object as it becomes ready, then stays at its end',
    program(function* () {
      const [a, b] = [new Event(), new Event()]
      fireEach([b, a])
      const iterator = iwait([a, b])
      const first = yield* iterator.next()
      expect(first.done).toBe(false)
      expect(first.value === b).toBe(true)
      expect((yield* iterator.next()).value === a).toBe(true)
      expect(yield* iterator.next()).toEqual({ done: true, value: undefined })
      expect(yield* iterator.next()).toEqual({ done: true, value: undefined })
    }),
  )

  test(
    'leaving it early unlinks the rest',
    program(function* () {
      const [first, second] = [new Semaphore(0), new Semaphore(0)]
      first.release()
      {
        using iterator = iwait([first, second])
        expect((yield* iterator.next()).value === first).toBe(true)
        expect(second.linkCount()).toBe(1)
      }
      expect(second.linkCount()).toBe(0)
      expect(first.counter).toBe(1)
    }),
  )

  test(
    'a consumer that sleeps in between loses nothing',
    program(function* () {
      const events = Array.from({ length: 5 }, () => new Event())
      fireEach(events)
      const seen: number[] = []
      yield* each(iwait(events), function* (event) {
        yield* sleep(1)
        seen.push(events.indexOf(event))
      })
      expect(seen).toEqual([0, 1, 2, 3, 4])
    }),
  )

  test(
    'its timeout is for the whole iteration',
    program(function* () {
      const events = [new Event(), new Event()]
      events[0]!.set()
      const iterator = iwait(events, { timeout: 5 })
      expect((yield* iterator.next()).done).toBe(false)
      expect((yield* iterator.next()).done).toBe(true)
      expect(events[1]!.linkCount()).toBe(0)
      events[1]!.set()
      expect((yield* iterator.next()).done).toBe(true)
    }),
  )

  test(
    'with a count ends after that many objects',
    program(function* () {
      const events = Array.from({ length: 4 }, () => new Event())
      for (const event of events) event.set()
      let seen = 0
      yield* each(iwait(events, { count: 2 }), () => {
        seen += 1
      })
      expect(seen).toBe(2)
      expect(events.map((event) => event.linkCount())).toEqual([0, 0, 0, 0])
    }),
  )

  test(
    'an object that is listed twice comes twice',
    program(function* () {
      const event = new Event()
      const iterator = iwait([event, event])
      event.set()
      expect((yield* iterator.next()).done).toBe(false)
      expect((yield* iterator.next()).done).toBe(false)
      expect((yield* iterator.next()).done).toBe(true)
    }),
  )

  test(
    'only one greenlet at a time can wait for the next object',
    program(function* () {
      const event = new Event()
      const iterator = iwait([event])
      const taker = spawn(() => iterator.next())
      yield* sleep(0)
      expect(yield* raisedBy(iterator.next())).toBeInstanceOf(ConcurrentObjectUseError)
      event.set()
      expect((yield* taker).done).toBe(false)
    }),
  )

  test(
    'a killed reader loses nothing: the object goes to the next one',
    program(function* () {
      const event = new Event()
      const iterator = iwait([event])
      const taker = spawn(() => iterator.next())
      yield* sleep(0)
      event.set()
      taker.kill()
      yield* taker.join()
      const next = yield* iterator.next()
      if (taker.value instanceof Object && 'done' in taker.value) expect(next.done).toBe(true)
      else expect(next.value === event).toBe(true)
    }),
  )

  test(
    'an object meant for a killed reader goes to the next one, and nothing else is lost or repeated',
    program(function* () {
      // Calls back from the greenlet that sets it, so that a kill can still come before the reader runs.
      class Flag {
        private callback: (source: unknown) => unknown = () => {}
        rawlink(callback: (source: unknown) => unknown) {
          this.callback = callback
        }
        unlink() {
          this.callback = () => {}
        }
        set() {
          const { callback } = this
          this.unlink()
          callback(this)
        }
      }
      // Between the wake-up and the kill of the reader comes another object, another reader, or both.
      const cases = [
        { coming: 2, isOther: false, order: [0, 1] },
        { coming: 1, isOther: true, order: [0, 1] },
        { coming: 2, isOther: true, order: [1, 0] },
      ]
      for (const { coming, isOther, order } of cases) {
        const flags = [new Flag(), new Flag()]
        const iterator = iwait(flags)
        const taker = spawn(() => iterator.next())
        yield* sleep(0)
        spawn(() => {
          for (const flag of flags.slice(0, coming)) flag.set()
        })
        const other = isOther ? spawn(() => iterator.next()) : undefined
        taker.kill()
        yield* taker.join()
        expect(taker.value).toBeInstanceOf(GreenletExit)
        const taken = other === undefined ? [] : [yield* other]
        flags[1]!.set()
        while (taken.length < 2) taken.push(yield* iterator.next())
        expect(taken.map(({ value }) => flags.indexOf(value!))).toEqual(order)
        expect((yield* iterator.next()).done).toBe(true)
      }
    }),
  )

  test(
    'an object that becomes ready before a kill is issued is received',
    program(function* () {
      const event = new Event()
      const taker = spawn(() => wait([event]))
      yield* sleep(0)
      event.set()
      yield* taker.kill()
      expect(taker.value).toEqual([event])
    }),
  )

  for (const [name, waits] of Object.entries({
    wait: (event: Event) => wait([event]),
    joinall: (event: Event) => joinall([event]),
    'wait for one that is listed twice': (event: Event) => wait([event, event], { count: 1 }),
  })) {
    test(
      `${name} resumes in its turn among those who wait for the object`,
      program(function* () {
        const event = new Event()
        const log: string[] = []
        function* waiter(label: string, operation: () => Operation<unknown>) {
          yield* operation()
          log.push(label)
        }
        const waiters = [
          spawn(waiter, 'first', () => event.wait()),
          spawn(waiter, 'second', () => waits(event)),
          spawn(waiter, 'third', () => event.wait()),
        ]
        yield* sleep(0)
        event.set()
        yield* joinall(waiters)
        expect(log).toEqual(['first', 'second', 'third'])
      }),
    )
  }

  test(
    'returns nothing more after it was closed, whatever is ready',
    program(function* () {
      const events = [new Event(), new Event()]
      for (const event of events) event.set()
      const iterator = iwait(events)
      expect((yield* iterator.next()).done).toBe(false)
      yield* iterator.close()
      expect((yield* iterator.next()).done).toBe(true)
    }),
  )

  test(
    'with a count, the rest are unlinked with the last object; with 0, none is linked',
    program(function* () {
      const [ready, other] = [new Event(), new Event()]
      ready.set()
      const iterator = iwait([other, ready], { count: 1 })
      expect((yield* iterator.next()).value === ready).toBe(true)
      expect(other.linkCount()).toBe(0)
      expect((yield* iwait([other], { count: 0 }).next()).done).toBe(true)
      expect(other.linkCount()).toBe(0)
    }),
  )

  test('a Timeout that is running already ends it quietly, like one that it starts', async () => {
    const ended = await virtualTime(function* (clock) {
      const timeout = Timeout.startNew(30)
      yield* sleep(20)
      const next = yield* iwait([new Event()], { timeout }).next()
      return [next.done, clock.now(), timeout.pending]
    })
    expect(ended).toEqual([true, 30, false])
  })

  test(
    'closing it ends the wait of its reader',
    program(function* () {
      const event = new Event()
      const iterator = iwait([event])
      const taker = spawn(() => iterator.next())
      yield* sleep(0)
      yield* iterator.close()
      expect(yield* taker).toEqual({ done: true, value: undefined })
      expect(event.linkCount()).toBe(0)
    }),
  )

  test('works with for await in plain code', async () => {
    const events = [new Event(), new Event()]
    fireEach(events)
    const seen: number[] = []
    for await (const event of iwait(events)) seen.push(events.indexOf(event))
    expect(seen).toEqual([0, 1])
  })

  test('leaving for await early unlinks the rest', async () => {
    const events = [new Event(), new Event()]
    events[0]!.set()
    for await (const _event of iwait(events)) break
    expect(events[1]!.linkCount()).toBe(0)
  })

  test(
    'anything with rawlink and unlink can be waited for',
    program(function* () {
      const links = new Set<(source: unknown) => unknown>()
      const own: Waitable = {
        rawlink: (callback) => void links.add(callback),
        unlink: (callback) => void links.delete(callback),
      }
      getHub().runCallback(() => {
        for (const link of [...links]) link(own)
      })
      expect((yield* wait([own]))[0]).toBe(own)
      expect((yield* wait([new DummySemaphore()])).length).toBe(1)
    }),
  )
})

describe('each', () => {
  test(
    'passes items and their index, and closes the iterator when the function throws',
    program(function* () {
      const events = [new Event(), new Event()]
      events[0]!.set()
      const indexes: number[] = []
      const iterator = iwait(events)
      const error = yield* raisedBy(
        each(iterator, (_event, index) => {
          indexes.push(index)
          throw new RangeError('boom')
        }),
      )
      expect((error as Error).message).toBe('boom')
      expect(indexes).toEqual([0])
      expect(events[1]!.linkCount()).toBe(0)
    }),
  )

  test('anything but a function is rejected up front', () => {
    expect(() => each(iwait([]), 5 as never)).toThrow(TypeError)
  })
})

test('each rejects anything but a blocking iterator, with a clear message', () => {
  const generator = (function* () {})()
  const asyncGenerator = (async function* () {})()
  for (const iterator of [5, undefined, [1, 2], generator, asyncGenerator]) {
    expect(() => each(iterator as never, () => {})).toThrow('Expected `iterator` to be a blocking iterator or a queue')
  }
})

test('for await yields greenlets themselves, although they are thenable', async () => {
  const slow = spawn(function* () {
    yield* sleep(5)
    return 'slow'
  })
  const quick = spawn(() => 'quick')
  const order: unknown[] = []
  for await (const greenlet of iwait([slow, quick])) order.push(greenlet)
  expect(order[0] === quick && order[1] === slow).toBe(true)
})
