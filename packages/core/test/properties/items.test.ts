import { PassThrough } from 'node:stream'
import {
  type CooperativeIterator,
  type Coroutine,
  GreenletExit,
  Group,
  iterate,
  Queue,
  sleep,
  spawn,
  Timeout,
  until,
  withTimeout,
} from '@greenlit/core'
import { watchLeaks } from '@greenlit/core/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seed } from './property.ts'

const RUNS = 80

/** When each item is produced: after some turns, which come as microtasks or as turns of the hub. */
interface Item {
  readonly turns: number
  readonly micro: boolean
}

/** A read of the next item, and what disturbs it. */
interface Read {
  readonly disturbance: 'nothing' | 'kill' | 'timeout'
  readonly turns: number
}

const scene = fc.record({
  items: fc.array(fc.record({ turns: fc.nat(3), micro: fc.boolean() }), { maxLength: 12 }),
  reads: fc.array(
    fc.record({
      disturbance: fc.constantFrom('nothing', 'kill', 'kill', 'timeout'),
      turns: fc.nat(4),
    }) as fc.Arbitrary<Read>,
    { minLength: 1, maxLength: 12 },
  ),
})

function* pass({ turns, micro }: Item): Coroutine<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    if (micro) yield* until(Promise.resolve())
    else yield* sleep(0)
  }
}

/** The ways to produce the numbers from 0 up, one for each item. */
const SOURCES: readonly (readonly [name: string, make: (items: readonly Item[]) => CooperativeIterator<number>])[] = [
  [
    'an async generator',
    (items) =>
      iterate(
        (async function* () {
          for (const [index, item] of items.entries()) {
            await spawn(pass, item)
            yield index
          }
        })(),
      ),
  ],
  [
    'a stream',
    (items) => {
      const stream = new PassThrough({ objectMode: true })
      spawn(function* () {
        for (const [index, item] of items.entries()) {
          yield* pass(item)
          stream.write({ index })
        }
        stream.end()
      })
      const chunks = iterate<{ index: number }>(stream)
      return {
        *next() {
          const { done, value } = yield* chunks.next()
          return done ? { done, value: undefined } : { done: false, value: value.index }
        },
        close: () => chunks.close(),
      } as unknown as CooperativeIterator<number>
    },
  ],
  [
    'a queue',
    (items) => {
      const queue = new Queue<number>(2)
      spawn(function* () {
        for (const [index, item] of items.entries()) {
          yield* pass(item)
          yield* queue.put(index)
        }
        queue.shutdown()
      })
      return queue.iterate()
    },
  ],
  [
    'a mapping',
    (items) =>
      new Group().imap(
        function* (index: number) {
          yield* pass(items[index]!)
          return index
        },
        [...items.keys()],
        { maxsize: 2 },
      ),
  ],
]

/** Reads to the end, each read in a greenlet of its own. */
function* readAll(source: CooperativeIterator<number>, reads: readonly Read[]): Coroutine<number[]> {
  const values: number[] = []
  for (let index = 0; ; index += 1) {
    const read = reads[index % reads.length]!
    const { turns } = read
    const disturbance = index < 3 * reads.length ? read.disturbance : 'nothing'
    const greenlet = spawn(function* () {
      if (disturbance !== 'timeout') return yield* source.next()
      return yield* withTimeout(turns / 4, () => source.next(), { timeoutValue: undefined })
    })
    if (disturbance === 'kill') {
      for (let turn = 0; turn < turns; turn += 1) yield* sleep(0)
      yield* greenlet.kill()
    }
    const result: unknown = yield* greenlet
    if (result === undefined || result instanceof GreenletExit || result instanceof Timeout) continue
    const { done, value } = result as IteratorResult<number>
    if (done) return values
    values.push(value)
  }
}

describe.each(SOURCES)('%s', (_name, make) => {
  test(`gives each item once and in order, whatever ends the waits for it (seed ${seed})`, async () => {
    const check = async ({ items, reads }: { items: Item[]; reads: Read[] }): Promise<void> => {
      const leaks = watchLeaks({ handles: false })
      const values = await spawn(() => readAll(make(items), reads))
      expect(values).toEqual([...items.keys()])
      await leaks.assertNone()
    }
    await fc.assert(fc.asyncProperty(scene, check), { seed, numRuns: RUNS })
  })
})
