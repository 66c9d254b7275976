import { attempt, each, Event as LocalEvent, sleep, spawn, wait } from '@greenlit/core'
import {
  activeChildren,
  EOFError,
  Event,
  MaybeEncodingError,
  Pipe,
  Pool,
  ProcessDiedError,
  ProcessError,
  Queue,
  RemoteTraceback,
  registerClass,
  Semaphore,
  SerializationError,
  TimeoutError,
} from '@greenlit/process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failure, guardLeaks, run } from '../guard.ts'

const module = new URL('../fixtures/pool.mjs', import.meta.url)
const target = (name: string) => ({ module, export: name })
const square = target('square')
const range = (count: number) => Array.from({ length: count }, (_, i) => i)
const squares = (count: number) => range(count).map((i) => i * i)

class Unreadable {}
registerClass('pool.test.Unreadable', Unreadable)

function* throwing(at: number) {
  for (let i = 0; i < at; i += 1) yield i
  throw new RangeError('the items broke off')
}

describe.each(['process', 'thread'] as const)('Pool of a %s', (context) => {
  let pool: Pool
  beforeAll(() => {
    pool = new Pool(4, { context })
  })
  afterAll(async () => {
    pool.close()
    await pool.join()
  })
  guardLeaks()

  test('calls plain, async and coroutine functions', () =>
    run(function* () {
      expect(yield* pool.apply(square, [5])).toBe(25)
      expect(yield* pool.apply(target('squareLater'), [6])).toBe(36)
      expect(yield* pool.apply(target('squareSleeping'), [7, 5])).toBe(49)
      expect(yield* pool.apply(target('add'))).toBe(0)
    }))

  test('maps in order, with and without chunks, and spreads arguments', () =>
    run(function* () {
      expect(yield* pool.map(square, range(10))).toEqual(squares(10))
      expect(yield* pool.map(square, new Set(range(100)), { chunksize: 20 })).toEqual(squares(100))
      expect(yield* pool.starmap(target('add'), [[1, 2], [3, 4, 5], []])).toEqual([3, 12, 0])
      expect(yield* pool.mapAsync(square, range(7))).toEqual(squares(7))
      expect(yield* pool.starmapAsync(target('add'), [[1, 2]], { chunksize: 5 })).toEqual([3])
    }))

  test('returns no results for no items, at once', () =>
    run(function* () {
      expect(yield* pool.map(square, [])).toEqual([])
      expect(yield* pool.mapAsync(square, []).get({ timeout: 0 })).toEqual([])
      expect(yield* pool.imap(square, []).next()).toEqual({ done: true, value: undefined })
      expect(yield* pool.imapUnordered(square, []).next()).toEqual({ done: true, value: undefined })
    }))

  test('throws the error of a call, with its stack in the other process', () =>
    run(function* () {
      const error = yield* failure(pool.apply(target('failOn'), [3]))
      expect(error).toBeInstanceOf(RangeError)
      expect(error).toMatchObject({ message: 'bad 3', detail: 3, cause: expect.any(RemoteTraceback) })
      expect(error.stack).toContain('pool.mjs')
      expect(yield* failure(pool.apply(target('failOwn')))).toBeInstanceOf(TypeError)
      expect((yield* failure(pool.map(target('failOn'), range(6)))).message).toBe('bad 3')
      expect((yield* failure(pool.apply(target('missing')))).message).toContain('missing')
    }))

  test('fails a call of a function that the module does not export', () =>
    run(function* () {
      const error = yield* failure(pool.apply(target('missing')))
      expect(error.message).toMatch(/to export a function "missing", got undefined; it exports .*square/)
    }))

  test('arguments or results that cannot be sent fail alone', () =>
    run(function* () {
      const results = [
        pool.applyAsync(square, [() => 1]),
        pool.applyAsync(target('giveFunction')),
        pool.applyAsync(square, [3]),
      ]
      expect(yield* failure(results[0]!.get())).toBeInstanceOf(SerializationError)
      const unsendable = yield* failure(results[1]!.get())
      expect(unsendable).toBeInstanceOf(MaybeEncodingError)
      expect(String(unsendable)).toMatch(/Expected a result that can be sent: .+ could not be cloned/)
      expect(String(unsendable)).not.toContain('a value')
      expect(unsendable).toMatchObject({ exc: expect.stringContaining('could not be cloned'), value: 'a function' })
      expect(yield* results[2]!).toBe(9)
      const unknown = yield* failure(pool.apply(target('makePoint'), [2]))
      expect(unknown).toBeInstanceOf(SerializationError)
      expect(unknown.message).toContain('pool.Point')
    }))

  test('however many items cannot be sent, each fails alone', () =>
    run(function* () {
      const items = Array.from({ length: 20_000 }, (_, index) => (index % 10_000 === 1 ? index : () => index))
      expect(yield* failure(pool.map(square, items, { chunksize: 1 }))).toBeInstanceOf(SerializationError)
      const outcomes: (number | string)[] = []
      const iterator = pool.imap<number>(square, items.slice(9_990, 10_010))
      for (;;) {
        const next = yield* attempt(iterator.next())
        if (next.ok && next.value.done) break
        outcomes.push(next.ok ? next.value.value! : (next.error as Error).name)
      }
      expect(outcomes).toHaveLength(20)
      expect(outcomes[11]).toBe(100_020_001)
      expect(new Set(outcomes).size).toBe(2)
    }))

  test('has results that can be queried, waited for with a timeout, and read more than once', () =>
    run(function* () {
      const result = pool.applyAsync<number>(target('squareSleeping'), [3, 300])
      expect(result.ready()).toBe(false)
      expect(() => result.successful()).toThrow('not ready')
      expect(yield* failure(result.get({ timeout: 10 }))).toBeInstanceOf(TimeoutError)
      expect(yield* result.wait({ timeout: 10 })).toBeUndefined()
      yield* result.wait()
      expect([result.ready(), result.successful(), yield* result.get(), yield* result]).toEqual([true, true, 9, 9])
      const failed = pool.applyAsync(target('failOn'), [3])
      yield* failed.wait()
      expect(failed.successful()).toBe(false)
      expect(yield* failure(failed.get())).toBe(yield* failure(failed.get()))
      expect(yield* failure(pool.apply(target('squareSleeping'), [1, 200], { timeout: 10 }))).toBeInstanceOf(
        TimeoutError,
      )
    }))

  test('calls back with the value or the error before waiting greenlets resume', () =>
    run(function* () {
      const log: unknown[] = []
      const callbacks = {
        callback: (value: unknown) => log.push(value),
        errorCallback: (error: unknown) => log.push((error as Error).message),
      }
      yield* pool.applyAsync(square, [4], callbacks)
      yield* pool.applyAsync(target('failOn'), [3], callbacks).wait()
      yield* pool.mapAsync(square, [1, 2], callbacks)
      yield* pool.applyAsync(square, [5], {
        *callback(value: unknown) {
          yield* sleep(0)
          log.push(value)
        },
      })
      yield* sleep(5)
      expect(log).toEqual([16, 'bad 3', [1, 4], 25])
      const alone: unknown[] = []
      yield* pool.applyAsync(square, [4], (value) => alone.push(value))
      yield* pool.mapAsync(square, [1, 2], (values) => alone.push(values))
      expect(alone).toEqual([16, [1, 4]])
      expect(() => pool.applyAsync(square, [1], { callback: 5 as never })).toThrow('Expected `callback`')
    }))

  test('imap yields results in order, errors in their place, and then stays at its end', () =>
    run(function* () {
      const iterator = pool.imap<number>(target('failOn'), [1, 3, 5])
      expect(yield* iterator.next()).toEqual({ done: false, value: 1 })
      expect((yield* failure(iterator.next())).message).toBe('bad 3')
      expect(yield* iterator.next()).toEqual({ done: false, value: 5 })
      expect(yield* iterator.next()).toEqual({ done: true, value: undefined })
      expect(yield* iterator.next()).toEqual({ done: true, value: undefined })
      const all: unknown[] = []
      yield* each(pool.imap(square, range(50), { chunksize: 7 }), (value) => all.push(value))
      expect(all).toEqual(squares(50))
      const unordered: unknown[] = []
      yield* each(pool.imapUnordered<number>(square, range(50)), (value) => unordered.push(value))
      expect((unordered as number[]).sort((a, b) => a - b)).toEqual(squares(50))
    }))

  test.each([
    [0, 1, 0],
    [3, 1, 3],
    [7, 2, 6],
    [7, 4, 4],
  ])('items that break off at %i, in chunks of %i, give %i results and then their error', (at, chunksize, results) =>
    run(function* () {
      expect((yield* failure(pool.map(square, throwing(at), { chunksize }))).message).toBe('the items broke off')
      const iterator = pool.imap(square, throwing(at), { chunksize })
      for (let i = 0; i < results; i += 1) expect(yield* iterator.next()).toEqual({ done: false, value: i * i })
      expect((yield* failure(iterator.next())).message).toBe('the items broke off')
      expect(yield* pool.apply(square, [2])).toBe(4)
    }),
  )

  test('imap consumes items as needed, even from an endless iterable', () =>
    run(function* () {
      let taken = 0
      function* endless() {
        for (;;) yield (taken += 1)
      }
      const iterator = pool.imap<number>(square, endless())
      for (let i = 1; i <= 100; i += 1) expect((yield* iterator.next()).value).toBe(i * i)
      expect(taken).toBeLessThan(200)
      iterator.close()
      expect(yield* iterator.next()).toEqual({ done: true, value: undefined })
    }))

  test('imap runs ahead of a slow item only up to a limit', () =>
    run(function* () {
      let taken = 0
      function* endless() {
        for (;;) {
          taken += 1
          yield taken === 1 ? 300 : 0
        }
      }
      const iterator = pool.imap(target('spin'), endless())
      yield* iterator.next()
      expect(taken).toBeLessThan(100)
      iterator.close()
    }))

  test('a call that is killed before a worker has begun it is dropped', () =>
    run(function* () {
      const queue = new Queue<string>()
      const slow = range(4).map(() => pool.applyAsync(target('squareSleeping'), [1, 100]))
      const caller = spawn(() => pool.apply(target('putOn'), [queue, 'made']))
      yield* sleep(0)
      yield* caller.kill()
      for (const result of slow) yield* result
      yield* pool.map(square, range(8), { chunksize: 1 })
      expect(yield* queue.empty()).toBe(true)
    }))

  test('an abandoned map or iterator begins nothing more, and a call with a timeout of 0 is dropped', () =>
    run(function* () {
      const queue = new Queue<string>()
      const put = target('putOn')
      const slow = range(4).map(() => pool.applyAsync(target('squareSleeping'), [1, 100]))
      const iterator = pool.imap(put, [queue, queue])
      const pairs = [[queue, 'one'] as const, [queue, 'two'] as const]
      expect(yield* failure(pool.starmap(put, pairs, { timeout: 1 }))).toBeInstanceOf(TimeoutError)
      expect(yield* failure(pool.apply(put, [queue, 'three'], { timeout: 0 }))).toBeInstanceOf(TimeoutError)
      iterator.close()
      for (const result of slow) yield* result
      yield* pool.map(square, range(8), { chunksize: 1 })
      expect(yield* queue.empty()).toBe(true)
    }))

  test('shared objects can be arguments, and results can be waited for together with other objects', () =>
    run(function* () {
      const queue = new Queue<string>()
      const result = pool.applyAsync(target('putOn'), [queue, 'hello'])
      expect(yield* wait([new LocalEvent(), result], { count: 1 })).toEqual([result])
      expect(yield* queue.get()).toBe('hello')
      expect(yield* wait([result])).toEqual([result])
    }))
})

describe('Pool', () => {
  guardLeaks()

  test('accepts no more work once it is closed, and can be joined only then', () =>
    run(function* () {
      const pool = new Pool(2)
      expect(String(yield* failure(pool.join()))).toContain('Pool is still running')
      const result = pool.mapAsync(target('squareSleeping'), range(10))
      const iterator = pool.imap(square, range(30))
      pool.close()
      expect(String(yield* failure(pool.apply(square, [1])))).toContain('Pool not running')
      expect(yield* failure(pool.map(square, [1]))).toBeInstanceOf(RangeError)
      expect(() => pool.imap(square, [1])).toThrow(RangeError)
      expect(yield* result).toEqual(squares(10))
      const all: unknown[] = []
      yield* each(iterator, (value) => all.push(value))
      expect(all).toEqual(squares(30))
      yield* pool.join()
      yield* pool.join()
    }))

  test('keeps its workers after it is closed while an iterator being read has more tasks for them', () =>
    run(function* () {
      const pool = new Pool(2)
      const names = new Set<string>()
      const iterator = pool.imap<string>(target('name'), range(60))
      pool.close()
      yield* each(iterator, (name) => {
        names.add(name)
      })
      expect(names.size).toBeLessThanOrEqual(2)
      yield* pool.join()
    }))

  test('can be joined before the results of an iterator are read, and computes them afterwards', () =>
    run(function* () {
      const pool = new Pool(1)
      const iterator = pool.imap<number>(square, range(10))
      pool.close()
      yield* pool.join()
      const all: number[] = []
      yield* each(iterator, (value) => {
        all.push(value)
      })
      expect(all).toEqual(squares(10))
      yield* pool.join()
    }))

  test('terminate fails unfinished calls, and ends a worker that is busy', () =>
    run(function* () {
      const pool = new Pool(1)
      yield* pool.apply(square, [1])
      const results = [pool.applyAsync(target('spin'), [100_000]), pool.applyAsync(square, [1])]
      yield* pool.terminate()
      for (const result of results) expect(yield* failure(result.get())).toBeInstanceOf(ProcessError)
      expect(String(yield* failure(pool.apply(square, [1])))).toContain('Pool not running')
      using other = new Pool(1)
      expect(yield* other.apply(square, [3])).toBe(9)
    }))

  test('runs the initializer in each worker, and breaks if it fails', () =>
    run(function* () {
      const pool = new Pool(2, { initializer: target('prepare'), initargs: ['ready'] })
      expect(String(pool)).toBe('<Pool running processes=2>')
      expect(yield* pool.map(target('preparedValue'), range(4), { chunksize: 1 })).toEqual(Array(4).fill('ready'))
      const broken = new Pool(2, { initializer: target('failToPrepare') })
      const error = yield* failure(broken.apply(square, [1]))
      expect(error).toMatchObject({
        message: expect.stringMatching(/broken.*cannot prepare/),
        cause: { message: 'cannot prepare' },
      })
      expect(yield* failure(broken.apply(square, [1]))).toBeInstanceOf(ProcessError)
      expect(yield* failure(broken.map(square, [1, 2]))).toBeInstanceOf(ProcessError)
      yield* pool.terminate()
      yield* broken.terminate()
    }))

  test('replaces workers after their maximum number of tasks', () =>
    run(function* () {
      const pool = new Pool(2, { maxTasksPerChild: 10 })
      const first = new Set(yield* pool.map<number>(target('pidSlow'), range(8), { chunksize: 1 }))
      expect(yield* pool.map(square, range(100), { chunksize: 1 })).toEqual(squares(100))
      const then = yield* pool.map<number>(target('pidSlow'), range(8), { chunksize: 1 })
      expect(then.some((pid) => first.has(pid))).toBe(false)
      pool.close()
      yield* pool.join()
      const single = new Pool(3, { maxTasksPerChild: 1 })
      const results = range(6).map((i) => single.applyAsync(square, [i]))
      single.close()
      for (const [i, result] of results.entries()) expect(yield* result).toBe(i * i)
      yield* single.join()
    }))

  test('keeps the program alive for workers that were started during a join', () =>
    run(function* () {
      const pool = new Pool(1, { maxTasksPerChild: 1 })
      const results = pool.mapAsync(square, range(3), { chunksize: 1 })
      pool.close()
      const joiner = spawn(() => pool.join())
      yield* results
      expect(process.getActiveResourcesInfo()).toContain('ProcessWrap')
      yield* joiner
    }))

  test('fails the task of a worker that dies, and goes on with another worker', () =>
    run(function* () {
      const pool = new Pool(1)
      const killed = yield* failure(pool.apply(target('killSelf')))
      expect(killed).toBeInstanceOf(ProcessDiedError)
      expect(killed).toMatchObject({ exitcode: -9 })
      expect(yield* failure(pool.apply(target('exitSelf')))).toMatchObject({ exitcode: 7 })
      expect(yield* pool.apply(square, [3])).toBe(9)
      pool.close()
      yield* pool.join()
    }))

  test('hands a task to another worker if the first dies before it could begin', () =>
    run(function* () {
      const pool = new Pool(1)
      const result = pool.applyAsync(square, [3])
      for (const worker of activeChildren()) worker.kill()
      expect(yield* result).toBe(9)
      pool.close()
      yield* pool.join()
    }))

  test('hands a task on as often as `retries` allows, and no more', () =>
    run(function* () {
      const pool = new Pool(1, { retries: 2 })
      expect(yield* failure(pool.apply(target('killSelf')))).toBeInstanceOf(ProcessDiedError)
      expect(yield* pool.apply(square, [3])).toBe(9)
      yield* pool.terminate()
    }))

  test('starts its workers at once, and ends them after close when all is done, even if nobody waits for that', () =>
    run(function* () {
      const [idle, iterated] = [new Pool(2), new Pool(1)]
      const children = activeChildren()
      expect(children).toHaveLength(3)
      yield* idle.apply(square, [1])
      idle.close()
      const results = iterated.imap(square, range(2))
      iterated.close()
      for (const value of [0, 1]) expect(yield* results.next()).toEqual({ done: false, value })
      expect((yield* results.next()).done).toBe(true)
      for (const child of children) yield* child.join()
    }))

  test('releases a pipe end in a call that no worker begins', () =>
    run(function* () {
      const pool = new Pool(1)
      const busy = pool.applyAsync(target('squareSleeping'), [1, 100_000])
      const [[early, left], [late, right]] = [Pipe(), Pipe()]
      expect(yield* failure(pool.apply(square, [early], { timeout: 1 }))).toBeInstanceOf(TimeoutError)
      early.close()
      expect(yield* failure(left.recv({ timeout: 5000 }))).toBeInstanceOf(EOFError)
      pool.applyAsync(square, [late])
      late.close()
      expect(yield* right.poll()).toBe(false)
      yield* pool.terminate()
      expect(yield* failure(right.recv({ timeout: 5000 }))).toBeInstanceOf(EOFError)
      expect(busy.successful()).toBe(false)
    }))

  test('releases a pipe end in a call with arguments that the worker cannot decode', () =>
    run(function* () {
      const pool = new Pool(1)
      const [given, kept] = Pipe()
      const result = pool.applyAsync(square, [new Unreadable(), given])
      given.close()
      expect((yield* failure(result.get())).message).toContain('pool.test.Unreadable')
      expect(yield* failure(kept.recv({ timeout: 5000 }))).toBeInstanceOf(EOFError)
      yield* pool.terminate()
    }))

  test.each(['apply', 'starmap'] as const)('releases a pipe end in the result of a killed %s', (how) =>
    run(function* () {
      const waitFor = { module: new URL('../fixtures/futures.mjs', import.meta.url), export: 'waitFor' }
      const pool = new Pool(1, { context: 'thread' })
      const [begun, go, [given, kept]] = [new Semaphore(0), new Event(), Pipe()]
      const args = [begun, go, given]
      const caller = spawn(function* () {
        yield* how === 'apply' ? pool.apply(waitFor, args) : pool.starmap(waitFor, [args])
      })
      yield* begun.acquire()
      given.close()
      yield* caller.kill()
      go.set()
      expect(yield* pool.apply(square, [3])).toBe(9)
      expect(yield* kept.poll()).toBe(false)
      yield* pool.terminate()
      expect(yield* failure(kept.recv({ timeout: 1000 }))).toBeInstanceOf(EOFError)
    }),
  )

  test('keeps open a pipe end that was sent to two workers, the first of which died, and then elsewhere', () =>
    run(function* () {
      const pool = new Pool(1, { retries: 1 })
      const [given, kept] = Pipe()
      yield* pool.apply(target('killFirst'), [new Event(), given])
      yield* pool.terminate()
      const queue = new Queue<typeof given>()
      yield* queue.put(given)
      given.close()
      expect(yield* kept.poll()).toBe(false)
      const got = yield* queue.get()
      yield* got.send(1)
      expect(yield* kept.recv()).toBe(1)
      got.close()
    }))

  test('does not hand on a task that nobody waits for any more', () =>
    run(function* () {
      const pool = new Pool(1, { retries: 1 })
      const queue = new Queue<number>()
      const caller = spawn(() => pool.apply(target('putPidAndStay'), [queue]))
      const pid = yield* queue.get()
      yield* caller.kill()
      process.kill(pid, 'SIGKILL')
      expect(yield* pool.apply(square, [3])).toBe(9)
      yield* pool.terminate()
    }))

  test('shares memory with threads, and refuses to share it with processes', () =>
    run(function* () {
      const memory = new SharedArrayBuffer(4)
      const threads = new Pool(1, { context: 'thread' })
      const back = yield* threads.apply<SharedArrayBuffer>(target('memory'), [memory])
      expect(new Int32Array(memory)[0]).toBe(1)
      expect(back).toBeInstanceOf(SharedArrayBuffer)
      const processes = new Pool(1)
      expect((yield* failure(processes.apply(target('memory'), [memory]))).message).toContain("context: 'thread'")
      const pid = yield* processes.apply(target('pid'))
      expect(yield* failure(processes.apply(target('makesMemory')))).toBeInstanceOf(MaybeEncodingError)
      expect(yield* failure(processes.map(target('makesMemory'), [1]))).toBeInstanceOf(MaybeEncodingError)
      expect((yield* failure(processes.apply(target('failsWithMemory')))).message).toBe('no more')
      expect(yield* processes.apply(target('pid'))).toBe(pid)
      yield* threads.terminate()
      yield* processes.terminate()
    }))

  test('refuses invalid arguments', () =>
    run(function* () {
      expect(() => new Pool(0)).toThrow('Expected `processes`')
      const tooMany = 'Expected `processes` to be a whole number from 1 to 32768, got 4294967296'
      expect(() => new Pool(2 ** 32)).toThrow(new RangeError(tooMany))
      expect(activeChildren()).toEqual([])
      expect(() => new Pool(1, { retries: -1 })).toThrow('Expected `retries`')
      expect(() => new Pool(1, { maxTasksPerChild: 0 })).toThrow('Expected `maxTasksPerChild`')
      expect(() => new Pool(1, { initializer: (() => 1) as never })).toThrow('Expected `initializer`')
      const pool = new Pool(1)
      expect(() => pool.apply((() => 1) as never)).toThrow('a function cannot go')
      expect(() => pool.map(square, 5 as never)).toThrow('Expected `items`')
      expect(() => pool.map(square, [], { chunksize: 0 })).toThrow('Expected `chunksize`')
      expect(() => pool.applyAsync(square, 5 as never)).toThrow('Expected `args`')
      yield* pool.terminate()
    }))
})
