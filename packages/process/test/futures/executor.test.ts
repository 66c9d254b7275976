import { attempt, type Coroutine, each, joinall, sleep, spawn } from '@greenlit/core'
import {
  activeChildren,
  EOFError,
  Event,
  ThreadPoolExecutor as GeventExecutor,
  Pipe,
  ProcessDiedError,
  Semaphore,
  SerializationError,
} from '@greenlit/process'
import {
  BrokenProcessPool,
  BrokenThreadPool,
  CancelledError,
  Executor,
  type ExecutorOptions,
  FIRST_COMPLETED,
  ProcessPoolExecutor,
  RuntimeError,
  ThreadPoolExecutor,
  TimeoutError,
  wait,
} from '@greenlit/process/futures'
import { describe, expect, test } from 'vitest'
import { failure, guardLeaks, run } from '../guard.ts'

guardLeaks()
const target = (name: string, file = 'futures') => ({
  module: new URL(`../fixtures/${file}.mjs`, import.meta.url),
  export: name,
})

/** What calls wait on: `go` releases them, and each of them releases `begun` when it starts. */
function gate() {
  const begun = new Semaphore(0)
  const go = new Event()
  return {
    args: [begun, go] as const,
    open: () => go.set(),
    *untilBegun(count = 1): Coroutine<void> {
      for (let n = 0; n < count; n += 1) yield* begun.acquire()
    },
  }
}

/** Runs a coroutine with an executor, then shuts it down. */
function* using_<E extends Executor>(executor: E, use: (executor: E) => Coroutine<void>): Coroutine<void> {
  try {
    yield* use(executor)
  } finally {
    yield* executor.shutdown()
  }
}

describe.each([
  ['ThreadPoolExecutor', ThreadPoolExecutor, BrokenThreadPool],
  ['ProcessPoolExecutor', ProcessPoolExecutor, BrokenProcessPool],
] as const)('%s', (name, Kind, Broken) => {
  const make = (size: number, options?: ExecutorOptions): Executor => new Kind(size, options)

  test('releases a pipe end among the arguments of a cancelled call', () =>
    run(function* () {
      const executor = make(1)
      const { args, open, untilBegun } = gate()
      executor.submit(target('waitFor'), ...args)
      yield* untilBegun()
      const [[first, left], [second, right]] = [Pipe(), Pipe()]
      const future = executor.submit(target('pow'), first, 1)
      executor.submit(target('pow'), second, 1)
      first.close()
      second.close()
      expect([yield* left.poll(), yield* right.poll()]).toEqual([false, false])
      future.cancel()
      expect(yield* failure(left.recv({ timeout: 5000 }))).toBeInstanceOf(EOFError)
      const shutdown = executor.shutdown({ cancelFutures: true })
      expect(yield* failure(right.recv({ timeout: 5000 }))).toBeInstanceOf(EOFError)
      open()
      yield* shutdown
    }))

  test('submits calls whose futures have results and errors', () =>
    run(() =>
      using_(make(2), function* (executor) {
        expect(executor).toBeInstanceOf(Executor)
        const power = executor.submit<number>(target('pow'), 2, 8)
        const failing = executor.submit(target('divide'), 1, 0)
        expect(yield* power.result({ timeout: 20_000 })).toBe(256)
        const error = yield* failure(failing.result())
        expect(error).toBeInstanceOf(RangeError)
        expect([error.message, (error.cause as Error | undefined)?.name]).toEqual([
          'division by zero',
          name === 'ThreadPoolExecutor' ? undefined : 'RemoteTraceback',
        ])
        expect(error.stack).toContain('futures.mjs')
        expect(yield* failing.exception()).toBe(error)
        expect([power.done(), power.running(), power.cancelled()]).toEqual([true, false, false])
        expect(yield* failure(executor.submit(target('giveFunction')).result())).toHaveProperty(
          'code',
          'MAYBE_ENCODING',
        )
        const unsent = executor.submit(target('pow'), () => 1)
        expect(yield* unsent.exception()).toBeInstanceOf(SerializationError)
        expect(String(executor)).toBe(`<${name} running workers=2 unfinished=0>`)
      }),
    ))

  test('copies the arguments when submit is called', () =>
    run(() =>
      using_(make(1), function* (executor) {
        const list = [1, 2]
        const future = executor.submit<number>(target('length'), list)
        list.push(3)
        expect(yield* future).toBe(2)
      }),
    ))

  test('starts no more workers than needed, and reuses them', () =>
    run(() =>
      using_(make(3), function* (executor) {
        for (let n = 0; n < 3; n += 1) yield* executor.submit(target('pow'), n, 2)
        expect(String(executor)).toContain('workers=1')
        const { args, open, untilBegun } = gate()
        const futures = [1, 2, 3, 4, 5].map((n) => executor.submit<number>(target('waitFor'), ...args, n))
        yield* untilBegun(3)
        expect(String(executor)).toContain('workers=3 unfinished=5')
        open()
        const { done } = yield* wait(futures)
        expect(done.size).toBe(5)
      }),
    ))

  test('cancels only calls that have not started', () =>
    run(() =>
      using_(make(1), function* (executor) {
        const { args, open, untilBegun } = gate()
        const [running, waiting, last] = ['a', 'b', 'c'].map((n) =>
          executor.submit<string>(target('waitFor'), ...args, n),
        )
        yield* untilBegun()
        expect([running!.running(), waiting!.running()]).toEqual([true, false])
        const waiter = spawn(() => attempt(waiting!.result()))
        expect([running!.cancel(), waiting!.cancel(), waiting!.cancel()]).toEqual([false, true, true])
        expect(yield* waiter).toMatchObject({ ok: false, error: { code: 'CANCELLED' } })
        open()
        expect([yield* running!, yield* last!]).toEqual(['a', 'c'])
        expect([running!.cancel(), waiting!.cancelled()]).toEqual([false, true])
      }),
    ))

  test('core.wait and futures.wait see the first future that completes', () =>
    run(() =>
      using_(make(2), function* (executor) {
        const { args, open } = gate()
        const slow = executor.submit(target('waitFor'), ...args, 1)
        const quick = executor.submit(target('pow'), 2, 2)
        const { done, notDone } = yield* wait([slow, quick], { returnWhen: FIRST_COMPLETED })
        expect([done.has(quick), notDone.has(slow)]).toEqual([true, true])
        open()
        expect(yield* joinall([slow, quick])).toHaveLength(2)
      }),
    ))

  test('maps in order over the shortest of several iterables', () =>
    run(() =>
      using_(make(2), function* (executor) {
        const given: number[] = []
        for (const chunksize of [1, 3, 50]) {
          const powers = executor.map<number>(target('pow'), [1, 2, 3, 4], new Set([2, 3]), { chunksize })
          yield* each(powers, (power) => given.push(power))
        }
        yield* each(executor.map<number>(target('length'), ['a', 'bb']), (size) => given.push(size))
        const countless = function* () {
          for (;;) yield 2
        }
        yield* each(executor.map<number>(target('pow'), countless(), [1, 2]), (power) => given.push(power))
        expect(given).toEqual([1, 8, 1, 8, 1, 8, 1, 2, 2, 4])
      }),
    ))

  test('map closes the longer iterables, and those before one that fails', () =>
    run(() =>
      using_(make(1), function* (executor) {
        const closed: string[] = []
        function* items(name: string, count: number): Generator<number> {
          try {
            for (let item = 1; item <= count; item += 1) yield item
            if (name === 'failing') throw new Error('no more')
          } finally {
            closed.push(name)
          }
        }
        const powers = executor.map<number>(target('pow'), items('longer', 9), items('shortest', 1), items('other', 3))
        expect(closed.sort()).toEqual(['longer', 'other', 'shortest'])
        yield* each(powers, (power) => closed.push(String(power)))
        expect(() => executor.map(target('pow'), items('before', 9), items('failing', 1))).toThrow('no more')
        expect(closed.slice(3)).toEqual(['1', 'failing', 'before'])
      }),
    ))

  test('map ends with its first error, after the results that precede it', () =>
    run(() =>
      using_(make(1), function* (executor) {
        for (const chunksize of [1, 4]) {
          const quotients = executor.map<number>(target('divide'), [1, 4, 1, 1], [1, 2, 0, 1], { chunksize })
          expect([(yield* quotients.next()).value, (yield* quotients.next()).value]).toEqual([1, 2])
          expect((yield* failure(quotients.next())).message).toBe('division by zero')
          expect((yield* quotients.next()).done).toBe(true)
        }
      }),
    ))

  test('map with a buffersize takes items only as its results are read', () =>
    run(() =>
      using_(make(2), function* (executor) {
        const log: string[] = []
        function* countless(): Generator<number> {
          try {
            for (let item = 1; ; item += 1) {
              log.push(`take ${item}`)
              yield item
            }
          } finally {
            log.push('closed')
          }
        }
        for (const [chunksize, taken] of [
          [1, [2, 3, 4, 5]],
          [3, [6, 9, 9, 9]],
        ] as const) {
          log.length = 0
          const powers = executor.map<number>(target('pow'), countless(), countless(), { chunksize, buffersize: 2 })
          expect(log).toHaveLength(2 * taken[0])
          expect((yield* powers.next()).value).toBe(1)
          expect(log).toHaveLength(2 * taken[1])
          expect((yield* powers.next()).value).toBe(4)
          expect(log).toHaveLength(2 * taken[2])
          expect((yield* powers.next()).value).toBe(27)
          expect(log).toHaveLength(2 * taken[3])
          powers.close()
          expect(log.slice(-2)).toEqual(['closed', 'closed'])
          expect((yield* powers.next()).done).toBe(true)
        }
        for (const buffersize of [1, 3, 100, undefined, null] as number[]) {
          const sizes: number[] = []
          yield* each(executor.map<number>(target('length'), ['a', 'bb', ''], { buffersize }), (size) =>
            sizes.push(size),
          )
          expect(sizes).toEqual([1, 2, 0])
        }
        for (const buffersize of [0, -1, 1.5, '2'] as number[])
          expect(() => executor.map(target('length'), ['a'], { buffersize })).toThrow('Expected `buffersize`')
      }),
    ))

  test('map with a buffersize gives the results before an error of its items, or before the shutdown', () =>
    run(() =>
      using_(make(1), function* (executor) {
        function* failing(count: number): Generator<string> {
          for (let item = 0; item < count; item += 1) yield 'x'.repeat(item)
          throw new Error('no more')
        }
        expect(() => executor.map(target('length'), failing(1), { buffersize: 2 })).toThrow('no more')
        const sizes = executor.map<number>(target('length'), failing(3), { buffersize: 2 })
        for (const size of [0, 1, 2]) expect((yield* sizes.next()).value).toBe(size)
        expect((yield* failure(sizes.next())).message).toBe('no more')
        expect((yield* sizes.next()).done).toBe(true)
        const late = executor.map<number>(target('length'), ['', 'a', 'bb'], { buffersize: 2 })
        yield* executor.shutdown()
        for (const size of [0, 1]) expect((yield* late.next()).value).toBe(size)
        expect(yield* failure(late.next())).toBeInstanceOf(RuntimeError)
      }),
    ))

  test('the timeout of map counts from its call and cancels calls that have not started', () =>
    run(() =>
      using_(make(1), function* (executor) {
        const { args, open, untilBegun } = gate()
        const first = executor.submit(target('waitFor'), ...args, 'first')
        yield* untilBegun()
        const late = executor.map(target('waitFor'), [args[0]], [args[1]], ['second'], { timeout: 0 })
        expect(String(executor)).toContain('unfinished=2')
        expect(yield* failure(late.next())).toBeInstanceOf(TimeoutError)
        expect((yield* late.next()).done).toBe(true)
        expect(String(executor)).toContain('unfinished=1')
        const closed = executor.map(target('pow'), [1, 2], [1, 2])
        expect(String(executor)).toContain('unfinished=3')
        closed.close()
        expect(String(executor)).toContain('unfinished=1')
        open()
        expect(yield* first).toBe('first')
      }),
    ))

  test('map runs its calls before its results are requested, and can be iterated in plain code', async () => {
    const executor = make(2)
    const results = executor.map<number>(target('pow'), [1, 2, 3], [2, 2, 2])
    await executor.shutdown()
    const given: number[] = []
    for await (const power of results) given.push(power)
    expect(given).toEqual([1, 4, 9])
  })

  test('finishes its queued calls and refuses new ones after shutdown', () =>
    run(function* () {
      const executor = make(1)
      const { args, open } = gate()
      const futures = [1, 2, 3].map((n) => executor.submit<number>(target('waitFor'), ...args, n))
      executor.shutdown({ wait: false })
      executor.shutdown({ wait: false })
      for (const again of [() => executor.submit(target('pow'), 1, 1), () => executor.map(target('pow'), [1], [1])]) {
        expect(again).toThrow(RuntimeError)
        expect(again).toThrow('cannot schedule new futures after shutdown')
      }
      yield* executor.shutdown({ wait: false })
      expect(futures.every((future) => !future.done())).toBe(true)
      open()
      yield* executor.shutdown()
      expect(futures.every((future) => future.done())).toBe(true)
      expect(yield* futures[2]!).toBe(3)
      expect(String(executor)).toBe(`<${name} shut down workers=0 unfinished=0>`)
    }))

  test('shutdown with cancelFutures cancels calls that have not started', () =>
    run(function* () {
      const executor = make(1)
      const { args, open, untilBegun } = gate()
      const futures = [1, 2, 3].map((n) => executor.submit<number>(target('waitFor'), ...args, n))
      const results = executor.map(target('pow'), [1], [1])
      yield* untilBegun()
      const end = executor.shutdown({ cancelFutures: true })
      expect(futures.map((future) => future.cancelled())).toEqual([false, true, true])
      expect(yield* failure(results.next())).toBeInstanceOf(CancelledError)
      open()
      yield* end
      expect(yield* futures[0]!).toBe(1)
    }))

  test('is shut down at the end of its using block', async () => {
    let future: ReturnType<Executor['submit']>
    {
      await using executor = make(1)
      future = executor.submit(target('pow'), 2, 3)
    }
    expect(future.done()).toBe(true)
    {
      using executor = make(1)
      future = executor.submit(target('pow'), 2, 4)
    }
    expect(await future).toBe(16)
  })

  test('calls the initializer first in each worker', () =>
    run(() =>
      using_(make(2, { initializer: target('prepare', 'pool'), initargs: ['prepared'] }), function* (executor) {
        const futures = [1, 2, 3].map(() => executor.submit(target('preparedValue', 'pool')))
        for (const future of futures) expect(yield* future).toBe('prepared')
      }),
    ))

  test('is broken if its initializer fails', () =>
    run(() =>
      using_(make(2, { initializer: target('failToPrepare', 'pool') }), function* (executor) {
        const futures = [1, 2, 3].map((n) => executor.submit(target('pow'), n, n))
        for (const future of futures) {
          const error = yield* failure(future.result())
          expect(error).toBeInstanceOf(Broken)
          expect(error.message).toContain('cannot prepare')
        }
        expect(() => executor.submit(target('pow'), 1, 1)).toThrow(Broken)
        expect(String(executor)).toContain('broken')
      }),
    ))

  test('accepts options alone or after the number of workers, and rejects invalid ones', () => {
    const options = { maxWorkers: 2, initializer: target('prepare', 'pool') }
    for (const executor of [new Kind(), new Kind(options), new Kind(undefined, options)]) executor.shutdown()
    for (const number of [0, -1, 1.5, '2' as never]) {
      expect(() => new Kind(number)).toThrow('Expected `maxWorkers` to be a whole number from 1 up')
      expect(() => new Kind(2 ** 32)).toThrow(
        'Expected `maxWorkers` to be a whole number from 1 to 32768, got 4294967296',
      )
      expect(() => new Kind({ maxWorkers: number })).toThrow(typeof number === 'number' ? RangeError : TypeError)
    }
    expect(() => new Kind(1, { initializer: (() => {}) as never })).toThrow('Expected `initializer`')
    expect(() => new Kind(1, { initargs: 1 as never })).toThrow('Expected `initargs` to be an array')
    using executor = new Kind(1)
    expect(() => executor.submit((() => 1) as never)).toThrow('a function cannot go to another process')
    expect(() => executor.map(target('pow'), [1], 5 as never)).toThrow('Expected `iterables` to hold iterables, got 5')
    expect(() => executor.map(target('pow'))).toThrow('one iterable or more')
    expect(() => executor.map(target('pow'), [1], { chunksize: -1 })).toThrow(RangeError)
    expect(() => executor.map(target('pow'), [1], { timeout: 'soon' as never })).toThrow(TypeError)
    expect(() => executor.shutdown({ wait: 0 as never })).toThrow('Expected `wait` to be true or false, got 0')
    expect(() => executor.shutdown({ cancelFutures: 'no' as never })).toThrow('Expected `cancelFutures` to be')
    expect(String(executor)).toContain('running')
  })
})

describe('ThreadPoolExecutor', () => {
  test('is found beside the thread pool too, as in gevent', () => {
    expect(GeventExecutor).toBe(ThreadPoolExecutor)
  })

  test('names its threads', () =>
    run(() =>
      using_(new ThreadPoolExecutor(2, { threadNamePrefix: 'Special' }), function* (executor) {
        expect(yield* executor.submit(target('threadName', 'pool'))).toBe('Special_0')
        expect(() => new ThreadPoolExecutor(1, { threadNamePrefix: 5 as never })).toThrow('Expected `threadNamePrefix`')
        const other = new ThreadPoolExecutor(1)
        expect(yield* other.submit<string>(target('threadName', 'pool'))).toMatch(/^ThreadPoolExecutor-\d+_0$/)
        yield* other.shutdown()
      }),
    ))

  test('loses only the call of a thread that dies', () =>
    run(() =>
      using_(new ThreadPoolExecutor(1), function* (executor) {
        const dying = executor.submit(target('exitSelf'))
        const next = executor.submit(target('pow'), 2, 2)
        expect(yield* failure(dying.result())).toBeInstanceOf(ProcessDiedError)
        expect(yield* next).toBe(4)
      }),
    ))
})

test('calls can use process executors themselves, as in Python', () =>
  run(function* () {
    for (const executor of [new ProcessPoolExecutor(1), new ThreadPoolExecutor(1)]) {
      expect(yield* executor.submit(target('powElsewhere'), 2, 3)).toEqual([8, false])
      yield* executor.shutdown()
    }
  }))

describe('ProcessPoolExecutor', () => {
  test.each(['killSelf', 'exitSelf'])('is broken when a process dies: %s', (how) =>
    run(() =>
      using_(new ProcessPoolExecutor(2), function* (executor) {
        const { args, untilBegun } = gate()
        const running = executor.submit(target('waitFor'), ...args, 1)
        yield* untilBegun()
        const dying = executor.submit(target(how))
        const waiting = executor.submit(target('pow'), 1, 1)
        const mapped = executor.map(target('pow'), [1, 2], [1, 2])
        for (const future of [dying, running, waiting]) {
          const error = yield* failure(future.result())
          expect(error).toBeInstanceOf(BrokenProcessPool)
          expect(error.message).toContain(how === 'killSelf' ? 'signal 9' : 'exit code 7')
        }
        expect(yield* failure(mapped.next())).toBeInstanceOf(BrokenProcessPool)
        expect(() => executor.submit(target('pow'), 1, 1)).toThrow(BrokenProcessPool)
      }),
    ),
  )

  test('is broken when a process is killed that has only begun to start', () =>
    run(function* () {
      for (const verb of ['terminate', 'kill'] as const) {
        const before = new Set(activeChildren())
        yield* using_(new ProcessPoolExecutor(1), function* (executor) {
          const future = executor.submit(target('pow'), 2, 8)
          const [worker] = activeChildren().filter((child) => !before.has(child))
          worker![verb]()
          expect(yield* future.exception()).toBeInstanceOf(BrokenProcessPool)
          expect(() => executor.submit(target('pow'), 2, 8)).toThrow(BrokenProcessPool)
        })
      }
    }))

  test('is broken when an idle process dies', () =>
    run(() =>
      using_(new ProcessPoolExecutor(1), function* (executor) {
        process.kill(yield* executor.submit<number>(target('pid')), 'SIGKILL')
        while (!String(executor).includes('broken')) yield* sleep(1)
        expect(() => executor.submit(target('pid'))).toThrow(BrokenProcessPool)
      }),
    ))

  test.each(['terminateWorkers', 'killWorkers'] as const)('%s ends its processes and shuts it down', (verb) =>
    run(function* () {
      const executor = new ProcessPoolExecutor(1)
      const { args, untilBegun } = gate()
      const running = executor.submit(target('waitFor'), ...args)
      const queued = executor.submit(target('pow'), 1, 1)
      yield* untilBegun()
      const [worker] = activeChildren().slice(-1)
      yield* executor[verb]()
      expect(worker!.isAlive()).toBe(false)
      expect(worker!.exitcode).toBe(verb === 'killWorkers' ? -9 : -15)
      expect(yield* running.exception()).toBeInstanceOf(BrokenProcessPool)
      expect(queued.cancelled()).toBe(true)
      expect(() => executor.submit(target('pow'), 1, 1)).toThrow(RuntimeError)
      yield* executor[verb]()
      yield* executor.shutdown()
      const idle = new ProcessPoolExecutor(1)
      yield* idle[verb]()
      expect(() => idle.submit(target('pow'), 1, 1)).toThrow(RuntimeError)
    }),
  )

  test('does not hang if a process dies after the shutdown', () =>
    run(function* () {
      const executor = new ProcessPoolExecutor(2)
      const { args, open, untilBegun } = gate()
      const dying = executor.submit(target('waitAndDie'), ...args)
      yield* untilBegun()
      const end = executor.shutdown()
      open()
      yield* end
      expect(yield* dying.exception()).toBeInstanceOf(BrokenProcessPool)
    }))

  test('replaces a process after maxTasksPerChild calls', () =>
    run(function* () {
      const executor = new ProcessPoolExecutor(1, { maxTasksPerChild: 2 })
      const futures = [1, 2, 3, 4, 5].map(() => executor.submit<number>(target('pid')))
      yield* executor.shutdown()
      const pids: number[] = []
      for (const future of futures) pids.push(yield* future)
      expect([pids[0] === pids[1], pids[1] === pids[2], new Set(pids).size]).toEqual([true, false, 3])
    }))

  test('runs on threads with mpContext', () =>
    run(() =>
      using_(new ProcessPoolExecutor({ maxWorkers: 1, mpContext: 'thread' }), function* (executor) {
        expect(yield* executor.submit(target('pid'))).toBe(process.pid)
        expect(() => new ProcessPoolExecutor(1, { mpContext: 'fork' as never })).toThrow('fork')
        expect(() => new ProcessPoolExecutor(1, { maxTasksPerChild: 0 })).toThrow('Expected `maxTasksPerChild`')
      }),
    ))
})
