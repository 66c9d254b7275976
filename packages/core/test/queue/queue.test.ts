import { each, JoinableQueue, Queue, ShutDown, StopIteration, sleep, spawn } from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import { program, raisedBy, thrownBy, turns } from '../support.ts'

describe('join', () => {
  test(
    'waits until every task is done, and works repeatedly on one queue',
    program(function* () {
      const queue = new Queue<number>()
      let sum = 0
      const workers = [1, 2].map(() =>
        spawn(function* () {
          for (;;) {
            const item = yield* queue.get()
            if (item < 0) {
              queue.taskDone()
              return
            }
            yield* sleep(0)
            sum += item
            queue.taskDone()
          }
        }),
      )
      for (let index = 0; index < 100; index += 1) yield* queue.put(index)
      expect(yield* queue.join()).toBe(true)
      expect([sum, queue.unfinishedTasks]).toEqual([4950, 0])
      yield* queue.put(-1)
      yield* queue.put(-1)
      expect(yield* queue.join()).toBe(true)
      for (const worker of workers) yield* worker
    }),
  )

  test(
    'of a queue with nothing unfinished does not switch',
    program(function* () {
      let ran = false
      const other = spawn(() => {
        ran = true
      })
      expect([yield* new Queue().join(), ran]).toEqual([true, false])
      yield* other
    }),
  )

  test(
    'returns false on timeout',
    program(function* () {
      const queue = new Queue<number>(undefined, { items: [1] })
      expect(yield* queue.join({ timeout: 1 })).toBe(false)
      expect(yield* queue.join({ timeout: 0 })).toBe(false)
      queue.getNowait()
      expect(yield* queue.join({ timeout: 0 })).toBe(false)
      queue.taskDone()
      expect(yield* queue.join({ timeout: 60_000 })).toBe(true)
    }),
  )

  test(
    'counts StopIteration items as tasks',
    program(function* () {
      const queue = new Queue<number | typeof StopIteration>()
      const done: number[] = []
      const workers = [1, 2, 3].map(() =>
        spawn(() =>
          each(queue, function* (item) {
            yield* sleep(0)
            done.push(item)
            queue.taskDone()
          }),
        ),
      )
      for (let index = 0; index < 6; index += 1) yield* queue.put(index)
      expect(yield* queue.join()).toBe(true)
      expect(done.sort()).toEqual([0, 1, 2, 3, 4, 5])
      for (const _ of workers) yield* queue.put(StopIteration)
      for (const worker of workers) yield* worker
      expect(queue.unfinishedTasks).toBe(3)
    }),
  )
})

describe('unfinished tasks', () => {
  test('are the items that were put in, including the initial ones', () => {
    const queue = new Queue<number>(undefined, { items: [1, 2] })
    queue.putNowait(3)
    queue.getNowait()
    expect(queue.unfinishedTasks).toBe(3)
    expect(new Queue<number>(undefined, { items: [1], unfinishedTasks: 4 }).unfinishedTasks).toBe(4)
  })

  test(
    'do not include items whose put failed or was killed',
    program(function* () {
      const queue = new Queue<number>(1, { items: [1] })
      const putter = spawn(() => queue.put(2))
      yield* turns(1)
      yield* putter.kill()
      thrownBy(() => queue.putNowait(3))
      expect(queue.unfinishedTasks).toBe(1)
    }),
  )

  test(
    'include the item of a waiting putter once',
    program(function* () {
      const queue = new Queue<number>(1, { items: [1] })
      const putter = spawn(() => queue.put(2))
      yield* turns(1)
      yield* queue.get()
      yield* putter
      expect(queue.unfinishedTasks).toBe(2)
    }),
  )

  test('cannot be marked done more often than there are tasks', () => {
    const queue = new Queue<number>(undefined, { items: [1] })
    queue.taskDone()
    const error = thrownBy(() => queue.taskDone()) as Error
    expect(error).toBeInstanceOf(RangeError)
    expect(error.message).toBe('Expected `taskDone` once for each item: called too many times')
  })
})

describe('an immediate shutdown', () => {
  test(
    'drops the remaining items, which then count as done',
    program(function* () {
      const queue = new Queue<number>(undefined, { items: [1, 2, 3] })
      const joiner = spawn(() => queue.join())
      yield* turns(1)
      queue.shutdown({ immediate: true })
      expect(yield* raisedBy(queue.get())).toBeInstanceOf(ShutDown)
      expect(thrownBy(() => queue.taskDone())).toBeInstanceOf(RangeError)
      expect([yield* joiner, yield* queue.join(), queue.unfinishedTasks]).toEqual([true, true, 0])
    }),
  )

  test(
    'leaves tasks unfinished that were taken out before',
    program(function* () {
      const queue = new Queue<number>(undefined, { items: [1, 2, 3] })
      yield* queue.get()
      queue.shutdown({ immediate: true })
      expect([queue.unfinishedTasks, yield* queue.join({ timeout: 0 })]).toEqual([1, false])
      queue.taskDone()
      expect(yield* queue.join()).toBe(true)
    }),
  )

  test(
    'is unlike a plain one, which leaves the remaining items to be done',
    program(function* () {
      const queue = new Queue<number>(undefined, { items: [1] })
      queue.shutdown()
      expect(yield* queue.join({ timeout: 0 })).toBe(false)
      yield* queue.get()
      queue.taskDone()
      expect(yield* queue.join()).toBe(true)
    }),
  )
})

test('JoinableQueue is another name of Queue', () => {
  expect(JoinableQueue).toBe(Queue)
})

describe('a subclass whose store fails', () => {
  class Failing extends Queue<number> {
    failsNext = false
    protected override _put(item: number): void {
      this.failOnce()
      super._put(item)
    }
    protected override _get(): number {
      this.failOnce()
      return super._get()
    }
    private failOnce(): void {
      if (!this.failsNext) return
      this.failsNext = false
      throw new RangeError('broken store')
    }
  }

  test(
    'fails the put, waiting or not, and counts its item neither as stored nor as unfinished',
    program(function* () {
      const queue = new Failing(1)
      queue.failsNext = true
      expect(yield* raisedBy(queue.put(1))).toBeInstanceOf(RangeError)
      expect([queue.qsize(), queue.unfinishedTasks, yield* queue.join({ timeout: 0 })]).toEqual([0, 0, true])
      yield* queue.put(2)
      const waiting = spawn(() => raisedBy(queue.put(3)))
      const next = spawn(() => queue.put(4))
      yield* turns(1)
      expect(yield* queue.get()).toBe(2)
      queue.failsNext = true
      expect(yield* waiting).toBeInstanceOf(RangeError)
      yield* next
      expect([queue.getNowait(), queue.unfinishedTasks]).toEqual([4, 2])
    }),
  )

  test(
    'fails the get, waiting or not, and keeps the item for the next one',
    program(function* () {
      const queue = new Failing()
      yield* queue.put(1)
      queue.failsNext = true
      expect(yield* raisedBy(queue.get())).toBeInstanceOf(RangeError)
      expect(yield* queue.get()).toBe(1)
      const waiting = spawn(() => raisedBy(queue.get()))
      const next = spawn(() => queue.get())
      yield* turns(1)
      yield* queue.put(2)
      queue.failsNext = true
      expect(yield* waiting).toBeInstanceOf(RangeError)
      expect(yield* next).toBe(2)
    }),
  )
})

test('the initial number of unfinished tasks must be a whole number from 0 up', () => {
  expect(new Queue(undefined, { items: [1], unfinishedTasks: 3 }).unfinishedTasks).toBe(3)
  for (const unfinishedTasks of [-1, 0.5, Number.NaN, '2' as never]) {
    expect(() => new Queue(undefined, { unfinishedTasks })).toThrow('Expected `unfinishedTasks` to be a whole number')
  }
})
