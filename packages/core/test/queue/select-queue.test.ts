import {
  Channel,
  Empty,
  PriorityQueue,
  Queue,
  ShutDown,
  SimpleQueue,
  selectQueue,
  sleep,
  spawn,
  Timeout,
  withTimeout,
} from '@greenlit/core'
import { expect, test } from 'vitest'
import { program, raisedBy, thrownBy, turns } from '../support.ts'

test(
  'selectQueue takes at once from the first queue in the list that has an item, without switching',
  program(function* () {
    const [a, b] = [new Queue<number>(), new Queue<string>(undefined, { items: ['b'] })]
    let ran = false
    const other = spawn(() => {
      ran = true
    })
    const [queue, item] = yield* selectQueue([a, b])
    expect([queue === b, item, ran]).toEqual([true, 'b', false])
    a.putNowait(1)
    b.putNowait('c')
    expect((yield* selectQueue([a, b]))[1]).toBe(1)
    expect(b.qsize()).toBe(1)
    yield* other
  }),
)

test(
  'selectQueue waits for the first item on any queue, and the other queues keep theirs',
  program(function* () {
    const queues = [new Queue<number>(), new SimpleQueue<number>(), new PriorityQueue<number>(), new Channel<number>()]
    for (const expected of queues) {
      const selecting = spawn(() => selectQueue(queues))
      yield* turns(1)
      const putters = queues.map((queue) => spawn(() => queue.put(1)))
      putters.unshift(...putters.splice(queues.indexOf(expected), 1))
      yield* selecting.kill()
      for (const putter of putters) yield* putter.kill()
      for (const queue of queues) {
        while (queue.canTake) queue.getNowait()
        expect(queue.getters.length).toBe(0)
      }
      const again = spawn(() => selectQueue(queues))
      yield* turns(1)
      const one = spawn(() => expected.put(7))
      const [queue, item] = yield* again
      expect([queue === expected, item]).toEqual([true, 7])
      yield* one
    }
  }),
)

test(
  'items put into two queues in one turn are not lost',
  program(function* () {
    const [a, b] = [new Queue<number>(), new Queue<number>()]
    const selecting = spawn(() => selectQueue([a, b]))
    yield* turns(1)
    b.putNowait(2)
    a.putNowait(1)
    const [queue, item] = yield* selecting
    expect([queue === b, item, a.qsize(), b.qsize()]).toEqual([true, 2, 1, 0])
    expect([a.getters.length, b.getters.length]).toEqual([0, 0])
  }),
)

test(
  'selectQueue takes its place among the waiting getters',
  program(function* () {
    const [a, b] = [new Queue<number>(), new Queue<number>()]
    const log: string[] = []
    const greenlets = [
      spawn(function* () {
        log.push(`get ${yield* a.get()}`)
      }),
      spawn(function* () {
        log.push(`select ${(yield* selectQueue([a, b]))[1]}`)
      }),
      spawn(function* () {
        log.push(`get ${yield* a.get()}`)
      }),
    ]
    yield* turns(1)
    for (const item of [1, 2, 3]) a.putNowait(item)
    for (const greenlet of greenlets) yield* greenlet
    expect(log).toEqual(['get 1', 'select 2', 'get 3'])
  }),
)

test(
  'selectQueue takes from a putter that waits for room, and from one on a channel',
  program(function* () {
    const full = new Queue<number>(1, { items: [1] })
    const channel = new Channel<number>()
    const putters = [spawn(() => full.put(2)), spawn(() => channel.put(3))]
    yield* turns(1)
    const items = []
    for (let index = 0; index < 3; index += 1) items.push((yield* selectQueue([full, channel]))[1])
    expect(items.sort()).toEqual([1, 2, 3])
    for (const putter of putters) yield* putter
  }),
)

test(
  'two greenlets that select on the same queues take different items',
  program(function* () {
    const queues = [new Queue<number>(), new Channel<number>()]
    const selecting = [spawn(() => selectQueue(queues)), spawn(() => selectQueue([...queues].reverse()))]
    yield* turns(1)
    const putter = spawn(() => queues[1]!.put(1))
    queues[0]!.putNowait(2)
    const items = [(yield* selecting[0]!)[1], (yield* selecting[1]!)[1]]
    expect(items.sort()).toEqual([1, 2])
    yield* putter
  }),
)

test(
  'a killed or timed-out call takes no item',
  program(function* () {
    const [a, b] = [new Queue<number>(), new Queue<number>()]
    const selecting = spawn(() => selectQueue([a, b]))
    yield* turns(1)
    selecting.kill()
    a.putNowait(1)
    yield* selecting.join()
    expect(a.qsize()).toBe(1)
    a.getNowait()
    for (const options of [{ timeout: 0 }, { timeout: 1 }]) {
      expect(yield* raisedBy(selectQueue([a, b], options))).toBeInstanceOf(Empty)
    }
    const timeout = new Timeout(1)
    expect(yield* raisedBy(selectQueue([a, b], { timeout }))).toBe(timeout)
    yield* withTimeout(1, () => selectQueue([a, b]), { timeoutValue: undefined })
    expect([a.getters.length, b.getters.length]).toEqual([0, 0])
    a.putNowait(2)
    expect((yield* selectQueue([a, b], { timeout: 0 }))[1]).toBe(2)
  }),
)

test(
  'a timeout of 0 polls without switching',
  program(function* () {
    const queue = new Queue<number>()
    const putter = spawn(() => queue.put(1))
    expect(yield* raisedBy(selectQueue([queue, new Channel<number>()], { timeout: 0 }))).toBeInstanceOf(Empty)
    expect(putter.ready()).toBe(false)
    yield* putter
    expect(queue.qsize()).toBe(1)
  }),
)

test(
  'a queue that is shut down and empty is skipped; if all are, ShutDown is thrown',
  program(function* () {
    const [a, b] = [new Queue<number>(), new Queue<number>(undefined, { items: [1] })]
    a.shutdown()
    b.shutdown()
    expect((yield* selectQueue([a, b]))[1]).toBe(1)
    expect(yield* raisedBy(selectQueue([a, b]))).toBeInstanceOf(ShutDown)
    const [c, d] = [new Queue<number>(), new Queue<number>()]
    const selecting = spawn(() => selectQueue([a, c, d]))
    yield* turns(1)
    c.shutdown()
    yield* turns(2)
    expect(selecting.ready()).toBe(false)
    d.putNowait(4)
    expect((yield* selecting)[1]).toBe(4)
    const last = spawn(() => raisedBy(selectQueue([c, d])))
    yield* turns(1)
    d.shutdown()
    expect(yield* last).toBeInstanceOf(ShutDown)
  }),
)

test(
  'the same queue may appear in the list twice',
  program(function* () {
    const queue = new Queue<number>()
    const selecting = spawn(() => selectQueue([queue, queue]))
    yield* turns(1)
    queue.putNowait(1)
    queue.putNowait(2)
    expect((yield* selecting)[1]).toBe(1)
    expect([queue.qsize(), queue.getters.length]).toEqual([1, 0])
  }),
)

test(
  'a comparison that throws fails the call, and all queues keep their items',
  program(function* () {
    let fails = false
    const broken = new PriorityQueue<number>(0, {
      compare: (a, b) => {
        if (fails) throw new Error('cannot compare')
        return a - b
      },
    })
    const other = new Queue<number>()
    const selecting = spawn(() => raisedBy(selectQueue([other, broken])))
    yield* turns(1)
    for (const item of [1, 2, 3]) broken.putNowait(item)
    fails = true
    expect(((yield* selecting) as Error).message).toBe('cannot compare')
    expect(broken.qsize()).toBe(3)
    other.putNowait(4)
    yield* turns(1)
    expect(other.qsize()).toBe(1)
  }),
)

test('selectQueue may be awaited in plain code', async () => {
  const queue = new Queue<string>()
  spawn(function* () {
    yield* sleep(1)
    yield* queue.put('late')
  })
  expect((await selectQueue([new Channel<number>(), queue]))[1]).toBe('late')
})

test('anything but queues, an empty list and a negative timeout are rejected up front', () => {
  expect(thrownBy(() => selectQueue([7 as never]))).toBeInstanceOf(TypeError)
  expect(thrownBy(() => selectQueue([]))).toBeInstanceOf(RangeError)
  expect(thrownBy(() => selectQueue([new Queue()], { timeout: -1 }))).toBeInstanceOf(RangeError)
  expect((thrownBy(() => selectQueue(5 as never)) as Error).message).toContain(
    'Expected `queues` to be iterable, got 5',
  )
})
