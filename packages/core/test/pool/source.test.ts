import { PassThrough } from 'node:stream'
import {
  CooperativeIterator,
  coroutine,
  Event,
  type Greenlet,
  Group,
  type Operation,
  Pool,
  Queue,
  sleep,
  spawn,
} from '@greenlit/core'
import { virtualTime } from '@greenlit/core/testing'
import { expect, test } from 'vitest'
import { collectReports, program, raisedBy, thrownBy, turns } from '../support.ts'

class Countdown extends CooperativeIterator<number> {
  closed = 0
  private left: number

  constructor(from: number) {
    super()
    this.left = from
  }

  next(): Operation<IteratorResult<number, undefined>> {
    return coroutine(() => this.step())()
  }

  private *step() {
    yield* sleep(1)
    if (this.left === 0) return { done: true as const, value: undefined }
    this.left -= 1
    return { done: false as const, value: this.left }
  }

  protected override onClose(): void {
    this.closed += 1
  }
}

const square = (x: number) => x * x

test('a source may be any iterable', async () => {
  const pool = new Pool(2)
  expect(await pool.map(square, new Set([1, 2]))).toEqual([1, 4])
  expect(await pool.map(([key]: [string, number]) => key, new Map([['a', 1]]))).toEqual(['a'])
  expect(await pool.map((letter) => letter.toUpperCase(), 'ab')).toEqual(['A', 'B'])
  expect(await pool.map(square, [1, 2].values())).toEqual([1, 4])
  expect(await pool.map(square, Uint8Array.of(3))).toEqual([9])
  expect(
    await pool.map(square, {
      [Symbol.asyncIterator]: async function* () {
        yield 3
      },
    }),
  ).toEqual([9])
  const queue = new Queue<number>(undefined, { items: [4, 5] })
  queue.shutdown()
  expect(await pool.map(square, { iterate: () => queue.iterate() })).toEqual([16, 25])
})

test('a generator may block between its items, and before its end', async () => {
  await virtualTime(function* () {
    function* source() {
      yield 0
      yield* sleep(5)
      yield 1
      const two = yield* coroutine(function* () {
        yield* sleep(5)
        return 2
      })()
      yield two
      yield* sleep(5)
    }
    for (const pool of [new Pool(1), new Pool(5)]) {
      expect(yield* pool.map(square, source())).toEqual([0, 1, 4])
      const seen: number[] = []
      const results = pool.imapUnordered(square, source())
      for (let next = yield* results.next(); !next.done; next = yield* results.next()) seen.push(next.value)
      expect(seen).toEqual([0, 1, 4])
    }
  })
})

test('a generator may block between its items where `yield*` copies results, as it does in Safari and Bun', async () => {
  await virtualTime(function* () {
    function* source() {
      yield undefined
      yield* sleep(5)
      yield 1
    }
    const copying: Iterable<number | undefined> = {
      [Symbol.iterator]() {
        const items = source()
        const copy = (result: IteratorResult<unknown, unknown>) => ({ ...result }) as IteratorResult<number | undefined>
        return { next: () => copy(items.next()), throw: (error: unknown) => copy(items.throw(error)) }
      },
    }
    expect(yield* new Pool(2).map((item) => item, copying)).toEqual([undefined, 1])
  })
})

test('an async iterable is read, and closed if it is not read to its end', async () => {
  let returned = 0
  async function* source() {
    try {
      for (let index = 1; index <= 3; index += 1) {
        await Promise.resolve()
        yield index
      }
    } finally {
      returned += 1
    }
  }
  const pool = new Pool(2)
  expect(await pool.map(square, source())).toEqual([1, 4, 9])
  expect(returned).toBe(1)
  const results = pool.imap(square, source(), { maxsize: 1 })
  await results.next()
  results.close()
  await sleep(5)
  expect(returned).toBe(2)
})

test(
  'a stream is closed even while it is waited for',
  program(function* () {
    const closings: ((pool: Pool, caller: Greenlet) => Operation<unknown>)[] = [
      (_pool, caller) => caller.kill(),
      (pool) => pool.kill(),
    ]
    for (const close of closings) {
      const pool = new Pool(2)
      const stream = new PassThrough()
      let cancelled = 0
      const webStream = new ReadableStream({ cancel: () => void (cancelled += 1) })
      for (const source of [stream, webStream]) {
        const caller = spawn(() => pool.map(String, source))
        yield* turns(3)
        yield* close(pool, caller)
        yield* turns(3)
      }
      expect(stream.destroyed).toBe(true)
      expect(cancelled).toBe(1)
    }
  }),
)

test('the async iterator of an object that also has a next method is the source, as in a for await loop', async () => {
  const cursor = { next: async () => ({ name: 'a document' }), [Symbol.asyncIterator]: () => documents() }
  async function* documents() {
    yield 1
    yield 2
  }
  expect(await new Pool(2).map(square, cursor)).toEqual([1, 4])
})

test(
  'the map of an open queue waits for more items',
  program(function* () {
    const queue = new Queue<number>()
    const mapping = new Pool(2).mapAsync(square, queue)
    yield* turns(2)
    queue.putNowait(2)
    yield* turns(4)
    queue.putNowait(3)
    expect(mapping.ready()).toBe(false)
    queue.shutdown()
    expect(yield* mapping).toEqual([4, 9])
  }),
)

test(
  'the end of a source is noticed even if it comes after all results were read',
  program(function* () {
    const go = new Event()
    function* source() {
      yield 1
      yield* go.wait()
    }
    const results = new Group().imapUnordered(square, source())
    expect(yield* results.next()).toEqual({ done: false, value: 1 })
    const end = spawn(() => results.next())
    yield* turns(3)
    expect(end.ready()).toBe(false)
    go.set()
    expect(yield* end).toEqual({ done: true, value: undefined })
  }),
)

test('a cooperative iterator is read to its end, and closed if it is not', async () => {
  await virtualTime(function* () {
    const whole = new Countdown(3)
    expect(yield* new Pool(2).map(square, whole)).toEqual([4, 1, 0])
    expect(whole.closed).toBe(0)
    const part = new Countdown(1000)
    const results = new Pool(2).imap(square, part)
    yield* results.next()
    results.close()
    yield* sleep(5)
    expect(part.closed).toBe(1)
  })
})

test('an iterator that failed is not closed, as in a for loop', async () => {
  collectReports()
  let returned = 0
  const failing: IterableIterator<number> = {
    [Symbol.iterator]: () => failing,
    next() {
      throw new RangeError('broken')
    },
    return(value) {
      returned += 1
      return { done: true, value }
    },
  }
  await expect(new Pool(1).map(square, failing)).rejects.toThrow('broken')
  expect(returned).toBe(0)
})

test('maps can be chained', async () => {
  const pool = new Pool(3)
  const halves = pool.imap((x) => x / 2, [2, 4, 6])
  expect(await pool.map((x) => x + 1, halves)).toEqual([2, 3, 4])
})

test('a kill is raised in a source where it waits, and its `finally` may block', async () => {
  await virtualTime(function* () {
    const log: string[] = []
    function* source() {
      try {
        yield 1
        yield* sleep(60_000)
        yield 2
      } finally {
        yield* sleep(1)
        log.push('cleaned up')
      }
    }
    const pool = new Pool(1)
    const mapping = pool.mapAsync(square, source())
    yield* sleep(1)
    yield* pool.kill()
    yield* mapping.join()
    yield* sleep(5)
    expect(log).toEqual(['cleaned up'])
  })
})

test(
  'a source that is stopped between two items cleans up, and may block for it',
  program(function* () {
    const log: string[] = []
    function* source() {
      try {
        for (;;) yield 1
      } finally {
        yield* turns(2)
        log.push('cleaned up')
      }
    }
    const results = new Pool(1).imap(square, source(), { maxsize: 1 })
    yield* results.next()
    results.close()
    yield* turns(8)
    expect(log).toEqual(['cleaned up'])
  }),
)

test(
  'a source whose iterator is malformed throws to the reader',
  program(function* () {
    collectReports()
    for (const result of [7, null]) {
      const broken = { [Symbol.iterator]: () => ({ next: () => result }) } as unknown as Iterable<number>
      expect(yield* raisedBy(new Pool(1).map(square, broken))).toEqual(
        new TypeError(`Expected \`items\` to give iterator results, got ${result}`),
      )
    }
  }),
)

test('an operation, a greenlet or a promise is rejected: it must be waited for first', async () => {
  const pool = new Pool(1)
  const greenlet = spawn(() => [1])
  for (const items of [pool.map(square, [1]), greenlet, Promise.resolve([1])] as unknown as number[][]) {
    for (const call of [() => pool.map(square, items), () => pool.imap((a, b) => a + b, [1], items)]) {
      expect((thrownBy(call) as Error).message).toBe(
        'Expected `items` to be iterable, got what is to be waited for: `yield*` it first',
      )
    }
  }
  await greenlet
})
