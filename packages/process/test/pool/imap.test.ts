import { attempt, joinall, sleep, spawn } from '@greenlit/core'
import { expect, test } from 'vitest'
import { PoolIterator } from '../../src/pool/imap.ts'
import type { Outcome } from '../../src/pool/outcome.ts'
import type { Task } from '../../src/pool/pool-worker.ts'

/** An iterator over numbers whose chunks end when the test says so, with each item times ten as its result. */
function iterator(count: number, { chunksize = 1, ordered = true, failsAt = -1 } = {}) {
  const ends: (() => void)[] = []
  const items = Array.from({ length: count }, (_, index) => index).values()
  const results = new PoolIterator<number>(items, chunksize, ordered, 2, {
    submit(chunk, onEnd) {
      ends.push(() =>
        onEnd(chunk.map((item): Outcome => (item === failsAt ? [true, new Error('bad')] : [false, Number(item) * 10]))),
      )
      return {} as Task
    },
    drop() {},
    end() {},
  })
  return { results, ends }
}

test('the results of chunks arrive item by item, in order, whichever chunk ends first', async () => {
  const { results, ends } = iterator(10, { chunksize: 4 })
  for (const end of ends.reverse()) end()
  await spawn(function* () {
    const found: number[] = []
    for (let next = yield* results.next(); !next.done; next = yield* results.next()) found.push(next.value)
    expect(found).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90])
  })
})

test('a result that a killed greenlet did not get goes to another waiting one', async () => {
  const { results, ends } = iterator(2)
  await spawn(function* () {
    const killed = spawn(() => results.next())
    yield* sleep(0)
    const other = spawn(() => results.next())
    yield* sleep(0)
    killed.kill()
    ends[0]!()
    expect(yield* other.get()).toEqual({ done: false, value: 0 })
    ends[1]!()
    expect(yield* results.next()).toEqual({ done: false, value: 10 })
    expect((yield* results.next()).done).toBe(true)
  })
})

test('results and errors that several killed greenlets did not get keep their order, and none is lost', async () => {
  await spawn(function* () {
    for (const ordered of [true, false]) {
      const { results, ends } = iterator(4, { ordered, failsAt: 1 })
      const killed = Array.from({ length: 3 }, () => spawn(() => results.next()))
      yield* sleep(0)
      for (const greenlet of killed) greenlet.kill()
      for (const end of ends) end()
      yield* joinall(killed)
      const found: unknown[] = []
      for (;;) {
        const next = yield* attempt(results.next())
        if (next.ok && next.value.done) break
        found.push(next.ok ? next.value.value : (next.error as Error).message)
      }
      expect(found).toEqual([0, 'bad', 20, 30])
    }
  })
})

test('a closed iterator is at its end', async () => {
  const { results, ends } = iterator(3, { ordered: false })
  ends[2]!()
  results.close()
  // A worker had begun this one.
  ends[0]!()
  await spawn(function* () {
    expect((yield* results.next()).done).toBe(true)
  })
})

test('closing an iterator wakes the waiting greenlets, even if its items refuse to be closed', async () => {
  function* stubborn() {
    try {
      for (;;) yield 1
    } finally {
      // biome-ignore lint/correctness/noUnsafeFinally: this is what the test is about
      throw new Error('no end')
    }
  }
  const source = { submit: () => ({}) as Task, drop() {}, end() {} }
  const results = new PoolIterator<number>(stubborn(), 1, true, 2, source)
  await spawn(function* () {
    const waiter = spawn(() => results.next())
    yield* sleep(0)
    expect(() => results.close()).toThrow('no end')
    expect((yield* waiter).done).toBe(true)
  })
})

test.each(['items that end', 'items that throw', 'a close'])(
  'a pool hears once that no chunk comes any more: %s',
  (how) => {
    function* numbers() {
      yield 1
      if (how === 'items that throw') throw new Error('no more')
      if (how === 'a close') for (;;) yield 2
    }
    let ends = 0
    const source = { submit: () => ({}) as Task, drop() {}, end: () => (ends += 1) }
    const results = new PoolIterator<number>(numbers(), 1, true, 2, source)
    expect(ends).toBe(how === 'a close' ? 0 : 1)
    results.close()
    results.close()
    expect(ends).toBe(1)
  },
)

test('at most four chunks per worker are begun before their results are read', async () => {
  await spawn(function* () {
    const inOrder = iterator(1000, { chunksize: 2 })
    expect(inOrder.ends).toHaveLength(8)
    for (const end of inOrder.ends.slice(1)) end()
    // An earlier chunk is still missing.
    expect(inOrder.ends).toHaveLength(8)
    inOrder.ends[0]!()
    expect(inOrder.ends).toHaveLength(8)
    yield* inOrder.results.next()
    expect(inOrder.ends).toHaveLength(16)
    inOrder.results.close()

    const { results, ends } = iterator(1000, { chunksize: 2, ordered: false })
    for (const end of ends.slice(1)) end()
    expect(ends).toHaveLength(15)
    for (const end of [...ends.slice(8), ends[0]!]) end()
    expect(ends).toHaveLength(15)
    for (let taken = 0; taken < 14; taken += 1) yield* results.next()
    expect(ends).toHaveLength(15)
    yield* results.next()
    expect(ends).toHaveLength(23)
    results.close()
  })
})

test('closing an iterator drops unfinished chunks and closes its items', () => {
  const log: string[] = []
  const ends: (() => void)[] = []
  function* items() {
    try {
      for (let item = 0; ; item += 1) yield item
    } finally {
      log.push('closed')
    }
  }
  const results = new PoolIterator<number>(items(), 1, false, 1, {
    submit(chunk, onEnd) {
      ends.push(() => onEnd([[false, chunk[0]]]))
      return { retries: chunk[0] } as Task
    },
    drop: (task) => log.push(`dropped ${task.retries}`),
    end: () => log.push('ended'),
  })
  ends[1]!()
  results.close()
  expect(log.sort()).toEqual(['closed', 'dropped 0', 'dropped 2', 'dropped 3', 'dropped 4', 'ended'])
})

test('a chunk that fails as a whole fails each of its items; an error of the items is thrown once, at the end', async () => {
  function* items() {
    yield* [0, 1, 2, 3]
    throw new Error('no more items')
  }
  const results = new PoolIterator<number>(items(), 2, true, 1, {
    submit(chunk, onEnd) {
      onEnd(chunk[0] === 0 ? [[true, new Error('chunk failed')]] : chunk.map((item): Outcome => [false, item]))
      return {} as Task
    },
    drop() {},
    end() {},
  })
  await spawn(function* () {
    const came: unknown[] = []
    for (let calls = 0; calls < 6; calls += 1) {
      const attempted = yield* attempt(results.next())
      came.push(attempted.ok ? (attempted.value.value ?? 'done') : attempted.error.message)
    }
    expect(came).toEqual(['chunk failed', 'chunk failed', 2, 3, 'no more items', 'done'])
  })
})

test('an end that a killed greenlet did not get is not put back as an item, and nothing is put back into a closed iterator', async () => {
  await spawn(function* () {
    for (const isClosed of [false, true]) {
      const { results, ends } = iterator(isClosed ? 2 : 1)
      const first = spawn(() => results.next())
      yield* sleep(0)
      const second = spawn(() => results.next())
      yield* sleep(0)
      second.kill()
      for (const end of ends) end()
      if (isClosed) results.close()
      expect(yield* first).toEqual({ done: false, value: 0 })
      yield* joinall([second])
      expect([(yield* results.next()).done, (yield* results.next()).done]).toEqual([true, true])
    }
  })
})
