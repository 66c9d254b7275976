import { Condition, type Coroutine, Lock, RLock, sleep, spawn, Timeout } from '@greenlit/core'
import { watchLeaks } from '@greenlit/core/testing'
import { describe, expect, test } from 'vitest'
import { program, raisedBy, turns } from '../support.ts'

describe('Condition', () => {
  test(
    'has a reentrant lock of its own, or uses the given one',
    program(function* () {
      const own = new Condition()
      yield* own.acquire()
      yield* own.acquire()
      own.release()
      own.release()
      expect(() => own.release()).toThrow()
      const lock = new Lock()
      const condition = new Condition(lock)
      yield* condition.acquire()
      expect(yield* lock.acquire({ blocking: false })).toBe(false)
      expect(condition.locked()).toBe(true)
      condition.release()
      expect(lock.locked()).toBe(false)
    }),
  )

  test(
    'wait and notify throw unless the lock is held',
    program(function* () {
      for (const condition of [new Condition(), new Condition(new Lock()), new Condition(new RLock())]) {
        expect(((yield* raisedBy(condition.wait())) as Error).message).toContain('cannot wait on un-acquired lock')
        expect(() => condition.notify()).toThrow('cannot notify on un-acquired lock')
        expect(() => condition.notifyAll()).toThrow('cannot notify on un-acquired lock')
      }
    }),
  )

  test(
    'an RLock held by another greenlet does not count as held',
    program(function* () {
      const condition = new Condition()
      const holder = spawn(function* () {
        yield* condition.acquire()
        yield* turns(3)
        condition.release()
      })
      yield* turns(1)
      expect(condition.locked()).toBe(true)
      expect(() => condition.notify()).toThrow('cannot notify on un-acquired lock')
      expect(((yield* raisedBy(condition.wait())) as Error).message).toContain('cannot wait on un-acquired lock')
      yield* holder
    }),
  )

  for (const [name, make] of [
    ['an RLock', () => new RLock()],
    ['a Lock', () => new Lock()],
  ] as const) {
    test(
      `with ${name}, a wait that timed out or was killed neither consumes nor causes a notification`,
      program(function* () {
        const condition = new Condition(make())
        const waits = function* (timeout?: number): Coroutine<boolean> {
          yield* condition.acquire()
          try {
            return yield* condition.wait({ timeout })
          } finally {
            expect(condition.locked()).toBe(true)
            condition.release()
          }
        }
        const [impatient, patient, victim] = [spawn(waits, 1), spawn(() => waits()), spawn(() => waits())]
        yield* turns(1)
        expect(condition.locked()).toBe(false)
        expect(yield* impatient).toBe(false)
        yield* victim.kill()
        yield* turns(3)
        expect(patient.ready()).toBe(false)
        yield* condition.acquire()
        condition.notify()
        condition.release()
        expect(yield* patient).toBe(true)
        expect(condition.locked()).toBe(false)
      }),
    )
  }

  test(
    'notify wakes the given number of waiters, longest waiting first, once the notifier has released the lock',
    program(function* () {
      const condition = new Condition()
      let [first, second] = [0, 0]
      const answers: boolean[] = []
      const waiters = Array.from({ length: 5 }, () =>
        spawn(function* () {
          using _held = yield* condition.hold()
          answers.push(yield* condition.wait())
          first += 1
          answers.push(yield* condition.wait())
          second += 1
        }),
      )
      yield* turns(5)
      const notify = function* (count?: number) {
        yield* condition.acquire()
        if (count === undefined) condition.notifyAll()
        else condition.notify(count)
        const before = [first, second]
        yield* turns(3)
        expect([first, second]).toEqual(before)
        condition.release()
        yield* turns(20)
        return [first, second]
      }
      expect(yield* notify(3)).toEqual([3, 0])
      expect(yield* notify(5)).toEqual([5, 3])
      expect(yield* notify()).toEqual([5, 5])
      for (const waiter of waiters) yield* waiter
      expect(answers).toEqual(Array(10).fill(true))
    }),
  )

  test(
    'wait returns false on timeout, holding the lock again',
    program(function* () {
      const condition = new Condition()
      yield* condition.acquire()
      yield* condition.acquire()
      expect(yield* condition.wait({ timeout: 2 })).toBe(false)
      expect(yield* condition.wait({ timeout: 0 })).toBe(false)
      condition.release()
      expect(condition.locked()).toBe(true)
      condition.release()
      expect(condition.locked()).toBe(false)
    }),
  )

  test(
    'notifying more waiters than there are is allowed, and the excess is forgotten',
    program(function* () {
      const condition = new Condition()
      yield* condition.acquire()
      condition.notify(10)
      condition.notifyAll()
      expect(yield* condition.wait({ timeout: 2 })).toBe(false)
      condition.release()
    }),
  )

  test(
    'waitFor waits until its predicate is truthy, and returns that value',
    program(function* () {
      const condition = new Condition()
      let state = 0
      const waiter = spawn(function* () {
        using _held = yield* condition.hold()
        const result = yield* condition.waitFor(() => (state === 4 ? 'four' : ''))
        return [result, state]
      })
      yield* turns(2)
      for (let step = 0; step < 4; step += 1) {
        yield* condition.acquire()
        state += 1
        condition.notify()
        condition.release()
        yield* turns(2)
      }
      expect(yield* waiter).toEqual(['four', 4])
    }),
  )

  test(
    'the timeout of waitFor covers all its waits; it then returns the last value of the predicate',
    program(function* () {
      const condition = new Condition()
      let state = 0
      const waiter = spawn(function* () {
        using _held = yield* condition.hold()
        return yield* condition.waitFor(() => state === 4, { timeout: 30 })
      })
      yield* turns(2)
      for (let step = 0; step < 3; step += 1) {
        yield* sleep(2)
        yield* condition.acquire()
        state += 1
        condition.notify()
        condition.release()
      }
      expect(yield* waiter).toBe(false)
      expect(state).toBe(3)
    }),
  )

  test(
    'a killed waiter reacquires the lock first, and passes on a notification that it had received',
    program(function* () {
      const condition = new Condition()
      const log: string[] = []
      const wait = (name: string) =>
        spawn(function* () {
          using _held = yield* condition.hold()
          try {
            yield* condition.wait()
            log.push(`${name} woken`)
          } finally {
            expect(condition.locked()).toBe(true)
          }
        })
      const [a, b] = [wait('a'), wait('b')]
      yield* turns(3)
      yield* condition.acquire()
      a.kill()
      condition.notify()
      condition.release()
      yield* a.join()
      yield* turns(3)
      expect(log).toEqual(['b woken'])
      yield* b.kill()
      expect(condition.locked()).toBe(false)
    }),
  )

  test(
    'a notified waiter that is killed while it reacquires the lock passes the notification on',
    program(function* () {
      for (const condition of [new Condition(), new Condition(new Lock())]) {
        const log: string[] = []
        const [first, second] = ['first', 'second'].map((name) =>
          spawn(function* () {
            using _held = yield* condition.hold()
            yield* condition.wait()
            log.push(name)
          }),
        )
        yield* turns(2)
        yield* condition.acquire()
        condition.notify()
        yield* turns(2)
        first!.kill({ block: false })
        yield* turns(2)
        condition.release()
        yield* second!.join({ timeout: 1000 })
        expect(log).toEqual(['second'])
        expect(first!.dead).toBe(true)
        expect(condition.locked()).toBe(false)
      }
    }),
  )

  test(
    'an outer Timeout passes through, with the lock held',
    program(function* () {
      const condition = new Condition()
      yield* condition.acquire()
      const timeout = Timeout.startNew(2)
      expect(yield* raisedBy(condition.wait({ timeout: 1000 }))).toBe(timeout)
      expect(condition.locked()).toBe(true)
      condition.release()
    }),
  )

  test('invalid arguments are rejected up front', () => {
    expect(() => new Condition().wait({ timeout: '5' as never })).toThrow(TypeError)
    expect(() => new Condition().waitFor(5 as never)).toThrow(TypeError)
    expect(() => new Condition().waitFor(() => true, { timeout: '5' as never })).toThrow(TypeError)
    expect(() => new Condition({} as never)).toThrow(TypeError)
  })
})

test('notify rejects a count that is not a whole number from 0 up', () => {
  const condition = new Condition()
  for (const count of [-1, 1.5, NaN]) {
    expect(() => condition.notify(count)).toThrow(
      new RangeError(`Expected \`count\` to be a whole number from 0 up, got ${count}`),
    )
  }
})

test(
  'waitFor accepts a Timeout as its limit',
  program(function* () {
    const condition = new Condition()
    yield* condition.acquire()
    expect(yield* condition.waitFor(() => false, { timeout: new Timeout(2) })).toBe(false)
    condition.release()
  }),
)

test(
  'waitFor raises the custom error of its Timeout',
  program(function* () {
    const condition = new Condition()
    const late = new RangeError('too late')
    yield* condition.acquire()
    expect(yield* raisedBy(condition.waitFor(() => false, { timeout: new Timeout(2, late) }))).toBe(late)
    condition.release()
  }),
)

test(
  'waitFor accepts a predicate that blocks',
  program(function* () {
    const condition = new Condition()
    const answers = [false, true]
    const predicate = function* () {
      yield* sleep(0)
      return answers.shift()
    }
    yield* condition.acquire()
    expect(yield* condition.waitFor(predicate, { timeout: 0 })).toBe(false)
    expect(yield* condition.waitFor(predicate)).toBe(true)
    condition.release()
  }),
)

test(
  'a leak report names Condition.wait as what the greenlet waits on',
  program(function* () {
    const leaks = watchLeaks({ handles: false })
    const condition = new Condition()
    const waiter = spawn(function* () {
      yield* condition.acquire()
      yield* condition.wait()
    })
    yield* turns(1)
    expect(String(yield* raisedBy(leaks.assertNone({ patience: 0 })))).toContain('waits on Condition.wait')
    yield* waiter.kill()
  }),
)
