import { Empty, Full, joinall, Event as LocalEvent, sleep, spawn, wait } from '@greenlit/core'
import { Event, JoinableQueue, ProcessDiedError, Queue, SerializationError, SimpleQueue } from '@greenlit/process'
import { describe, expect, test } from 'vitest'
import { joined, starter } from '../children.ts'
import { failure, guardLeaks, run } from '../guard.ts'

guardLeaks()

describe('Queue in its own process', () => {
  test('throws Full and Empty in every call form, immediately or after the timeout', () =>
    run(function* () {
      const queue = new Queue<number>(6)
      yield* queue.put(1)
      yield* queue.put(2, {})
      yield* queue.put(3, { block: true })
      yield* queue.put(4, { timeout: 1000 })
      yield* queue.put(5, { block: false })
      yield* queue.putNowait(6)
      expect([yield* queue.full(), yield* queue.qsize(), yield* queue.empty()]).toEqual([true, 6, false])
      for (const put of [
        queue.putNowait(7),
        queue.put(7, { block: false }),
        queue.put(7, { timeout: 10 }),
        queue.put(7, { timeout: 0 }),
      ])
        expect(yield* failure(put)).toBeInstanceOf(Full)
      const got: number[] = []
      got.push(yield* queue.get(), yield* queue.get({ block: true }), yield* queue.get({ timeout: 1000 }))
      got.push(yield* queue.get({ block: false }), yield* queue.getNowait(), yield* queue.get())
      expect(got).toEqual([1, 2, 3, 4, 5, 6])
      for (const get of [
        queue.getNowait(),
        queue.get({ block: false }),
        queue.get({ timeout: 10 }),
        queue.get({ timeout: 0 }),
      ])
        expect(yield* failure(get)).toBeInstanceOf(Empty)
      expect(yield* queue.empty()).toBe(true)
    }))

  test('holds copies of the items from the time of the put', () =>
    run(function* () {
      const queue = new Queue<{ a: number }>()
      const item = { a: 1 }
      yield* queue.put(item)
      item.a = 2
      expect(yield* queue.get()).toEqual({ a: 1 })
    }))

  test('an item that cannot be sent fails alone, and takes no place', () =>
    run(function* () {
      const queue = new Queue<unknown>(1)
      expect(yield* failure(queue.put(() => 1))).toBeInstanceOf(SerializationError)
      yield* queue.put(true)
      expect(yield* queue.get()).toBe(true)
    }))

  test('a killed getter takes nothing, and a killed putter puts nothing', () =>
    run(function* () {
      const queue = new Queue<number>(1)
      const getter = spawn(() => queue.get())
      yield* sleep(0)
      getter.kill()
      yield* queue.put(1)
      const putter = spawn(() => queue.put(2))
      yield* sleep(0)
      yield* putter.kill()
      expect(yield* queue.get()).toBe(1)
      expect(yield* failure(queue.get({ timeout: 10 }))).toBeInstanceOf(Empty)
    }))

  test('an item for a getter that is killed before it runs goes back to the front', () =>
    run(function* () {
      const queue = new Queue<number>()
      const getter = spawn(() => queue.get())
      yield* sleep(0)
      yield* queue.put(1)
      yield* queue.put(2)
      yield* getter.kill()
      const got = getter.value === 1 ? [1] : []
      for (let left = 2 - got.length; left > 0; left -= 1) got.push(yield* queue.get({ timeout: 1000 }))
      expect(got).toEqual([1, 2])
    }))

  test('items for getters that are all killed before they run keep their order', () =>
    run(function* () {
      const queue = new Queue<number>()
      const getters = Array.from({ length: 3 }, () => spawn(() => queue.get()))
      yield* sleep(0)
      for (const getter of getters) getter.kill()
      for (let item = 1; item <= 4; item += 1) yield* queue.put(item)
      yield* joinall(getters)
      const got: number[] = []
      while (!(yield* queue.empty())) got.push(yield* queue.get())
      expect(got).toEqual([1, 2, 3, 4])
    }))

  test('a getter that was just killed holds no item back from those after it', () =>
    run(function* () {
      const queue = new Queue<number>()
      const [killed, next] = [spawn(() => queue.get()), spawn(() => queue.get())]
      yield* sleep(0)
      const killing = killed.kill()
      for (const item of [1, 2, 3]) yield* queue.put(item)
      expect([yield* queue.getNowait(), yield* next, yield* queue.getNowait()]).toEqual([1, 2, 3])
      yield* killing
    }))

  test('many waiting putters and getters are served in order', () =>
    run(function* () {
      const queue = new Queue<number>(1)
      const got: number[] = []
      const getters = Array.from({ length: 3 }, () =>
        spawn(function* () {
          got.push(yield* queue.get())
        }),
      )
      yield* sleep(0)
      const putters = [1, 2, 3, 4, 5].map((n) => spawn(() => queue.put(n)))
      yield* wait(getters)
      got.push(yield* queue.get(), yield* queue.get())
      yield* wait(putters)
      expect(got).toEqual([1, 2, 3, 4, 5])
    }))

  test('is closed for this process, and rejects invalid options', () =>
    run(function* () {
      const queue = new Queue(3)
      queue.close()
      expect(yield* failure(queue.put(1))).toBeInstanceOf(RangeError)
      expect(String(yield* failure(queue.get()))).toContain('closed')
      expect(() => new Queue('x' as never)).toThrow('Expected `maxsize`')
      expect(() => new Queue().get({ timeout: -1 })).toThrow('Expected `timeout`')
      expect([new Queue(0).maxsize, new Queue(-1).maxsize, new Queue().maxsize]).toEqual([
        undefined,
        undefined,
        undefined,
      ])
    }))

  test('does not wait in joinThread after cancelJoinThread', () =>
    run(function* () {
      const queue = new Queue<number>()
      yield* queue.put(1)
      yield* queue.joinThread()
      queue.cancelJoinThread()
      yield* queue.joinThread()
      expect(yield* queue.get()).toBe(1)
    }))

  test('can be waited for together with other objects, which takes no item', () =>
    run(function* () {
      const queue = new Queue<number>()
      const other = new LocalEvent()
      const waiter = spawn(() => wait([queue, other], { count: 1 }))
      yield* sleep(0)
      yield* queue.put(5)
      expect(yield* waiter).toEqual([queue])
      expect(yield* queue.get()).toBe(5)
    }))
})

describe.each(['process', 'thread'] as const)('Queue with a %s', (context) => {
  const start = starter(context)

  test('delivers items from a child in order', () =>
    run(function* () {
      const queue = new Queue<number>()
      const child = start('putAll', queue, [2, 3, 4, 5])
      expect([yield* queue.get(), yield* queue.get(), yield* queue.get(), yield* queue.get()]).toEqual([2, 3, 4, 5])
      yield* joined(child)
    }))

  test('takes each item once from a child whose calls time out as they are answered', () =>
    run(function* () {
      const queue = new Queue<[number, string]>(2)
      const child = start('giveImpatiently', queue, 150)
      for (let number = 0; number < 150; number += 1) {
        expect((yield* queue.get())[0]).toBe(number)
        yield* sleep(number % 3)
      }
      yield* joined(child)
      expect(yield* queue.empty()).toBe(true)
    }))

  test('keeps an item that is on its way to a child as the child gives up and ends', () =>
    run(function* () {
      const [queue, ready] = [new Queue<string>(), new Queue<boolean>()]
      const child = start('getsAndGivesUp', queue, ready)
      yield* ready.get()
      yield* queue.put('kept')
      yield* joined(child)
      expect(yield* queue.getNowait()).toBe('kept')
    }))

  test('keeps the order of items for a child whose calls are killed or time out as they are answered', () =>
    run(function* () {
      const [queue, results] = [new Queue<number>(5), new Queue<number[]>()]
      const child = start('takeImpatiently', queue, 300, results)
      const items = Array.from({ length: 300 }, (_, item) => item)
      for (const item of items) yield* queue.put(item)
      expect(yield* results.get()).toEqual(items)
      yield* joined(child)
    }))

  test('keeps the order of each of two producers, with room for one item', () =>
    run(function* () {
      const queue = new Queue<string>(1)
      const children = ['a', 'b'].map((name) =>
        start(
          'putAll',
          queue,
          [1, 2, 3, 4, 5].map((n) => `${name}${n}`),
        ),
      )
      const got: string[] = []
      while (got.length < 10) got.push(yield* queue.get())
      yield* joined(...children)
      for (const name of ['a', 'b']) {
        expect(got.filter((item) => item.startsWith(name))).toEqual([1, 2, 3, 4, 5].map((n) => `${name}${n}`))
      }
    }))

  test('holds each item once of a child whose calls time out as they are answered', () =>
    run(function* () {
      const queue = new Queue<number>(2)
      const count = 150
      const child = start('putWithinLimits', queue, count)
      for (let number = 0; number < count; number += 1) {
        if (number % 10 === 0) yield* sleep(number % 3)
        expect(yield* queue.get()).toBe(number)
      }
      yield* joined(child)
      expect(yield* queue.empty()).toBe(true)
    }))

  test('loses nothing that a child puts right before it ends', () =>
    run(function* () {
      const queue = new Queue<number>()
      const items = Array.from({ length: 2000 }, (_, i) => i)
      yield* joined(start('putAll', queue, items))
      const got: number[] = []
      while (!(yield* queue.empty())) got.push(yield* queue.get())
      expect(got).toEqual(items)
    }))

  test('an item that cannot be sent fails alone in a child too', () =>
    run(function* () {
      const [queue, results] = [new Queue(1), new Queue()]
      const child = start('putBad', queue, results)
      expect(yield* results.get()).toBe('SerializationError')
      expect(yield* queue.get()).toBe(true)
      yield* joined(child)
    }))

  test('answers the same in a child', () =>
    run(function* () {
      const [queue, results] = [new Queue(2), new Queue()]
      yield* queue.put(1)
      yield* queue.put(2)
      const child = start('looks', queue, results)
      expect(yield* results.get()).toEqual([2, false, true, 2])
      expect(yield* results.get()).toEqual(['Full', 'Full', 'Full'])
      yield* joined(child)
    }))

  test('travels to grandchildren', () =>
    run(function* () {
      const queue = new Queue<number[]>()
      yield* joined(start('recursive', queue, []))
      const got = []
      while (!(yield* queue.empty())) got.push(yield* queue.get())
      expect(got).toEqual([[], [0], [0, 0], [0, 1], [1], [1, 0], [1, 1]])
    }))

  test('can be created by a child, and is gone with it', () =>
    run(function* () {
      const back = new Queue<Queue<string>>()
      const child = start('makesQueue', back)
      const queue = yield* back.get()
      expect(queue).toBeInstanceOf(Queue)
      expect(yield* queue.get()).toBe('from the child')
      yield* joined(child)
      expect(yield* failure(queue.get())).toBeInstanceOf(ProcessDiedError)
    }))

  test('accepts no item once the child that created it is gone', () =>
    run(function* () {
      const back = new Queue<Queue<string>>()
      const child = start('makesQueue', back)
      const queue = yield* back.get()
      yield* queue.get()
      yield* joined(child)
      expect(yield* failure(queue.put('lost'))).toBeInstanceOf(ProcessDiedError)
    }))

  test('joinThread fails if the child that created the queue is gone before all has arrived', () =>
    run(function* () {
      const back = new Queue<Queue<string>>()
      const child = start('makesQueue', back)
      const queue = yield* back.get()
      child.kill()
      yield* queue.put('lost')
      yield* child.join()
      expect(yield* failure(queue.joinThread())).toBeInstanceOf(ProcessDiedError)
      queue.cancelJoinThread()
      yield* queue.joinThread()
    }))

  test('a child that is killed while it waits takes no item', () =>
    run(function* () {
      const [queue, ready] = [new Queue<number>(), new Event()]
      const child = start('getForever', queue, ready)
      yield* ready.wait()
      child.kill()
      yield* child.join()
      yield* queue.put(1)
      expect(yield* queue.get({ timeout: 1000 })).toBe(1)
    }))

  test('SimpleQueue and JoinableQueue travel too', () =>
    run(function* () {
      const [from, to] = [new SimpleQueue<string>(), new SimpleQueue<string>()]
      const mover = start('moveOne', from, to)
      yield* from.put('x')
      expect(yield* to.get()).toBe('x')
      expect(yield* to.empty()).toBe(true)
      const queue = new JoinableQueue<number | null>()
      const workers = [1, 2].map(() => start('workOff', queue))
      for (let i = 0; i < 10; i += 1) yield* queue.put(i)
      expect(yield* queue.join()).toBe(true)
      for (const _ of workers) yield* queue.put(null)
      yield* joined(mover, ...workers)
      queue.taskDone()
      queue.taskDone()
      expect(() => queue.taskDone()).toThrow(RangeError)
      yield* queue.put(1)
      expect(yield* queue.join({ timeout: 10 })).toBe(false)
    }))
})

test('an item that can only be sent to threads of another process fails its putter, and nobody else', () =>
  run(function* () {
    const [back, results] = [new Queue<Queue<unknown>>(), new Queue<string[]>()]
    const child = starter('process')('makesQueue', back)
    const queue = yield* back.get()
    const thread = starter('thread')('putsMemory', queue, results)
    expect(yield* results.get()).toEqual(['put', 'SerializationError', 'put'])
    expect([yield* queue.get(), yield* queue.get(), yield* queue.get()]).toEqual(['from the child', 'first', 'last'])
    yield* joined(child, thread)
  }))

test('an item that can only be sent to threads of another process fails its getter, which gets the next one', () =>
  run(function* () {
    const [back, results] = [new Queue<Queue<string>>(), new Queue<string>()]
    const owner = starter('thread')('makesQueueOfMemory', back)
    const getter = starter('process')('getTwice', yield* back.get(), results)
    expect([yield* results.get(), yield* results.get()]).toEqual(['SerializationError', 'plain'])
    yield* joined(owner, getter)
  }))
