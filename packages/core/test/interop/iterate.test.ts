import { Readable } from 'node:stream'
import { each, GreenletExit, iterate, killall, sleep, spawn, withTimeout } from '@greenlit/core'
import { describe, expect, it } from 'vitest'
import { program, raisedBy, thrownBy, turns } from '../support.ts'

/** An async iterable that yields the values passed to `put`. */
function channel<T>() {
  const waiting: ((result: IteratorResult<T, undefined>) => void)[] = []
  let returned = 0
  const iterator = {
    put: (value: T) => waiting.shift()?.({ done: false, value }),
    end: () => waiting.shift()?.({ done: true, value: undefined }),
    next: () => new Promise<IteratorResult<T, undefined>>((resolve) => void waiting.push(resolve)),
    async return(): Promise<IteratorResult<T, undefined>> {
      returned += 1
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]: () => iterator,
    get returned() {
      return returned
    },
  }
  return iterator
}

async function* count(to: number) {
  for (let index = 1; index <= to; index += 1) yield index
}

describe('iterate', () => {
  it(
    'yields the items in order, then stays done',
    program(function* () {
      const numbers = iterate(count(2))
      expect(yield* numbers.next()).toEqual({ done: false, value: 1 })
      expect(yield* numbers.next()).toEqual({ done: false, value: 2 })
      expect(yield* numbers.next()).toEqual({ done: true, value: undefined })
      expect(yield* numbers.next()).toEqual({ done: true, value: undefined })
    }),
  )

  it(
    'works with each, which closes it when its function throws',
    program(function* () {
      const source = channel<number>()
      const failing = spawn(function* () {
        yield* each(iterate(source), () => {
          throw new Error('enough')
        })
      })
      yield* sleep(0)
      source.put(1)
      expect(yield* raisedBy(failing.get())).toMatchObject({ message: 'enough' })
      expect(source.returned).toBe(1)
    }),
  )

  it(
    'throws the error of the iterable, and is done from then on',
    program(function* () {
      const failing = iterate(
        (async function* () {
          yield 1
          throw new Error('broken')
        })(),
      )
      yield* failing.next()
      expect(yield* raisedBy(failing.next())).toMatchObject({ message: 'broken' })
      expect((yield* failing.next()).done).toBe(true)
    }),
  )

  it(
    'keeps an item whose reader is killed after it was woken but before its turn',
    program(function* () {
      const source = channel<number>()
      const results: Promise<IteratorResult<number, undefined>>[] = []
      const items = iterate({
        next() {
          const result = source.next()
          // This callback runs before the wait's, so that the kill is pending when the item wakes the reader.
          if (results.push(result) === 1) void result.then(() => reader.kill())
          return result
        },
      })
      const reader = spawn(() => items.next())
      yield* sleep(0)
      source.put(1)
      yield* reader.join()
      expect(reader.value).toBeInstanceOf(GreenletExit)
      expect(yield* items.next()).toEqual({ done: false, value: 1 })
      expect(results.length).toBe(1)
    }),
  )

  it(
    'keeps an item that arrives after its reader was killed or timed out',
    program(function* () {
      const source = channel<number>()
      const items = iterate(source)
      expect(yield* withTimeout(1, () => items.next(), { timeoutValue: 'late' })).toBe('late')
      const killed = spawn(() => items.next())
      yield* sleep(0)
      yield* killed.kill()
      source.put(1)
      expect((yield* items.next()).value).toBe(1)
    }),
  )

  it(
    'gives no item that it kept for the next reader once it is closed',
    program(function* () {
      const source = channel<number>()
      const items = iterate(source)
      const readers = [spawn(() => items.next()), spawn(() => items.next())]
      yield* turns(1)
      yield* killall(readers)
      items.close()
      source.put(1)
      expect(yield* items.next()).toEqual({ done: true, value: undefined })
    }),
  )

  it(
    'keeps an item that had arrived but was not yet delivered when its reader was killed',
    program(function* () {
      const source = channel<string>()
      const items = iterate(source)
      const waiter = spawn(() => items.next())
      yield* sleep(0)
      const killer = spawn(function* () {
        yield* sleep(0)
        waiter.kill()
      })
      source.put('precious')
      yield* killer
      yield* waiter.join()
      const taken = yield* waiter
      const item = taken instanceof Error ? (yield* items.next()).value : taken.value
      expect(item).toBe('precious')
    }),
  )

  it(
    'yields one item to each of several waiting greenlets',
    program(function* () {
      const items = iterate(count(3))
      const waiters = [1, 2, 3].map(() => spawn(() => items.next()))
      const values: unknown[] = []
      for (const waiter of waiters) values.push((yield* waiter).value)
      expect(values).toEqual([1, 2, 3])
    }),
  )

  it(
    'reads a stream, and destroys it if the reader is killed while it waits',
    program(function* () {
      const stream = new Readable({ objectMode: true, read() {} })
      const chunks: unknown[] = []
      const reader = spawn(function* () {
        yield* each(iterate<unknown>(stream), (chunk) => void chunks.push(chunk))
      })
      stream.push('a')
      yield* sleep(5)
      expect(chunks).toEqual(['a'])
      yield* reader.kill()
      expect(stream.destroyed).toBe(true)
    }),
  )

  it(
    'reads a web stream, and cancels it if the reader is killed or times out while it waits',
    program(function* () {
      const cancelled: string[] = []
      const endless = (name: string) =>
        new ReadableStream<string>({ start: (to) => to.enqueue(name), cancel: () => void cancelled.push(name) })
      const seen: string[] = []
      const reader = spawn(() => each(iterate(endless('killed')), (chunk) => seen.push(chunk)))
      yield* sleep(5)
      yield* reader.kill()
      const items = iterate(endless('timed out'))
      yield* items.next()
      expect(yield* withTimeout(1, () => items.next(), { timeoutValue: 'late' })).toBe('late')
      expect(cancelled).toEqual(['killed'])
      items.close()
      expect(seen).toEqual(['killed'])
      expect(cancelled).toEqual(['killed', 'timed out'])
      expect((yield* items.next()).done).toBe(true)
      yield* each(iterate(new Blob(['all']).stream()), (chunk) => seen.push(new TextDecoder().decode(chunk)))
      expect(seen).toEqual(['killed', 'all'])
    }),
  )

  it(
    'calls return of other iterables if the reader is killed while it waits, and ignores a later rejection',
    program(function* () {
      const source = channel<number>()
      let fail = (_error: Error): void => {}
      source.next = () => new Promise((_resolve, reject) => void (fail = reject))
      const reader = spawn(function* () {
        yield* each(iterate(source), () => {})
      })
      yield* sleep(0)
      yield* reader.kill()
      expect([source.returned, (reader.value as unknown) instanceof GreenletExit]).toEqual([1, true])
      fail(new RangeError('nobody waits for it'))
      yield* sleep(0)
    }),
  )

  it(
    'is done after close, which calls return of the iterator only once',
    program(function* () {
      const source = channel<number>()
      const items = iterate(source)
      items.close()
      items.close()
      expect((yield* items.next()).done).toBe(true)
      expect(source.returned).toBe(1)
    }),
  )

  it(
    'ends the waits of all readers when it is closed, and destroys the stream',
    program(function* () {
      const stream = new Readable({ read() {} })
      const items = iterate(stream)
      const readers = [spawn(() => items.next()), spawn(() => items.next())]
      yield* sleep(0)
      items.close()
      for (const reader of readers) expect(yield* reader).toEqual({ done: true, value: undefined })
      expect(stream.destroyed).toBe(true)
      const source = channel<number>()
      const others = iterate(source)
      const reader = spawn(() => others.next())
      yield* sleep(0)
      others.close()
      expect((yield* reader).done).toBe(true)
      expect(source.returned).toBe(1)
    }),
  )

  it('works in plain code', async () => {
    const values: number[] = []
    for await (const value of iterate(count(3))) values.push(value)
    expect(values).toEqual([1, 2, 3])
  })

  it('rejects anything but an async iterable up front', () => {
    expect(String(thrownBy(() => iterate([1] as never)))).toContain('Expected `items` to be an async iterable')
  })
})
