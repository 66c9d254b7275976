import {
  Channel,
  Empty,
  Event,
  each,
  Full,
  getHub,
  joinall,
  LifoQueue,
  LoopExit,
  PriorityQueue,
  Queue,
  ShutDown,
  SimpleQueue,
  StopIteration,
  sleep,
  spawn,
  Timeout,
  withTimeout,
} from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import { program, raisedBy, thrownBy, turns } from '../support.ts'

describe('put and get', () => {
  test(
    'items come out in the order in which they were put',
    program(function* () {
      const queue = new SimpleQueue<number>()
      for (let index = 0; index < 100; index += 1) yield* queue.put(index)
      expect([queue.qsize(), queue.size, queue.length, queue.empty()]).toEqual([100, 100, 100, false])
      for (let index = 0; index < 100; index += 1) expect(yield* queue.get()).toBe(index)
      expect([queue.qsize(), queue.empty()]).toEqual([0, true])
    }),
  )

  test(
    'put and get do not switch unless they must wait, so one consumer can take everything',
    program(function* () {
      const queue = new SimpleQueue<number>()
      const log: string[] = []
      spawn(() => log.push('other'))
      yield* queue.put(1)
      yield* queue.put(2)
      log.push(`got ${yield* queue.get()} ${yield* queue.get({ timeout: 1000 })}`)
      yield* turns(1)
      expect(log).toEqual(['got 1 2', 'other'])
    }),
  )

  test(
    'a putter waits for room, and resumes as soon as there is some',
    program(function* () {
      const queue = new SimpleQueue<string>(2)
      const log: string[] = []
      const putter = spawn(function* () {
        for (const item of ['a', 'b', 'c']) {
          yield* queue.put(item)
          log.push(item)
        }
      })
      yield* turns(2)
      expect([log, queue.full()]).toEqual([['a', 'b'], true])
      expect(yield* queue.get()).toBe('a')
      yield* turns(1)
      expect(log).toEqual(['a', 'b', 'c'])
      expect([yield* queue.get(), yield* queue.get()]).toEqual(['b', 'c'])
      yield* putter
    }),
  )

  test(
    'waiting putters are served in order',
    program(function* () {
      const queue = new SimpleQueue<number>(1)
      const putters = [0, 1, 2, 3].map((item) => spawn(() => queue.put(item)))
      yield* turns(1)
      const items = []
      for (let index = 0; index < 4; index += 1) items.push(yield* queue.get())
      expect(items).toEqual([0, 1, 2, 3])
      for (const putter of putters) yield* putter
    }),
  )

  test(
    'waiting getters are served in order',
    program(function* () {
      const queue = new SimpleQueue<number>()
      const log: string[] = []
      const getters = ['x', 'y', 'z'].map((name) =>
        spawn(function* () {
          log.push(`${name}${yield* queue.get()}`)
        }),
      )
      yield* turns(1)
      for (const item of [1, 2, 3]) queue.putNowait(item)
      for (const getter of getters) yield* getter
      expect(log).toEqual(['x1', 'y2', 'z3'])
    }),
  )

  test(
    'a running greenlet may take an item before a woken getter, which keeps its place in the queue',
    program(function* () {
      const queue = new SimpleQueue<number>()
      const got: number[] = []
      const getters = [1, 2].map(() =>
        spawn(function* () {
          got.push(yield* queue.get())
        }),
      )
      yield* turns(1)
      yield* queue.put(10)
      expect(yield* queue.get()).toBe(10)
      yield* turns(2)
      expect(got).toEqual([])
      yield* queue.put(20)
      yield* queue.put(30)
      for (const getter of getters) yield* getter
      expect(got).toEqual([20, 30])
    }),
  )

  test(
    'undefined, null and false are items like any other',
    program(function* () {
      const queue = new SimpleQueue<unknown>()
      const getter = spawn(() => queue.get())
      yield* turns(1)
      yield* queue.put(undefined)
      expect(yield* getter).toBe(undefined)
      for (const item of [undefined, null, false, 0, Number.NaN]) yield* queue.put(item)
      const items = []
      for (let index = 0; index < 5; index += 1) items.push(yield* queue.get())
      expect(items).toEqual([undefined, null, false, 0, Number.NaN])
    }),
  )

  test('a queue may be used from plain code, and may start with items', async () => {
    const queue = new SimpleQueue<number>(undefined, { items: [1, 2] })
    queue.putNowait(3)
    await queue.put(4)
    expect([await queue.get(), queue.getNowait(), await queue.peek(), queue.qsize()]).toEqual([1, 2, 3, 2])
  })

  test('an empty queue is truthy, like any object', () => {
    expect([Boolean(new Queue()), new Queue().length]).toEqual([true, 0])
  })

  test(
    'a putter and a getter that keep waking each other do not starve other greenlets',
    program(function* () {
      for (const queue of [new SimpleQueue<number>(1), new Channel<number>()]) {
        const putter = spawn(function* () {
          for (;;) yield* queue.put(1)
        })
        const getter = spawn(function* () {
          for (;;) yield* queue.get()
        })
        yield* sleep(1)
        yield* turns(5)
        yield* putter.kill()
        yield* getter.kill()
      }
    }),
  )
})

describe('limits', () => {
  for (const [name, make] of [
    ['SimpleQueue', (size?: number) => new SimpleQueue<number>(size)],
    ['Queue', (size?: number) => new Queue<number>(size)],
    ['LifoQueue', (size?: number) => new LifoQueue<number>(size)],
    ['PriorityQueue', (size?: number) => new PriorityQueue<number>(size)],
  ] as const) {
    test(
      `get on an empty ${name} throws Empty, at once if it does not block or else on timeout`,
      program(function* () {
        const queue = make()
        expect(thrownBy(() => queue.getNowait())).toBeInstanceOf(Empty)
        expect(thrownBy(() => queue.peekNowait())).toBeInstanceOf(Empty)
        for (const options of [{ block: false }, { timeout: 0 }, { timeout: 1 }]) {
          const error = (yield* raisedBy(queue.get(options))) as Empty
          expect([error.name, error.code, error.message]).toEqual(['Empty', 'EMPTY', 'The queue is empty'])
          expect(yield* raisedBy(queue.peek(options))).toBeInstanceOf(Empty)
        }
        expect(queue.getters.length).toBe(0)
      }),
    )

    test(
      `put on a full ${name} throws Full, at once if it does not block or else on timeout`,
      program(function* () {
        const queue = make(5)
        for (let index = 0; index < 5; index += 1) yield* queue.put(index)
        expect([queue.full(), queue.empty(), queue.maxsize]).toEqual([true, false, 5])
        expect(thrownBy(() => queue.putNowait(9))).toBeInstanceOf(Full)
        for (const options of [{ block: false }, { timeout: 0 }, { timeout: 1 }]) {
          const error = (yield* raisedBy(queue.put(9, options))) as Full
          expect([error.name, error.code, error.message]).toEqual(['Full', 'FULL', 'The queue is full'])
        }
        expect([queue.qsize(), queue.putters.length]).toEqual([5, 0])
      }),
    )

    test(
      `a Timeout that limits a call on a ${name} raises itself or its custom error`,
      program(function* () {
        const queue = make(1)
        const own = new RangeError('own')
        for (const [timeout, raised] of [
          [new Timeout(1), undefined],
          [new Timeout(1, false), undefined],
          [new Timeout(1, own), own],
        ] as const) {
          expect(yield* raisedBy(queue.get({ timeout }))).toBe(raised ?? timeout)
          expect(yield* raisedBy(queue.peek({ timeout }))).toBe(raised ?? timeout)
          yield* queue.put(1, { timeout })
          expect(yield* raisedBy(queue.put(2, { timeout }))).toBe(raised ?? timeout)
          expect([queue.getNowait(), timeout.pending]).toEqual([1, false])
        }
        expect([queue.getters.length, queue.putters.length]).toEqual([0, 0])
      }),
    )

    test(`a ${name} of size 0 or less is unbounded`, () => {
      for (const size of [undefined, 0, -1]) {
        const queue = make(size)
        for (let index = 0; index < 1000; index += 1) queue.putNowait(index)
        expect([queue.full(), queue.maxsize]).toEqual([false, undefined])
      }
    })

    test(`a ${name} rejects negative timeouts and non-numeric sizes up front`, () => {
      const queue = make()
      for (const call of [
        () => queue.get({ timeout: -1 }),
        () => queue.put(1, { timeout: -1 }),
        () => queue.peek({ timeout: -1 }),
      ]) {
        const error = thrownBy(call) as Error
        expect(error).toBeInstanceOf(RangeError)
        expect(error.message).toContain('Expected `timeout` to be a number of milliseconds from 0 up, got -1')
      }
      expect(thrownBy(() => queue.get({ timeout: 'soon' as never }))).toBeInstanceOf(TypeError)
      expect(thrownBy(() => make('2' as never))).toBeInstanceOf(TypeError)
    })
  }

  test(
    'the timeout of a non-blocking call is ignored',
    program(function* () {
      const queue = new SimpleQueue<number>(1)
      expect(yield* raisedBy(queue.get({ block: false, timeout: -1 }))).toBeInstanceOf(Empty)
      yield* queue.put(1, { block: false, timeout: 60_000 })
      expect(yield* queue.get({ block: false })).toBe(1)
    }),
  )

  test(
    'a lowered maxsize applies to new items, and a raised one lets waiting putters go on',
    program(function* () {
      const queue = new SimpleQueue<number>(3, { items: [1, 2, 3] })
      queue.maxsize = 2
      expect(thrownBy(() => queue.putNowait(4))).toBeInstanceOf(Full)
      expect(queue.qsize()).toBe(3)
      const putter = spawn(() => queue.put(4))
      yield* turns(1)
      expect(putter.ready()).toBe(false)
      queue.maxsize = 4
      yield* putter
      expect(queue.qsize()).toBe(4)
      queue.maxsize = undefined
      expect(queue.full()).toBe(false)
    }),
  )
})

describe('nothing is lost', () => {
  test(
    'a getter that is killed after it was woken in the same turn still gets the item',
    program(function* () {
      const queue = new SimpleQueue<string>()
      const log: string[] = []
      const [x, y] = ['x', 'y'].map((name) =>
        spawn(function* () {
          log.push(`${name} got ${yield* queue.get()}`)
        }),
      )
      yield* turns(1)
      yield* queue.put('item')
      yield* x!.kill()
      expect(log).toEqual(['x got item'])
      yield* y!.kill()
      expect([queue.qsize(), queue.getters.length]).toEqual([0, 0])
    }),
  )

  test(
    'a getter that is killed before it is woken leaves the item to the next one',
    program(function* () {
      const queue = new SimpleQueue<string>()
      const [x, y] = [spawn(() => queue.get()), spawn(() => queue.get())]
      yield* turns(1)
      x.kill()
      yield* queue.put('item')
      expect(yield* y).toBe('item')
      yield* x.join()
    }),
  )

  test(
    'all waiting greenlets are served in order, however many there are',
    program(function* () {
      const numbers = Array.from({ length: 200 }, (_, index) => index)
      const queue = new SimpleQueue<number>()
      const getters = numbers.map(() => spawn(() => queue.get()))
      yield* turns(1)
      for (const number of numbers) queue.putNowait(number)
      expect(yield* joinall(getters)).toEqual(getters)
      expect(getters.map((getter) => getter.value)).toEqual(numbers)
      queue.maxsize = 1
      const putters = numbers.map((number) => spawn(() => queue.put(number)))
      yield* turns(1)
      queue.maxsize = undefined
      yield* joinall(putters)
      expect(numbers.map(() => queue.getNowait())).toEqual(numbers)
    }),
  )

  test('a getter that waits in vain after others were served gets LoopExit', async () => {
    const queue = new SimpleQueue<number>()
    const getter = spawn(() => queue.get())
    await sleep(0)
    queue.putNowait(1)
    expect(await getter).toBe(1)
    await expect(queue.get()).rejects.toBeInstanceOf(LoopExit)
  })

  test(
    'the item of a killed putter is never put in',
    program(function* () {
      const queue = new SimpleQueue<number>(1, { items: [0] })
      const [one, two] = [spawn(() => queue.put(1)), spawn(() => queue.put(2))]
      yield* turns(1)
      yield* one.kill()
      const drained = []
      while (!queue.empty()) {
        drained.push(yield* queue.get())
        yield* turns(1)
      }
      expect(drained).toEqual([0, 2])
      yield* two
    }),
  )

  test(
    'getters that have timed out are passed over',
    program(function* () {
      const queue = new SimpleQueue<number>()
      const [impatient, patient] = [spawn(() => raisedBy(queue.get({ timeout: 1 }))), spawn(() => queue.get())]
      expect(yield* impatient).toBeInstanceOf(Empty)
      yield* queue.put(1)
      expect(yield* patient).toBe(1)
      const both = [1, 2].map(() => spawn(() => withTimeout(1, () => queue.get(), { timeoutValue: undefined })))
      for (const getter of both) yield* getter
      yield* queue.put(2)
      yield* turns(2)
      expect(queue.qsize()).toBe(1)
    }),
  )

  test(
    'the item of a putter that has timed out is never put in',
    program(function* () {
      const queue = new SimpleQueue<number>(1, { items: [0] })
      const timer = Timeout.startNew(1)
      expect(yield* raisedBy(queue.put(1))).toBe(timer)
      expect(yield* raisedBy(queue.put(2, { timeout: 1 }))).toBeInstanceOf(Full)
      expect([yield* queue.get(), queue.empty()]).toEqual([0, true])
    }),
  )
})

describe('in the hub', () => {
  test(
    'putNowait works while there is room, and throws Full without it',
    program(function* () {
      const queue = new SimpleQueue<number>(1)
      const results: unknown[] = []
      const hub = getHub()
      hub.runCallback(() => {
        queue.putNowait(1)
        results.push('first')
        results.push(thrownBy(() => queue.putNowait(2)))
      })
      yield* turns(1)
      expect(results[0]).toBe('first')
      expect(results[1]).toBeInstanceOf(Full)
      expect(queue.qsize()).toBe(1)
    }),
  )

  test(
    'putNowait first lets waiting getters make room',
    program(function* () {
      const queue = new SimpleQueue<number>(1)
      const got: number[] = []
      const getter = spawn(function* () {
        for (;;) got.push(yield* queue.get())
      })
      yield* turns(1)
      const done = new Event()
      getHub().runCallback(() => {
        queue.putNowait(1)
        queue.putNowait(2)
        queue.putNowait(3)
        done.set()
      })
      yield* done.wait()
      yield* turns(1)
      expect(got).toEqual([1, 2, 3])
      yield* getter.kill()
    }),
  )

  test(
    'putNowait to a full queue in a greenlet that is being killed runs no other greenlet',
    program(function* () {
      const queue = new SimpleQueue<number>(1)
      const log: unknown[] = []
      const getter = spawn(function* () {
        log.push(yield* queue.get())
      })
      const killed = spawn(function* () {
        try {
          yield* new Event().wait()
        } finally {
          queue.putNowait(1)
          log.push(thrownBy(() => queue.putNowait(2)) instanceof Full)
        }
      })
      yield* turns(1)
      yield* killed.kill()
      yield* getter.join()
      expect(log).toEqual([true, 1])
    }),
  )

  test(
    'getNowait first lets waiting putters put their items',
    program(function* () {
      const queue = new SimpleQueue<number>(1)
      const putter = spawn(function* () {
        for (const item of [1, 2, 3]) yield* queue.put(item)
      })
      yield* turns(1)
      const got: number[] = []
      getHub().runCallback(() => {
        for (let index = 0; index < 3; index += 1) got.push(queue.getNowait())
        expect(thrownBy(() => queue.getNowait())).toBeInstanceOf(Empty)
      })
      yield* turns(1)
      expect(got).toEqual([1, 2, 3])
      yield* putter
    }),
  )

  test('putNowait from plain code runs no greenlet inside the call', async () => {
    const queue = new SimpleQueue<number>(1)
    const got: number[] = []
    const getter = spawn(function* () {
      got.push(yield* queue.get())
    })
    await sleep(0)
    queue.putNowait(1)
    expect(thrownBy(() => queue.putNowait(2))).toBeInstanceOf(Full)
    expect(got).toEqual([])
    await getter
    expect(got).toEqual([1])
  })

  test(
    'getNowait in a greenlet runs no other greenlet inside the call and takes only what is there',
    program(function* () {
      const queue = new SimpleQueue<number>(1, { items: [1] })
      const putter = spawn(function* () {
        yield* queue.put(2)
      })
      yield* turns(1)
      expect(queue.getNowait()).toBe(1)
      expect(thrownBy(() => queue.getNowait())).toBeInstanceOf(Empty)
      expect(putter.ready()).toBe(false)
      yield* putter
      expect(queue.getNowait()).toBe(2)
    }),
  )
})

describe('peek', () => {
  test(
    'returns the next item without removing it',
    program(function* () {
      const queue = new SimpleQueue<number>(undefined, { items: [1, 2] })
      expect([yield* queue.peek(), queue.peekNowait(), queue.qsize()]).toEqual([1, 1, 2])
    }),
  )

  test(
    'waits for an item like get, and several greenlets may peek at the same one',
    program(function* () {
      const queue = new SimpleQueue<number>()
      const peekers = [1, 2].map(() => spawn(() => queue.peek()))
      const getter = spawn(() => queue.get())
      const later = spawn(() => queue.peek())
      yield* turns(1)
      yield* queue.put(5)
      for (const peeker of peekers) expect(yield* peeker).toBe(5)
      expect(yield* getter).toBe(5)
      yield* queue.put(6)
      expect(yield* later).toBe(6)
      expect(queue.qsize()).toBe(1)
    }),
  )

  test(
    'does not make room',
    program(function* () {
      const queue = new SimpleQueue<number>(1, { items: [1] })
      const putter = spawn(() => queue.put(2))
      yield* turns(1)
      yield* queue.peek()
      yield* turns(1)
      expect(putter.ready()).toBe(false)
      yield* queue.get()
      yield* putter
    }),
  )
})

describe('iteration', () => {
  test(
    'ends at StopIteration, which is removed, and leaves later items in the queue',
    program(function* () {
      const queue = new SimpleQueue<number | typeof StopIteration>(undefined, { items: [1, 2, StopIteration, 3] })
      const items: number[] = []
      yield* each(queue, (item) => {
        items.push(item)
      })
      expect([items, queue.qsize(), yield* queue.get()]).toEqual([[1, 2], 1, 3])
    }),
  )

  test(
    'lets the first consumer that is woken take all available items',
    program(function* () {
      const queue = new Queue<number | typeof StopIteration>()
      const taken: Record<string, number[]> = { x: [], y: [] }
      const consumers = ['x', 'y'].map((name) =>
        spawn(() =>
          each(queue, (item) => {
            taken[name]!.push(item)
          }),
        ),
      )
      yield* turns(1)
      for (const item of [1, 2, 3, 4, StopIteration, StopIteration] as const) yield* queue.put(item)
      for (const consumer of consumers) yield* consumer
      expect(taken).toEqual({ x: [1, 2, 3, 4], y: [] })
    }),
  )

  test(
    'with next() yields one item at a time, or reports the end',
    program(function* () {
      const queue = new SimpleQueue<number | typeof StopIteration>(undefined, { items: [1, StopIteration, 2] })
      expect(yield* queue.next()).toEqual({ done: false, value: 1 })
      expect(yield* queue.next()).toEqual({ done: true, value: undefined })
      expect(yield* queue.next()).toEqual({ done: false, value: 2 })
    }),
  )

  test(
    'with an iterator that has ended stays ended',
    program(function* () {
      const queue = new SimpleQueue<number | typeof StopIteration>(undefined, { items: [StopIteration, 1] })
      const iterator = queue.iterate()
      expect((yield* iterator.next()).done).toBe(true)
      expect((yield* iterator.next()).done).toBe(true)
      expect(queue.qsize()).toBe(1)
    }),
  )

  test(
    'with an iterator that was closed takes nothing more',
    program(function* () {
      const queue = new SimpleQueue<number>(undefined, { items: [1, 2] })
      const iterator = queue.iterate()
      yield* iterator.next()
      yield* iterator.close()
      expect(yield* iterator.next()).toEqual({ done: true, value: undefined })
      expect(queue.qsize()).toBe(1)
    }),
  )

  test('works in plain code, and a shutdown ends it', async () => {
    const queue = new SimpleQueue<number>(undefined, { items: [1, 2] })
    queue.shutdown()
    const items: number[] = []
    for await (const item of queue) items.push(item)
    expect(items).toEqual([1, 2])
  })
})

describe('shutdown', () => {
  test(
    'rejects new items, but get still returns the remaining ones',
    program(function* () {
      const queue = new SimpleQueue<number>(undefined, { items: [1, 2] })
      queue.shutdown()
      const error = (yield* raisedBy(queue.put(3))) as ShutDown
      expect([error.name, error.code, error.message]).toEqual(['ShutDown', 'SHUT_DOWN', 'The queue was shut down'])
      expect(yield* raisedBy(queue.put(3, { timeout: 1 }))).toBeInstanceOf(ShutDown)
      expect(thrownBy(() => queue.putNowait(3))).toBeInstanceOf(ShutDown)
      expect([yield* queue.get(), yield* queue.peek(), queue.getNowait()]).toEqual([1, 2, 2])
      for (const operation of [queue.get(), queue.get({ timeout: 1 }), queue.get({ block: false }), queue.peek()]) {
        expect(yield* raisedBy(operation)).toBeInstanceOf(ShutDown)
      }
      expect(thrownBy(() => queue.getNowait())).toBeInstanceOf(ShutDown)
      expect(thrownBy(() => queue.peekNowait())).toBeInstanceOf(ShutDown)
      queue.shutdown()
    }),
  )

  test(
    'wakes all waiting greenlets',
    program(function* () {
      for (const immediate of [false, true]) {
        const empty = new SimpleQueue<number>()
        const full = new SimpleQueue<number>(1, { items: [0] })
        const waiters = [
          spawn(() => raisedBy(empty.get())),
          spawn(() => raisedBy(empty.get({ timeout: 60_000 }))),
          spawn(() => raisedBy(empty.peek())),
          spawn(() => raisedBy(full.put(1))),
          spawn(() => raisedBy(full.put(2, { timeout: 60_000 }))),
        ]
        yield* turns(1)
        empty.shutdown({ immediate })
        full.shutdown({ immediate })
        for (const waiter of waiters) expect(yield* waiter).toBeInstanceOf(ShutDown)
        expect(full.qsize()).toBe(immediate ? 0 : 1)
      }
    }),
  )

  test(
    'right after a put does not keep the waiting getter from its item',
    program(function* () {
      const queue = new SimpleQueue<number>()
      const [first, second] = [spawn(() => queue.get()), spawn(() => raisedBy(queue.get()))]
      yield* turns(1)
      yield* queue.put(1)
      queue.shutdown()
      expect(yield* first).toBe(1)
      expect(yield* second).toBeInstanceOf(ShutDown)
    }),
  )
})

test(
  'a subclass may store its items in its own way',
  program(function* () {
    class Unique<T> extends SimpleQueue<T> {
      private readonly set = new Set<T>()
      protected override _put(item: T): void {
        this.set.add(item)
      }
      protected override _get(): T {
        const item = this._peek()
        this.set.delete(item)
        return item
      }
      protected override _peek(): T {
        return this.set.values().next().value as T
      }
      protected override _qsize(): number {
        return this.set.size
      }
    }
    const queue = new Unique<number>(2)
    yield* queue.put(1)
    yield* queue.put(1)
    yield* queue.put(2)
    expect([queue.qsize(), queue.full()]).toEqual([2, true])
    const putter = spawn(() => queue.put(3))
    yield* turns(1)
    expect([yield* queue.get(), yield* queue.get(), yield* queue.get()]).toEqual([1, 2, 3])
    yield* putter
  }),
)

describe('a copy', () => {
  for (const Class of [SimpleQueue, Queue, LifoQueue, PriorityQueue] as const) {
    test(`of a ${Class.name} yields the same items in the same order, and leaves the queue as it was`, () => {
      const queue = new Class<number>(5, { items: [3, 1, 2] })
      const copy = queue.copy()
      expect(copy).toBeInstanceOf(Class)
      expect(copy.maxsize).toBe(5)
      const drain = (from: SimpleQueue<number>) => [1, 2, 3].map(() => from.getNowait())
      const items = drain(copy)
      expect(queue.qsize()).toBe(3)
      expect(drain(queue)).toEqual(items)
    })
  }

  test('counts its items as unfinished, and keeps the key function and the order of equal items', () => {
    const queue = new PriorityQueue<[number, string]>(undefined, { key: ([priority]) => priority })
    for (const name of ['a', 'b', 'c', 'd']) queue.putNowait([1, name])
    queue.putNowait([0, 'first'])
    const copy = queue.copy()
    expect(copy.unfinishedTasks).toBe(5)
    expect([1, 2, 3, 4, 5].map(() => copy.getNowait()[1])).toEqual(['first', 'a', 'b', 'c', 'd'])
  })
})

test('a maxsize that is not a whole number and items that are not iterable are rejected', () => {
  for (const Class of [SimpleQueue, Queue, LifoQueue, PriorityQueue] as const) {
    expect(() => new Class(1.5)).toThrow(new RangeError('Expected `maxsize` to be a whole number from 0 up, got 1.5'))
    expect(() => new Class('5' as never)).toThrow(TypeError)
    expect(() => new Class(1, { items: 5 as never })).toThrow(new TypeError('Expected `items` to be iterable, got 5'))
  }
})

test('isShutdown tells whether a queue was shut down', () => {
  const queue = new Queue()
  expect(queue.isShutdown).toBe(false)
  queue.shutdown()
  expect(queue.isShutdown).toBe(true)
})

test(
  'an error of a subclass while it counts its items fails the waiting calls, and the queue works again afterwards',
  program(function* () {
    let broken = false
    class Counting extends SimpleQueue<number> {
      protected override _qsize(): number {
        if (broken) throw new Error('lost count')
        return super._qsize()
      }
    }
    const queue = new Counting(1)
    const getters = [spawn(() => raisedBy(queue.get())), spawn(() => raisedBy(queue.get()))]
    yield* sleep(0)
    queue.putNowait(1)
    broken = true
    expect([yield* getters[0]!, yield* getters[1]!]).toEqual([new Error('lost count'), new Error('lost count')])
    broken = false
    const putter = spawn(() => queue.put(2))
    yield* sleep(0)
    expect([queue.getNowait(), yield* putter, yield* queue.get()]).toEqual([1, undefined, 2])
  }),
)
