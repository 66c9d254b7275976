import {
  Channel,
  Empty,
  Event,
  each,
  Full,
  getHub,
  joinall,
  killall,
  ShutDown,
  StopIteration,
  sleep,
  spawn,
  withTimeout,
} from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import { program, raisedBy, thrownBy, turns } from '../support.ts'

describe('rendezvous', () => {
  test(
    'put returns after the getter of the item has run',
    program(function* () {
      const channel = new Channel<string>()
      const log: string[] = []
      const getter = spawn(function* () {
        log.push(yield* channel.get())
        log.push(yield* channel.get())
      })
      log.push('sending')
      yield* channel.put('hello')
      log.push('sent hello')
      yield* channel.put('world')
      log.push('sent world')
      expect(log).toEqual(['sending', 'hello', 'sent hello', 'world', 'sent world'])
      yield* getter
    }),
  )

  test(
    'greenlets that are served in a pass and wait again are served in that same pass, as in gevent',
    program(function* () {
      const channel = new Channel<number>()
      const log: string[] = []
      const getting = (count: number) =>
        function* () {
          for (let left = count; left > 0; left -= 1) log.push(`got ${yield* channel.get()}`)
        }
      const first = spawn(getting(1))
      const putter = spawn(function* () {
        for (const item of [1, 2, 3]) {
          yield* channel.put(item)
          log.push(`put ${item}`)
        }
        yield* sleep(0)
        log.push('slept')
      })
      const second = spawn(function* () {
        const third = spawn(getting(1))
        yield* getting(2)()
        yield* channel.put(4)
        yield* third
      })
      yield* joinall([first, putter, second])
      // The same order as in gevent.
      expect(log).toEqual(['got 1', 'put 1', 'got 2', 'put 2', 'got 3', 'put 3', 'slept', 'got 4'])
    }),
  )

  test(
    'a getter that waits before the putter gets the item too',
    program(function* () {
      const channel = new Channel<string>()
      const log: string[] = []
      const putter = spawn(function* () {
        for (const item of ['another', 'one']) {
          yield* channel.put(item)
          log.push(`sent ${item}`)
        }
      })
      log.push(yield* channel.get())
      log.push(yield* channel.get())
      yield* putter
      expect(log).toEqual(['another', 'sent another', 'one', 'sent one'])
    }),
  )

  test(
    'both sides are served in order',
    program(function* () {
      const channel = new Channel<number>()
      const log: string[] = []
      const greenlets = []
      for (const index of [1, 2, 3]) {
        greenlets.push(
          spawn(function* () {
            yield* channel.put(index)
          }),
        )
      }
      for (const name of ['x', 'y', 'z']) {
        greenlets.push(
          spawn(function* () {
            log.push(`${name}${yield* channel.get()}`)
          }),
        )
      }
      for (const greenlet of greenlets) yield* greenlet
      expect(log).toEqual(['x1', 'y2', 'z3'])
    }),
  )

  test(
    'all waiting greenlets are served, however many there are',
    program(function* () {
      const numbers = Array.from({ length: 200 }, (_, index) => index)
      const channel = new Channel<number>()
      const putters = numbers.map((number) => spawn(() => channel.put(number)))
      const getters = numbers.map(() => spawn(() => channel.get()))
      yield* joinall([...putters, ...getters])
      expect(getters.map((getter) => getter.value)).toEqual(numbers)
    }),
  )

  test(
    'a channel is always both empty and full, and its balance counts the greenlets waiting on either side',
    program(function* () {
      const channel = new Channel<number>()
      const state = () => [channel.qsize(), channel.size, channel.length, channel.empty(), channel.full()]
      expect([state(), channel.balance]).toEqual([[0, 0, 0, true, true], 0])
      const putters = [1, 2].map((item) => spawn(() => channel.put(item)))
      yield* turns(1)
      expect([state(), channel.balance]).toEqual([[0, 0, 0, true, true], 2])
      for (const _ of putters) yield* channel.get()
      const getter = spawn(() => channel.get())
      yield* turns(1)
      expect([state(), channel.balance]).toEqual([[0, 0, 0, true, true], -1])
      yield* channel.put(3)
      expect([yield* getter, channel.balance]).toEqual([3, 0])
      const second = spawn(() => channel.get())
      yield* turns(1)
      channel.putNowait(4)
      expect(state()).toEqual([0, 0, 0, true, true])
      expect(yield* second).toBe(4)
    }),
  )
})

describe('without a partner', () => {
  test(
    'put and get fail',
    program(function* () {
      const channel = new Channel<number>()
      expect(thrownBy(() => channel.putNowait(1))).toBeInstanceOf(Full)
      expect(thrownBy(() => channel.getNowait())).toBeInstanceOf(Empty)
      expect(thrownBy(() => channel.peekNowait())).toBeInstanceOf(Empty)
      for (const options of [{ block: false }, { timeout: 0 }, { timeout: 1 }]) {
        expect(yield* raisedBy(channel.put(1, options))).toBeInstanceOf(Full)
        expect(yield* raisedBy(channel.get(options))).toBeInstanceOf(Empty)
      }
      expect(channel.balance).toBe(0)
    }),
  )

  test(
    'a putter or getter that was killed or timed out is passed over',
    program(function* () {
      const channel = new Channel<number>()
      const putter = spawn(() => channel.put(1))
      yield* turns(1)
      yield* putter.kill()
      yield* withTimeout(1, () => channel.put(2), { timeoutValue: undefined })
      const getters = [spawn(() => channel.get()), spawn(() => channel.get())]
      yield* turns(1)
      yield* getters[0]!.kill()
      yield* channel.put(3)
      expect(yield* getters[1]!).toBe(3)
    }),
  )
})

describe('with a partner', () => {
  test(
    'putNowait hands over one item per waiting getter',
    program(function* () {
      const channel = new Channel<number>()
      const getters = [spawn(() => channel.get()), spawn(() => channel.get())]
      yield* turns(1)
      channel.putNowait(1)
      yield* channel.put(2, { block: false })
      expect(thrownBy(() => channel.putNowait(3))).toBeInstanceOf(Full)
      expect([yield* getters[0]!, yield* getters[1]!]).toEqual([1, 2])
    }),
  )

  test(
    'getNowait takes the item of a waiting putter, which then goes on',
    program(function* () {
      const channel = new Channel<number>()
      const putters = [1, 2].map((item) => spawn(() => channel.put(item)))
      yield* turns(1)
      expect([channel.getNowait(), yield* channel.get({ timeout: 0 })]).toEqual([1, 2])
      expect(thrownBy(() => channel.getNowait())).toBeInstanceOf(Empty)
      for (const putter of putters) yield* putter
    }),
  )

  test(
    'an item that putNowait handed to a getter that then died goes to the next getter',
    program(function* () {
      const channel = new Channel<number>()
      const getter = spawn(() => channel.get())
      yield* turns(1)
      getter.kill()
      channel.putNowait(1)
      yield* getter.join()
      expect(yield* channel.get()).toBe(1)
      expect(thrownBy(() => channel.getNowait())).toBeInstanceOf(Empty)
    }),
  )

  test(
    'getNowait takes an item that putNowait handed to a getter that then died',
    program(function* () {
      const channel = new Channel<number>()
      const getter = spawn(() => channel.get())
      yield* turns(1)
      getter.kill()
      channel.putNowait(1)
      yield* getter.join()
      expect(channel.getNowait()).toBe(1)
      expect(thrownBy(() => channel.getNowait())).toBeInstanceOf(Empty)
    }),
  )

  test(
    'a putter into which the getter of its item throws is not woken a second time',
    program(function* () {
      const channel = new Channel<number>()
      const never = new Event()
      const log: unknown[] = []
      const putter = spawn(function* () {
        log.push(yield* raisedBy(channel.put(1)))
        log.push(yield* never.wait())
      })
      yield* turns(1)
      const stop = new RangeError('stop')
      const getter = spawn(function* () {
        log.push(yield* channel.get())
        yield* putter.throw(stop)
      })
      yield* turns(2)
      expect(log).toEqual([1, stop])
      yield* killall([putter, getter])
    }),
  )

  test(
    'in the hub putNowait and getNowait work, and the partner has run when they return',
    program(function* () {
      const channel = new Channel<number>()
      const log: unknown[] = []
      const getter = spawn(function* () {
        log.push(yield* channel.get())
      })
      yield* turns(1)
      getHub().runCallback(() => {
        channel.putNowait(1)
        log.push('put')
        log.push((thrownBy(() => channel.putNowait(2)) as Error).name)
      })
      yield* turns(1)
      expect(log).toEqual([1, 'put', 'Full'])
      yield* getter
      const putter = spawn(() => channel.put(3))
      yield* turns(1)
      getHub().runCallback(() => log.push(channel.getNowait()))
      yield* putter
      expect(log.at(-1)).toBe(3)
    }),
  )

  test(
    'peek returns the item of the first waiting putter',
    program(function* () {
      const channel = new Channel<number>()
      const peeker = spawn(() => channel.peek())
      yield* turns(1)
      const putter = spawn(() => channel.put(1))
      expect(yield* peeker).toBe(1)
      expect([putter.ready(), channel.peekNowait(), yield* channel.get()]).toEqual([false, 1, 1])
      yield* putter
    }),
  )
})

describe('iteration', () => {
  test(
    'of a channel whose first item is StopIteration yields nothing',
    program(function* () {
      const channel = new Channel<typeof StopIteration>()
      const putter = spawn(() => channel.put(StopIteration))
      const items: unknown[] = []
      yield* each(channel, (item) => {
        items.push(item)
      })
      expect(items).toEqual([])
      yield* putter
    }),
  )

  test(
    'yields items as they are put',
    program(function* () {
      const channel = new Channel<number | typeof StopIteration>()
      const putter = spawn(function* () {
        for (const item of [1, 2, 3, StopIteration] as const) {
          yield* sleep(0)
          yield* channel.put(item)
        }
      })
      const items: number[] = []
      yield* each(channel, (item) => {
        items.push(item)
      })
      expect(items).toEqual([1, 2, 3])
      yield* putter
    }),
  )
})

describe('shutdown', () => {
  test(
    'wakes waiting getters and putters',
    program(function* () {
      const [idle, busy] = [new Channel<number>(), new Channel<number>()]
      const waiters = [spawn(() => raisedBy(idle.get())), spawn(() => raisedBy(busy.put(1)))]
      yield* turns(1)
      idle.shutdown()
      busy.shutdown()
      for (const waiter of waiters) expect(yield* waiter).toBeInstanceOf(ShutDown)
      for (const call of [() => idle.putNowait(1), () => idle.getNowait(), () => idle.peekNowait()]) {
        expect(thrownBy(call)).toBeInstanceOf(ShutDown)
      }
      expect(yield* raisedBy(idle.get())).toBeInstanceOf(ShutDown)
    }),
  )

  test(
    'right after putNowait does not keep the item from arriving',
    program(function* () {
      const channel = new Channel<number>()
      const getters = [spawn(() => channel.get()), spawn(() => raisedBy(channel.get()))]
      yield* turns(1)
      channel.putNowait(1)
      channel.shutdown()
      expect(yield* getters[0]!).toBe(1)
      expect(yield* getters[1]!).toBeInstanceOf(ShutDown)
    }),
  )
})

test('the size of a channel must be 1 or omitted', () => {
  expect(new Channel(1).qsize()).toBe(0)
  for (const size of [0, 2, -1, '1'] as never[]) expect(thrownBy(() => new Channel(size))).toBeInstanceOf(RangeError)
})
