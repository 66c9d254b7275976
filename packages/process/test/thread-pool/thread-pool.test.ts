import { MessageChannel } from 'node:worker_threads'
import { each, sleep, spawn, wait } from '@greenlit/core'
import {
  activeChildren,
  ProcessError,
  run as runProgram,
  SerializationError,
  ThreadPool,
  TimeoutError,
  transfer,
} from '@greenlit/process'
import { describe, expect, test } from 'vitest'
import { failure, guardLeaks, run } from '../guard.ts'

guardLeaks()
const module = new URL('../fixtures/pool.mjs', import.meta.url)
const target = (name: string) => ({ module, export: name })

/** Shared cells that threads wait on: the first releases them, the second counts them. */
function gate() {
  const memory = new SharedArrayBuffer(8)
  const cells = new Int32Array(memory)
  return {
    memory,
    *untilWaiting(count: number) {
      while (cells[1]! < count) yield* sleep(1)
    },
    open() {
      cells[0] = 1
      Atomics.notify(cells, 0)
    },
  }
}

function* endless() {
  for (;;) yield 100_000
}

describe('ThreadPool', () => {
  test('spawns, applies, maps and iterates', () =>
    run(function* () {
      using pool = new ThreadPool(2)
      expect(pool.size).toBe(0)
      const result = yield* pool.spawn<number>(target('square'), 3)
      expect([result.value, result.exception]).toEqual([undefined, undefined])
      expect(yield* failure(result.getNowait())).toBeInstanceOf(TimeoutError)
      expect(yield* result).toBe(9)
      expect([result.value, result.exception, yield* result.getNowait()]).toEqual([9, undefined, 9])
      expect(yield* pool.apply(target('squareSleeping'), [4])).toBe(16)
      expect(yield* pool.map(target('square'), [1, 2])).toEqual([1, 4])
      expect(yield* pool.starmap(target('add'), [[1, 2]])).toEqual([3])
      const all: unknown[] = []
      yield* each(pool.imap(target('square'), [1, 2, 3]), (value) => all.push(value))
      yield* each(pool.imapUnordered(target('square'), [4]), (value) => all.push(value))
      expect(all).toEqual([1, 4, 9, 16])
      expect(pool.size).toBeLessThanOrEqual(2)
      yield* pool.kill()
    }))

  test('throws what the function threw, with its stack, and continues', () =>
    run(function* () {
      const pool = new ThreadPool(1)
      const error = yield* failure(pool.apply(target('failOn'), [3]))
      expect(error).toBeInstanceOf(RangeError)
      expect(error).toMatchObject({ message: 'bad 3', detail: 3 })
      expect(error.stack).toContain('pool.mjs')
      expect(error.cause).toBeUndefined()
      const result = yield* pool.spawn(target('failOn'), 3)
      expect((yield* wait([result]))[0]).toBe(result)
      expect([result.successful(), result.value, result.exception]).toEqual([false, undefined, expect.any(RangeError)])
      expect(yield* pool.apply(target('square'), [2])).toBe(4)
      expect(yield* failure(pool.map(target('failOn'), [1, 3]))).toBeInstanceOf(RangeError)
      yield* pool.kill()
    }))

  test('queues one call more than there are threads before spawn waits', () =>
    run(function* () {
      const pool = new ThreadPool(1)
      const { memory, untilWaiting, open } = gate()
      yield* pool.spawn(target('waitOn'), memory, 1)
      yield* pool.spawn(target('waitOn'), memory, 2)
      const third = spawn(() => pool.spawn<number>(target('waitOn'), memory, 3))
      yield* untilWaiting(1)
      expect([third.ready(), pool.length]).toEqual([false, 2])
      open()
      expect(yield* yield* third).toBe(3)
      yield* pool.join()
      expect(pool.length).toBe(0)
      yield* pool.kill()
    }))

  test('starts waiting calls when maxsize is raised, and ends surplus threads when it is lowered', () =>
    run(function* () {
      const pool = new ThreadPool(0)
      const results = [1, 2, 3].map((n) => pool.applyAsync<number>(target('square'), [n]))
      expect(pool.size).toBe(0)
      pool.maxsize = 1
      expect([yield* results[0]!, yield* results[1]!, yield* results[2]!]).toEqual([1, 4, 9])
      pool.maxsize = 3
      const { memory, untilWaiting, open } = gate()
      const waiting = [1, 2, 3].map((n) => pool.applyAsync(target('waitOn'), [memory, n]))
      yield* untilWaiting(3)
      expect(pool.size).toBe(3)
      pool.maxsize = 1
      open()
      for (const result of waiting) yield* result
      yield* pool.join()
      expect(pool.size).toBe(1)
      yield* pool.kill()
    }))

  test('starts waiting calls and ends idle threads as soon as maxsize changes, and ends all when it is disposed', () =>
    run(function* () {
      const pool = new ThreadPool(1)
      const { memory, untilWaiting, open } = gate()
      const results = [yield* pool.spawn(target('waitOn'), memory, 1), yield* pool.spawn(target('waitOn'), memory, 2)]
      const third = spawn(() => pool.spawn(target('waitOn'), memory, 3))
      yield* untilWaiting(1)
      expect(third.ready()).toBe(false)
      pool.maxsize = 3
      results.push(yield* third)
      yield* untilWaiting(3)
      open()
      for (const result of results) yield* result
      expect(pool.size).toBe(3)
      pool.maxsize = 2
      expect(pool.size).toBe(2)
      pool[Symbol.dispose]()
      expect(pool.size).toBe(0)
    }))

  test('starts threads in advance, and ends idle ones, when its size is set', () =>
    run(function* () {
      using pool = new ThreadPool(3)
      pool.size = 2
      expect(pool.size).toBe(2)
      pool.size = 1
      expect(pool.size).toBe(1)
      expect(yield* pool.map(target('square'), [1, 2])).toEqual([1, 4])
      expect(() => {
        pool.size = 4
      }).toThrow('Expected `size` to be at most `maxsize` (3), got 4')
      expect(() => {
        pool.size = -1
      }).toThrow(RangeError)
      pool.size = 0
      expect([pool.size, pool.maxsize]).toEqual([0, 3])
      expect(yield* pool.apply(target('square'), [3])).toBe(9)
      yield* pool.terminate()
    }))

  test('accepts no calls once it is closed, and finishes those that it has', () =>
    run(function* () {
      const pool = new ThreadPool(1)
      const results = [1, 2].map((n) => pool.applyAsync<number>(target('squareSleeping'), [n]))
      pool.close()
      expect(() => pool.applyAsync(target('square'), [1])).toThrow('Pool not running')
      for (const call of [
        pool.apply(target('square'), [1]),
        pool.map(target('square'), [1]),
        pool.spawn(target('square'), 1),
      ])
        expect(String(yield* failure(call))).toContain('Pool not running')
      yield* pool.join()
      expect([yield* results[0]!, yield* results[1]!]).toEqual([1, 4])
      while (pool.size > 0) yield* sleep(1)
      yield* pool.terminate()
    }))

  test('is closed when it is terminated, and its threads are no children of the process', () =>
    run(function* () {
      const pool = new ThreadPool(1)
      const result = pool.applyAsync(target('spin'), [100_000])
      expect(pool.size).toBe(1)
      expect(activeChildren()).toEqual([])
      yield* pool.terminate()
      expect(yield* failure(result.get())).toBeInstanceOf(ProcessError)
      expect(yield* failure(pool.apply(target('square'), [1]))).toBeInstanceOf(RangeError)
    }))

  test('ends threads that are idle for a while', () =>
    run(function* () {
      const pool = new ThreadPool(2, { idleTaskTimeout: 10 })
      yield* pool.map(target('square'), [1, 2, 3])
      expect(pool.size).toBeGreaterThan(0)
      while (pool.size > 0) yield* sleep(5)
      expect(yield* pool.apply(target('square'), [5])).toBe(25)
      // This takes longer than a thread may be idle.
      yield* pool.apply(target('spin'), [50])
      while (pool.size > 0) yield* sleep(5)
      yield* pool.kill()
    }))

  test('can keep threads for longer than a timer of Node can run', () =>
    run(function* () {
      const warnings: Error[] = []
      const warned = (warning: Error) => void warnings.push(warning)
      process.on('warning', warned)
      const pool = new ThreadPool(1, { idleTaskTimeout: 2 ** 32 })
      yield* pool.apply(target('square'), [2])
      yield* sleep(1)
      expect(warnings).toEqual([])
      process.off('warning', warned)
      yield* pool.kill()
    }))

  test('does not block this thread while threads compute', () =>
    run(function* () {
      const pool = new ThreadPool(1)
      yield* pool.apply(target('square'), [1])
      let turns = 0
      const ticker = spawn(function* () {
        for (;;) {
          yield* sleep(1)
          turns += 1
        }
      })
      yield* pool.apply(target('spin'), [100])
      yield* ticker.kill()
      expect(turns).toBeGreaterThan(5)
      yield* pool.kill()
    }))

  test('shares memory, and transfers buffers in both directions', () =>
    run(function* () {
      const pool = new ThreadPool(1)
      const memory = new SharedArrayBuffer(4)
      yield* pool.apply(target('memory'), [memory])
      expect(new Int32Array(memory)[0]).toBe(1)
      const bytes = new Uint8Array(1000)
      expect(yield* pool.apply(target('takeBuffer'), [transfer(bytes, [bytes.buffer])])).toBe(1000)
      const [view, buffer] = [new Uint8Array(10), new ArrayBuffer(20)]
      expect(yield* pool.apply(target('takeBuffer'), [transfer(view)])).toBe(10)
      expect(yield* pool.apply(target('takeBuffer'), [transfer(buffer)])).toBe(20)
      expect([bytes, view, buffer].map((one) => one.byteLength)).toEqual([0, 0, 0])
      const back = yield* pool.apply<Uint8Array>(target('giveBuffer'), [1000])
      expect([back.byteLength, back[999], back.buffer.byteLength]).toEqual([1000, 7, 1000])
      const { port1 } = new MessageChannel()
      structuredClone(port1, { transfer: [port1] })
      const gone = failure(pool.apply(target('square'), [transfer(port1, [port1])]))
      expect(yield* gone).toBeInstanceOf(SerializationError)
      yield* pool.kill()
    }))

  test('kill ends threads that compute and fails the unfinished calls, and the pool can be used again', () =>
    run(function* () {
      const pool = new ThreadPool(1)
      const results = [pool.applyAsync(target('spin'), [100_000]), pool.applyAsync(target('square'), [1])]
      yield* pool.kill()
      for (const result of results) expect(yield* failure(result.get())).toBeInstanceOf(ProcessError)
      expect(yield* pool.apply(target('square'), [3])).toBe(9)
      yield* pool.kill()
    }))

  test.each(['kill', 'terminate'] as const)('%s ends iterations for good: none begins a call in new threads', (verb) =>
    run(function* () {
      const pool = new ThreadPool(1)
      const iterators = [pool.imap(target('spin'), endless()), pool.imapUnordered(target('spin'), endless())]
      yield* pool[verb]()
      expect([pool.size, pool.length]).toEqual([0, 0])
      for (const iterator of iterators) expect(yield* failure(iterator.next())).toBeInstanceOf(ProcessError)
      yield* pool.join()
      for (const iterator of iterators) yield* iterator.close()
    }),
  )

  test('keeps the program alive until its threads are gone, if that is waited for', () =>
    run(function* () {
      const script = `
        import { ThreadPool } from '@greenlit/process'
        const pools = Array.from({ length: 8 }, () => new ThreadPool(1))
        const target = { module: ${JSON.stringify(module.href)}, export: 'square' }
        await Promise.all(pools.map(async (pool) => await pool.apply(target, [2])))
        for (const pool of pools) await pool.kill()
        console.log('all gone')
      `
      const options = { captureOutput: true, text: true, cwd: new URL('.', import.meta.url) } as const
      const ended = yield* runProgram([process.execPath, '--input-type=module', '-e', script], options)
      expect(ended).toMatchObject({ returncode: 0, stdout: 'all gone\n', stderr: '' })
    }))

  test('kill ends the waits for its calls, even if there is no thread', () =>
    run(function* () {
      const pool = new ThreadPool(0)
      const result = pool.applyAsync(target('square'), [2])
      const waiters = [spawn(() => pool.join()), spawn(() => pool.spawn(target('square'), 3))]
      yield* sleep(0)
      yield* pool.kill()
      expect(yield* failure(result.get())).toBeInstanceOf(ProcessError)
      expect(yield* waiters[0]!).toBeUndefined()
      yield* waiters[1]!
      yield* pool.kill()
    }))

  test('rejects invalid arguments', () => {
    expect(() => new ThreadPool(-1)).toThrow('Expected `maxsize`')
    expect(() => new ThreadPool(2 ** 32)).toThrow(
      'Expected `maxsize` to be a whole number from 0 to 32768, got 42949672',
    )
    expect(() => new ThreadPool(1, { idleTaskTimeout: -1 })).toThrow('Expected `idleTaskTimeout`')
    expect(() => new ThreadPool(1).spawn((() => 1) as never)).toThrow('a function cannot go')
  })
})
