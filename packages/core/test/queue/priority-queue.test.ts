import { PriorityQueue, Queue, spawn } from '@greenlit/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { program, raisedBy, thrownBy, turns } from '../support.ts'

function drain<T>(queue: PriorityQueue<T>): T[] {
  const items: T[] = []
  while (!queue.empty()) items.push(queue.getNowait())
  return items
}

describe('order', () => {
  test(
    'the smallest item comes out first, and peek returns it',
    program(function* () {
      const queue = new PriorityQueue<number>()
      for (const item of [3, 1, 2]) yield* queue.put(item)
      expect([yield* queue.peek(), queue.peekNowait()]).toEqual([1, 1])
      expect([yield* queue.get(), yield* queue.get(), yield* queue.get()]).toEqual([1, 2, 3])
      expect(queue).toBeInstanceOf(Queue)
    }),
  )

  test('a queue may start with items', () => {
    const queue = new PriorityQueue<number>(3, { items: [3, 1, 2] })
    expect([queue.full(), queue.unfinishedTasks, drain(queue)]).toEqual([true, 3, [1, 2, 3]])
  })

  test('strings, bigints, booleans and dates are ordered, and numbers compare with bigints and booleans', () => {
    expect(drain(new PriorityQueue<string>(0, { items: ['b', 'a', 'B', ''] }))).toEqual(['', 'B', 'a', 'b'])
    expect(drain(new PriorityQueue<unknown>(0, { items: [2n, 1, true, 0n, 1.5] }))).toEqual([0n, 1, true, 1.5, 2n])
    const [early, late] = [new Date(1), new Date(2)]
    expect(drain(new PriorityQueue<Date>(0, { items: [late, early] }))).toEqual([early, late])
  })

  test('arrays are ordered as Python orders tuples', () => {
    const items = [[2], [1, 'b'], [1, 'a', 9], [1], [1, 'a'], [], [1, [2]], [1, [1, 5]]]
    expect(drain(new PriorityQueue<unknown>(0, { items: items.slice(0, 6) }))).toEqual([
      [],
      [1],
      [1, 'a'],
      [1, 'a', 9],
      [1, 'b'],
      [2],
    ])
    expect(drain(new PriorityQueue<unknown>(0, { items: items.slice(6) }))).toEqual([
      [1, [1, 5]],
      [1, [2]],
    ])
  })

  test('items of equal priority whose other parts cannot be compared keep their insertion order', () => {
    const [a, b, c] = [{ name: 'a' }, { name: 'b' }, { name: 'c' }]
    expect(
      drain(
        new PriorityQueue<[number, object]>(0, {
          items: [
            [1, a],
            [0, c],
            [1, b],
          ],
        }),
      ),
    ).toEqual([
      [0, c],
      [1, a],
      [1, b],
    ])
  })

  test('equal values of different objects and types keep their insertion order, also within arrays', () => {
    const [one, other] = [new Date(1), new Date(1)]
    expect(drain(new PriorityQueue<Date>(0, { items: [other, one] })).map((date) => date === one)).toEqual([
      false,
      true,
    ])
    expect(drain(new PriorityQueue<unknown>(0, { items: [1n, true, 1, true, 1n] }))).toEqual([1n, true, 1, true, 1n])
    const items = [
      [one, 'b'],
      [other, 'a'],
    ]
    expect(drain(new PriorityQueue<unknown>(0, { items })).map((item) => (item as unknown[])[1])).toEqual(['a', 'b'])
  })

  test('a copy is ordered by the same key and comparison', () => {
    const byLength = new PriorityQueue<string>(0, { key: (text) => text.length, items: ['ccc', 'a'] }).copy()
    byLength.putNowait('bb')
    expect(drain(byLength)).toEqual(['a', 'bb', 'ccc'])
    const descending = new PriorityQueue<number>(0, { compare: (a, b) => b - a, items: [1, 3] }).copy()
    descending.putNowait(2)
    expect(drain(descending)).toEqual([3, 2, 1])
  })

  test.each(['key', 'compare'])('a %s that is no function is refused', (name) => {
    expect(thrownBy(() => new PriorityQueue(0, { [name]: 5 } as never))).toEqual(
      new TypeError(`Expected \`${name}\` to be a function, got 5`),
    )
  })

  test('a queue may start with another number of unfinished tasks than items', () => {
    expect(new PriorityQueue<number>(0, { items: [1, 2], unfinishedTasks: 5 }).unfinishedTasks).toBe(5)
  })

  test('equal items come out in insertion order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 60 }), (keys) => {
        const items = keys.map((key, index) => ({ key, index }))
        const queue = new PriorityQueue<{ key: number; index: number }>(0, { items, key: (item) => item.key })
        expect(drain(queue)).toEqual([...items].sort((x, y) => x.key - y.key || x.index - y.index))
      }),
    )
  })

  test('the key function is called once for each item', () => {
    const asked: string[] = []
    const key = (word: string) => {
      asked.push(word)
      return word.length
    }
    expect(drain(new PriorityQueue<string>(0, { items: ['ccc', 'a', 'bb'], key }))).toEqual(['a', 'bb', 'ccc'])
    expect(asked).toEqual(['ccc', 'a', 'bb'])
  })

  test('the compare function compares the items, or their keys if there is a key function', () => {
    const reversed = new PriorityQueue<number>(0, { items: [1, 3, 2], compare: (a, b) => b - a })
    expect(drain(reversed)).toEqual([3, 2, 1])
    const longest = new PriorityQueue<string>(0, {
      items: ['a', 'ccc', 'bb'],
      key: (word) => word.length,
      compare: (a: number, b: number) => b - a,
    })
    expect(drain(longest)).toEqual(['ccc', 'bb', 'a'])
    const objects = new PriorityQueue<{ at: number }>(0, {
      items: [{ at: 2 }, { at: 1 }],
      compare: (a, b) => a.at - b.at,
    })
    expect(drain(objects)).toEqual([{ at: 1 }, { at: 2 }])
  })
})

describe('items without an order', () => {
  test(
    'are rejected, and the queue stays as it was',
    program(function* () {
      const queue = new PriorityQueue<unknown>(0, { items: [2, 1] })
      for (const item of [{}, undefined, null, Number.NaN, Symbol('s'), () => 1, 'text', [1]]) {
        expect(thrownBy(() => queue.putNowait(item))).toBeInstanceOf(TypeError)
        expect(yield* raisedBy(queue.put(item))).toBeInstanceOf(TypeError)
      }
      expect((thrownBy(() => queue.putNowait({})) as Error).message).toBe(
        'Expected items that can be compared, got an object of Object and 1: give the queue a `key` or `compare`',
      )
      expect([queue.unfinishedTasks, drain(queue)]).toEqual([2, [1, 2]])
      expect(thrownBy(() => new PriorityQueue<unknown>(0, { items: [{}, {}] }))).toBeInstanceOf(TypeError)
      expect(
        thrownBy(
          () =>
            new PriorityQueue<unknown>(0, {
              items: [
                [1, 2],
                [1, 'a'],
              ],
            }),
        ),
      ).toBeInstanceOf(TypeError)
    }),
  )

  test('are accepted while they are alone in the queue', () => {
    for (const item of [{}, undefined, Number.NaN, Symbol('s')]) {
      const queue = new PriorityQueue<unknown>(0, { items: [item] })
      expect(thrownBy(() => queue.putNowait(item))).toBeInstanceOf(TypeError)
      expect([queue.peekNowait(), queue.getNowait(), queue.empty()]).toEqual([item, item, true])
      queue.putNowait(7)
      expect(drain(queue)).toEqual([7])
    }
  })

  test(
    'make a waiting putter fail, and nothing else is lost',
    program(function* () {
      const queue = new PriorityQueue<unknown>(2, { items: [1, 5] })
      const refused = [
        spawn(() => raisedBy(queue.put('text'))),
        spawn(() => raisedBy(queue.put('text', { timeout: 60_000 }))),
      ]
      const putter = spawn(() => queue.put(2))
      yield* turns(1)
      expect(yield* queue.get()).toBe(1)
      for (const greenlet of refused) expect(yield* greenlet).toBeInstanceOf(TypeError)
      yield* putter
      expect([queue.unfinishedTasks, drain(queue)]).toEqual([3, [2, 5]])
    }),
  )
})

test('a comparison that throws leaves all items in the queue', () => {
  let fails = false
  const queue = new PriorityQueue<number>(0, {
    items: [5, 3, 8, 1, 9, 2],
    compare: (a, b) => {
      if (fails) throw new Error('cannot compare now')
      return a - b
    },
  })
  fails = true
  expect((thrownBy(() => queue.getNowait()) as Error).message).toBe('cannot compare now')
  expect(thrownBy(() => queue.putNowait(4))).toBeInstanceOf(Error)
  fails = false
  expect([queue.qsize(), queue.unfinishedTasks]).toEqual([6, 6])
  expect(drain(queue).sort()).toEqual([1, 2, 3, 5, 8, 9])
})

test(
  'a comparison that throws while an item is handed over fails the getter',
  program(function* () {
    let fails = false
    const queue = new PriorityQueue<number>(0, {
      compare: (a, b) => {
        if (fails) throw new Error('cannot compare now')
        return a - b
      },
    })
    const getters = [spawn(() => raisedBy(queue.get())), spawn(() => raisedBy(queue.get({ timeout: 60_000 })))]
    yield* turns(1)
    for (const item of [1, 2, 3]) queue.putNowait(item)
    fails = true
    for (const getter of getters) expect((yield* getter) as Error).toEqual(new Error('cannot compare now'))
    fails = false
    expect(drain(queue).sort()).toEqual([1, 2, 3])
  }),
)

test('a key or compare option that is not a function is rejected up front', () => {
  expect(thrownBy(() => new PriorityQueue(0, { key: 'priority' as never }))).toBeInstanceOf(TypeError)
  expect(thrownBy(() => new PriorityQueue(0, { compare: 1 as never }))).toBeInstanceOf(TypeError)
})

test(
  'a getter gets the smallest item when several are put before it runs',
  program(function* () {
    const queue = new PriorityQueue<number>()
    const getter = spawn(() => queue.get())
    yield* turns(1)
    for (const item of [3, 1, 2]) yield* queue.put(item)
    expect(yield* getter).toBe(1)
  }),
)
