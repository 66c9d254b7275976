import {
  attempt,
  type CooperativeIterator,
  Event,
  each,
  Greenlet,
  GreenletExit,
  Group,
  getcurrent,
  getHub,
  Pool,
  Queue,
  StopIteration,
  sleep,
  spawn,
  Timeout,
} from '@greenlit/core'
import { virtualTime } from '@greenlit/core/testing'
import { describe, expect, test } from 'vitest'
import { collectReports, program, raisedBy, thrownBy, turns } from '../support.ts'

function* collect<T>(iterator: CooperativeIterator<T>) {
  const items: T[] = []
  yield* each(iterator, (item) => {
    items.push(item)
  })
  return items
}

function* divide(by: number) {
  yield* sleep(0)
  if (by === 0) throw new RangeError('division by zero')
  return 1 / by
}

describe('apply', () => {
  test(
    'runs the function in a member and returns its result',
    program(function* () {
      const pool = new Pool(1)
      function* add(a: number, b: number) {
        yield* sleep(0)
        expect(pool.has(getcurrent())).toBe(true)
        return a + b
      }
      expect(yield* pool.apply(add, [1, 2])).toBe(3)
      expect(yield* pool.apply(() => 'plain')).toBe('plain')
      expect(yield* pool.apply(async () => 'async')).toBe('async')
      collectReports()
      expect(yield* raisedBy(pool.apply(divide, [0]))).toBeInstanceOf(RangeError)
    }),
  )

  test(
    'runs the function in place when called by a member, even if the pool is full',
    program(function* () {
      const pool = new Pool(1)
      const outcome = yield* pool.apply(function* outer() {
        const member = getcurrent()
        return yield* pool.apply(function* inner() {
          yield* sleep(0)
          return getcurrent() === member
        })
      })
      expect(outcome).toBe(true)
    }),
  )

  test(
    'waits for room',
    program(function* () {
      const pool = new Pool(1)
      const go = new Event()
      yield* pool.spawn(() => go.wait())
      const applied = spawn(() => pool.apply(() => 'ran'))
      yield* turns(3)
      expect(applied.ready()).toBe(false)
      go.set()
      expect(yield* applied).toBe('ran')
    }),
  )
})

describe('applyAsync', () => {
  test(
    'starts the call immediately in a member, and calls back with the result',
    program(function* () {
      for (const group of [new Group(), new Pool(1)]) {
        const called: unknown[] = []
        const greenlet = group.applyAsync(
          (a: number) => a * 2,
          [21],
          function* (value) {
            yield* sleep(0)
            called.push(value)
          },
        )
        expect(group.size).toBe(1)
        expect(yield* greenlet).toBe(42)
        yield* turns(3)
        expect(called).toEqual([42])
      }
    }),
  )

  test(
    'does not wait for room in a full pool',
    program(function* () {
      const pool = new Pool(1)
      const go = new Event()
      yield* pool.spawn(() => go.wait())
      const called: unknown[] = []
      const greenlet = pool.applyAsync(
        (a: number) => a + 1,
        [1],
        (value) => called.push(value),
      )
      expect([pool.size, pool.has(greenlet)]).toEqual([1, false])
      yield* turns(2)
      expect(greenlet.ready()).toBe(false)
      go.set()
      expect(yield* greenlet).toBe(2)
      yield* turns(3)
      expect([called, pool.feeders.size]).toEqual([[2], 0])
    }),
  )

  test(
    'the callback is not called after an error',
    program(function* () {
      collectReports()
      const called: unknown[] = []
      const greenlet = new Pool(1).applyAsync(divide, [0], (value) => called.push(value))
      expect(yield* raisedBy(greenlet.get())).toBeInstanceOf(RangeError)
      yield* turns(2)
      expect(called).toEqual([])
    }),
  )

  test('anything but a function is rejected up front', () => {
    const pool = new Pool(1)
    expect(thrownBy(() => pool.apply(7 as never))).toBeInstanceOf(TypeError)
    expect(thrownBy(() => pool.applyAsync(7 as never))).toBeInstanceOf(TypeError)
    expect(thrownBy(() => pool.applyAsync(() => 1, [], 7 as never))).toBeInstanceOf(TypeError)
    expect(thrownBy(() => new Pool(0).applyAsync(7 as never))).toBeInstanceOf(TypeError)
    expect(thrownBy(() => pool.applyCb(7 as never))).toBeInstanceOf(TypeError)
    expect(thrownBy(() => pool.applyCb(() => 1, [], 7 as never))).toBeInstanceOf(TypeError)
  })

  test(
    'a kill of the pool also ends calls that wait for room',
    program(function* () {
      const pool = new Pool(1)
      yield* pool.spawn(() => new Event().wait())
      let ran = false
      const greenlet = pool.applyAsync(() => (ran = true))
      yield* turns(2)
      yield* pool.kill()
      expect(yield* greenlet).toBeInstanceOf(GreenletExit)
      expect([ran, pool.size]).toEqual([false, 0])
    }),
  )
})

describe('map', () => {
  test('bad functions, sources and callbacks are rejected up front', () => {
    const pool = new Pool(1)
    for (const map of [pool.mapCb.bind(pool), pool.mapAsync.bind(pool)] as ((...args: unknown[]) => unknown)[]) {
      expect(thrownBy(() => map(7, [1]))).toBeInstanceOf(TypeError)
      expect(thrownBy(() => map(divide, 7))).toBeInstanceOf(TypeError)
      expect(thrownBy(() => map(divide, [1], 7))).toBeInstanceOf(TypeError)
    }
  })

  test('results come in order, with as many concurrent calls as the pool has room for', async () => {
    await virtualTime(function* (clock) {
      const pool = new Pool(3)
      let now = 0
      let most = 0
      const results = yield* pool.map(
        function* (index) {
          most = Math.max(most, ++now)
          yield* sleep(10 - index)
          now -= 1
          return index * index
        },
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      )
      expect(results).toEqual([0, 1, 4, 9, 16, 25, 36, 49, 64, 81])
      expect([most, pool.size, pool.freeCount()]).toEqual([3, 0, 3])
      expect(clock.now()).toBeLessThan(30)
    })
  })

  test(
    'the map of an empty source is empty',
    program(function* () {
      for (const group of [new Group(), new Pool(1), new Pool()]) {
        expect(yield* group.map(divide, [])).toEqual([])
        expect(yield* group.mapAsync(divide, []).get()).toEqual([])
        expect(yield* collect(group.imap(divide, []))).toEqual([])
        expect(yield* collect(group.imapUnordered(divide, new Set<number>()))).toEqual([])
      }
    }),
  )

  test(
    'the function is passed only the item, even if that is undefined or null',
    program(function* () {
      const calls: unknown[][] = []
      yield* new Group().map((...args: unknown[]) => calls.push(args), [undefined, null, 0])
      expect(calls).toEqual([[undefined], [null], [0]])
    }),
  )

  test(
    'the first error is thrown, and the other calls go on',
    program(function* () {
      collectReports()
      const pool = new Pool(2)
      const done: number[] = []
      function* job(index: number) {
        yield* sleep(0)
        if (index === 1 || index === 3) throw new Error(`job ${index}`)
        done.push(index)
      }
      expect(((yield* raisedBy(pool.map(job, [0, 1, 2, 3, 4, 5]))) as Error).message).toBe('job 1')
      while (pool.size > 0) yield* pool.join()
      yield* turns(3)
      expect(done).toEqual([0, 2, 4, 5])
    }),
  )

  test(
    'an error is thrown once all calls are started, so that join waits for them',
    program(function* () {
      collectReports()
      for (const size of [1, 2]) {
        const pool = new Pool(size)
        const done: number[] = []
        function* job(index: number) {
          if (index === 0) throw new RangeError('job 0')
          yield* sleep(1)
          done.push(index)
        }
        expect(yield* raisedBy(pool.map(job, [0, 1, 2, 3]))).toBeInstanceOf(RangeError)
        yield* pool.join()
        expect(done).toEqual([1, 2, 3])
      }
    }),
  )

  test(
    'a caller that is killed after a call failed starts no more calls',
    program(function* () {
      collectReports()
      const pool = new Pool(1)
      const go = new Event()
      let started = 0
      function* job(index: number) {
        started += 1
        if (index === 0) throw new RangeError('job 0')
        yield* go.wait()
      }
      const mapping = spawn(() => pool.map(job, [0, 1, 2, 3]))
      yield* turns(10)
      expect([started, mapping.ready()]).toEqual([2, false])
      yield* mapping.kill()
      go.set()
      yield* turns(5)
      expect([started, pool.size, mapping.value]).toEqual([2, 0, expect.any(GreenletExit)])
    }),
  )

  test(
    'a call that fails with a Timeout is an error like any other',
    program(function* () {
      collectReports()
      const pool = new Pool(1)
      const done: number[] = []
      const failing = function* (index: number) {
        if (index === 0) throw new Timeout(5)
        done.push(index)
      }
      expect(yield* raisedBy(pool.map(failing, [0, 1, 2]))).toBeInstanceOf(Timeout)
      yield* turns(10)
      expect(done).toEqual([1, 2])
    }),
  )

  test(
    'no calls are started after the caller was killed, whatever the error',
    program(function* () {
      collectReports()
      for (const error of [GreenletExit, new RangeError('enough')]) {
        const pool = new Pool(1)
        let started = 0
        const go = new Event()
        const mapping = spawn(() =>
          pool.map(
            function* () {
              started += 1
              yield* go.wait()
            },
            [1, 2, 3],
          ),
        )
        yield* turns(3)
        yield* mapping.kill(error)
        go.set()
        yield* turns(5)
        expect([started, pool.size]).toEqual([1, 0])
      }
    }),
  )

  test(
    'killing the pool stops the map',
    program(function* () {
      const pool = new Pool(2)
      let started = 0
      const mapping = pool.mapAsync(
        function* (index: number) {
          started += 1
          yield* sleep(60_000)
          return index
        },
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      )
      yield* turns(3)
      yield* pool.kill()
      yield* mapping.join()
      yield* turns(3)
      expect([started, pool.size, pool.freeCount(), pool.feeders.size]).toEqual([2, 0, 2, 0])
      expect(mapping.value).toBeInstanceOf(GreenletExit)
    }),
  )

  test(
    'killing the pool ends a map whose caller is not a member',
    program(function* () {
      const pool = new Pool(1)
      const log: string[] = []
      const caller = spawn(function* () {
        try {
          yield* pool.map(sleep, [60_000, 60_000])
          log.push('not reached')
        } finally {
          log.push('cleaned up')
        }
      })
      yield* turns(3)
      yield* pool.kill()
      yield* caller.join()
      expect(log).toEqual(['cleaned up'])
      expect(yield* pool.map((x) => x + 1, [1])).toEqual([2])
    }),
  )

  test(
    'mapAsync calls back with the results, in its own greenlet',
    program(function* () {
      const called: unknown[] = []
      const mapping = new Pool(2).mapAsync(
        (x: number) => x + 1,
        [1, 2, 3],
        function* (values) {
          yield* sleep(0)
          called.push(values)
        },
      )
      expect(mapping).toBeInstanceOf(Greenlet)
      expect(yield* mapping).toEqual([2, 3, 4])
      expect(called).toEqual([[2, 3, 4]])
    }),
  )

  test('anything but a function and an iterable source is rejected up front', () => {
    const pool = new Pool(1)
    for (const call of [
      () => pool.map(7 as never, []),
      () => pool.mapAsync(7 as never, []),
      () => pool.imap(7 as never, []),
    ]) {
      expect((thrownBy(call) as Error).message).toContain('Expected `fn` to be a function, got 7')
    }
    for (const call of [
      () => pool.map(divide, 7 as never),
      () => pool.mapAsync(divide, undefined as never),
      () => pool.imap(divide, {} as never),
      () => pool.imapUnordered(divide, null as never),
    ]) {
      const error = thrownBy(call) as Error
      expect(error).toBeInstanceOf(TypeError)
      expect(error.message).toContain('Expected `items` to be iterable, got ')
    }
  })
})

describe('imap', () => {
  test(
    'an error is thrown in place of its result, and the iteration goes on',
    program(function* () {
      collectReports()
      for (const group of [new Pool(1), new Pool(5), new Group()]) {
        for (const results of [group.imap(divide, [1, 0, 2]), group.imapUnordered(divide, [1, 0, 2])]) {
          expect(yield* results.next()).toEqual({ done: false, value: 1 })
          expect(yield* raisedBy(results.next())).toBeInstanceOf(RangeError)
          expect(yield* results.next()).toEqual({ done: false, value: 0.5 })
          expect(yield* results.next()).toEqual({ done: true, value: undefined })
          expect(yield* results.next()).toEqual({ done: true, value: undefined })
        }
      }
    }),
  )

  test('unordered results come when they are ready, ordered ones in the order of the items', async () => {
    await virtualTime(function* () {
      function* wait(milliseconds: number) {
        yield* sleep(milliseconds)
        return milliseconds
      }
      for (const [size, unordered] of [
        [1, [10, 1, 2]],
        [2, [1, 2, 10]],
        [undefined, [1, 2, 10]],
      ] as const) {
        const pool = new Pool(size)
        expect(yield* collect(pool.imapUnordered(wait, [10, 1, 2]))).toEqual(unordered)
        expect(yield* collect(pool.imap(wait, [10, 1, 2]))).toEqual([10, 1, 2])
      }
    })
  })

  test(
    'starts immediately, and reads all of the source if there is no `maxsize`',
    program(function* () {
      const read: number[] = []
      function* source() {
        for (let index = 0; index < 20; index += 1) {
          read.push(index)
          yield index
        }
      }
      const results = new Group().imap((x) => x, source())
      yield* turns(2)
      expect(read.length).toBe(20)
      expect(yield* collect(results)).toEqual(read)
    }),
  )

  test(
    '`maxsize` limits how far it runs ahead of the reader',
    program(function* () {
      for (const method of ['imap', 'imapUnordered'] as const) {
        for (const [maxsize, atFirst] of [
          [1, 2],
          [3, 4],
        ] as const) {
          let read = 0
          const source = function* () {
            for (let index = 0; index < 20; index += 1) {
              read += 1
              yield index
            }
          }
          const results = new Pool(10)[method]((x: number) => x, source(), { maxsize })
          yield* turns(5)
          expect(read).toBe(atFirst)
          expect(yield* results.next()).toEqual({ done: false, value: 0 })
          yield* turns(5)
          expect(read).toBe(atFirst + 1)
          expect((yield* collect(results)).length).toBe(19)
        }
      }
    }),
  )

  test(
    '`maxsize` of 0, Infinity or undefined means unbounded, and a bad one is rejected',
    program(function* () {
      const pool = new Pool(2)
      for (const maxsize of [0, Number.POSITIVE_INFINITY, undefined]) {
        expect(yield* collect(pool.imap((x) => x, [1, 2, 3], { maxsize }))).toEqual([1, 2, 3])
      }
      expect(yield* collect(pool.imap((x) => x, [1], undefined))).toEqual([1])
      for (const maxsize of [-1, 1.5, Number.NaN]) {
        const error = thrownBy(() => pool.imap((x) => x, [1], { maxsize })) as Error
        expect(error).toBeInstanceOf(RangeError)
        expect(error.message).toContain('Expected `maxsize` to be a whole number from 0 up, got ')
      }
    }),
  )

  test(
    'the error of a source comes after the results of all calls that were started',
    program(function* () {
      const reports = collectReports()
      for (const method of ['imap', 'imapUnordered'] as const) {
        const broken = new Error('broken source')
        const source = function* () {
          yield 1
          yield 2
          throw broken
        }
        const results = new Pool(1)[method]((x: number) => x, source())
        expect(yield* results.next()).toEqual({ done: false, value: 1 })
        expect(yield* results.next()).toEqual({ done: false, value: 2 })
        expect(yield* raisedBy(results.next())).toBe(broken)
        expect(yield* results.next()).toEqual({ done: true, value: undefined })
      }
      expect(reports).toEqual([])
    }),
  )

  test(
    'several sources are read side by side, up to the end of the shortest',
    program(function* () {
      const pool = new Pool(2)
      const pairs = pool.imap((a, b) => `${a}${b}`, ['a', 'b', 'c'], [1, 2])
      expect(yield* collect(pairs)).toEqual(['a1', 'b2'])
      const triples = pool.imapUnordered((a, b, c) => [a, b, c], 'xy', [1, 2], [true, false, true], { maxsize: 1 })
      expect(yield* collect(triples)).toEqual([
        ['x', 1, true],
        ['y', 2, false],
      ])
    }),
  )

  test(
    'a killed reader loses no result',
    program(function* () {
      for (const method of ['imap', 'imapUnordered'] as const) {
        const go = new Event()
        const results = new Pool(3)[method](
          function* (index: number) {
            yield* go.wait()
            return index
          },
          [0, 1, 2],
        )
        const reader = spawn(() => results.next())
        yield* turns(4)
        yield* reader.kill()
        const late = spawn(() => results.next())
        yield* turns(2)
        late.kill()
        go.set()
        yield* late.join()
        expect(yield* collect(results)).toEqual([0, 1, 2])
      }
    }),
  )

  test(
    'two readers share the results',
    program(function* () {
      const results = new Pool(2).imap(divide, [1, 2, 4, 5])
      const read: number[] = []
      const reader = () =>
        each(results, (value) => {
          read.push(value)
        })
      const [first, second] = [spawn(reader), spawn(reader)]
      yield* first
      yield* second
      expect(read).toEqual([1, 0.5, 0.25, 0.2])
    }),
  )

  test(
    'the result of a killed call is its GreenletExit',
    program(function* () {
      const pool = new Pool(2)
      const results = pool.imap(sleep, [60_000, 0])
      yield* turns(3)
      yield* pool.killone([...pool][0]!)
      const first = yield* results.next()
      expect(first.value).toBeInstanceOf(GreenletExit)
      expect(yield* results.next()).toEqual({ done: false, value: undefined })
      expect((yield* results.next()).done).toBe(true)
    }),
  )

  test(
    'starts no more calls after it was closed, and closes the source',
    program(function* () {
      const pool = new Pool(1)
      const done: number[] = []
      let closed = 0
      function* source() {
        try {
          for (let index = 0; ; index += 1) yield index
        } finally {
          closed += 1
        }
      }
      const results = pool.imap(function* (index) {
        yield* sleep(0)
        done.push(index)
        return index
      }, source())
      expect(yield* results.next()).toEqual({ done: false, value: 0 })
      results.close()
      results.close()
      expect((yield* results.next()).done).toBe(true)
      yield* pool.join()
      yield* turns(5)
      expect([done, closed, pool.feeders.size]).toEqual([[0], 1, 0])
    }),
  )

  test(
    'calls that are running when it is closed go on',
    program(function* () {
      const pool = new Pool(2)
      const done: number[] = []
      const results = pool.imap(
        function* (index: number) {
          yield* turns(index)
          done.push(index)
        },
        [0, 5, 6],
      )
      yield* results.next()
      results.close()
      yield* pool.join()
      expect(done).toEqual([0, 5])
    }),
  )

  test(
    'a map that is killed with its group before it starts throws the GreenletExit',
    program(function* () {
      const group = new Group()
      const results = group.imap(divide, [1])
      yield* group.kill()
      expect(yield* raisedBy(results.next())).toBeInstanceOf(GreenletExit)
      expect((yield* results.next()).done).toBe(true)
    }),
  )

  test(
    'closing it ends a wait for the next result',
    program(function* () {
      const queue = new Queue<number>()
      const results = new Pool(1).imapUnordered((x) => x, queue)
      const waiting = spawn(() => results.next())
      yield* turns(3)
      results.close()
      expect(yield* waiting).toEqual({ done: true, value: undefined })
    }),
  )

  test(
    'returns no more results after it was closed, and does not wait for running calls',
    program(function* () {
      const pool = new Pool(4)
      const stop = new Event()
      const results = pool.imapUnordered(
        function* (index: number) {
          if (index === 2) yield* stop.wait()
          return index
        },
        [0, 1, 2],
      )
      yield* turns(5)
      expect((yield* results.next()).value).toBe(0)
      results.close()
      expect(yield* results.next()).toEqual({ done: true, value: undefined })
      for (const others of [pool.imapUnordered(() => stop.wait(), [0]), pool.imap(() => stop.wait(), [0])]) {
        const waiting = [1, 2].map(() => spawn(() => others.next()))
        yield* turns(5)
        others.close()
        for (const reader of waiting) expect(yield* reader).toEqual({ done: true, value: undefined })
        expect(yield* others.next()).toEqual({ done: true, value: undefined })
      }
      expect(pool.size).toBe(3)
      stop.set()
      yield* pool.join()
    }),
  )

  test(
    'each() closes it when its function fails',
    program(function* () {
      const pool = new Pool(1)
      const endless = (function* () {
        for (;;) yield 1
      })()
      const tried = yield* attempt(
        each(pool.imap(sleep, endless), () => {
          throw new Error('enough')
        }),
      )
      expect(tried.ok).toBe(false)
      yield* pool.join()
      yield* turns(3)
      expect([pool.size, pool.feeders.size]).toEqual([0, 0])
    }),
  )

  test(
    'errors thrown to the reader count as observed',
    program(function* () {
      const reports = collectReports()
      const hub = getHub()
      hub.reportErrors = 'unobserved'
      try {
        const results = new Pool(1).imap(divide, [0])
        yield* turns(6)
        yield* raisedBy(results.next())
        expect(reports).toEqual([])
      } finally {
        hub.reportErrors = 'always'
      }
    }),
  )

  test('can be iterated in plain code', async () => {
    const seen: number[] = []
    for await (const value of new Pool(2).imap(divide, [1, 2, 4])) seen.push(value)
    expect(seen).toEqual([1, 0.5, 0.25])
  })

  test('the spawn site of the members is the call of the map', async () => {
    const pool = new Pool(1)
    const [stack] = await pool.map(() => (getcurrent() as Greenlet).spawningStack, [1])
    expect(stack).toContain('mapping.test.ts')
  })

  test('a queue may be mapped, up to its StopIteration', async () => {
    const queue = new Queue<number | typeof StopIteration>(undefined, { items: [1, 2, 3, StopIteration, 4] })
    expect(await new Pool(2).map((x) => x * 2, queue)).toEqual([2, 4, 6])
    expect(queue.qsize()).toBe(1)
  })
})

test(
  'the callbacks of applyCb and mapCb get the result, and are not called after a failure',
  program(function* () {
    collectReports()
    const pool = new Pool(2)
    const log: unknown[] = []
    expect(
      yield* pool.applyCb(
        (n: number) => n * 2,
        [4],
        (value) => log.push(value),
      ),
    ).toBe(8)
    expect(log).toEqual([])
    yield* turns(1)
    expect(
      yield* pool.mapCb(
        (n: number) => n + 1,
        [1, 2],
        (values) => log.push(values),
      ),
    ).toEqual([2, 3])
    expect(log).toEqual([8, [2, 3]])
    const fail = () => {
      throw new RangeError('refused')
    }
    expect(yield* pool.applyCb((n: number) => n * 2, [5])).toBe(10)
    expect(yield* raisedBy(pool.applyCb(fail, [], () => log.push('called')))).toBeInstanceOf(RangeError)
    expect(yield* raisedBy(pool.mapCb(fail, [1], () => log.push('called')))).toBeInstanceOf(RangeError)
    yield* turns(2)
    expect(log).toHaveLength(2)
  }),
)

test('arguments that are not an array, and a missing source, are rejected up front', () => {
  const pool = new Pool(1)
  const args = 5 as never
  for (const call of [
    () => pool.apply((n: number) => n, args),
    () => pool.applyAsync((n: number) => n, args),
    () => pool.applyCb((n: number) => n, args),
  ]) {
    expect(thrownBy(call)).toEqual(new TypeError('Expected `args` to be an array of arguments, got 5'))
  }
  expect(thrownBy(() => (pool.imap as (fn: unknown) => unknown)(() => 1))).toEqual(
    new TypeError('Expected `items` to be iterable, got undefined'),
  )
})
