import {
  AsyncResult,
  attempt,
  Condition,
  type Coroutine,
  coroutine,
  Event,
  getHub,
  isControlError,
  Lock,
  type Operation,
  Queue,
  RLock,
  Semaphore,
  shield,
  sleep,
  spawn,
  Timeout,
  until,
  wait,
  withTimeout,
} from '@greenlit/core'
import { virtualTime } from '@greenlit/core/testing'
import { describe, expect, test } from 'vitest'
import { program, raisedBy, turns } from '../support.ts'

/** Starts a timeout that is closed at the end of the block. */
function started(milliseconds?: number, exception?: ConstructorParameters<typeof Timeout>[1]) {
  const timeout = Timeout.startNew(milliseconds, exception)
  return { timeout, [Symbol.dispose]: () => timeout.close() }
}

describe('Timeout', () => {
  test(
    "is not raised if a busy program finds the wait ended as well: the wait's end comes first and cancels it",
    program(function* () {
      const waits: (() => Operation<unknown>)[] = [() => sleep(1), () => new Event().wait({ timeout: 1 })]
      const greenlets = waits.map((wait) => spawn(() => withTimeout(100, wait)))
      yield* turns(1)
      const until = performance.now() + 120
      while (performance.now() < until) {}
      expect([yield* greenlets[0]!, yield* greenlets[1]!]).toEqual([undefined, false])
    }),
  )

  test(
    'is raised even in a greenlet that is always about to run',
    program(function* () {
      using limit = started(1)
      const error = yield* raisedBy(
        coroutine(function* () {
          for (;;) yield* sleep(0)
        })(),
      )
      expect(error).toBe(limit.timeout)
    }),
  )

  test(
    'is raised where the greenlet that started it waits',
    program(function* () {
      using limit = started(3)
      expect(limit.timeout.pending).toBe(true)
      const error = yield* raisedBy(sleep(10_000))
      expect(error).toBe(limit.timeout)
      expect(error).toBeInstanceOf(Error)
      expect(isControlError(error)).toBe(true)
      expect(limit.timeout.pending).toBe(false)
      expect((error as Timeout).code).toBe('TIMEOUT')
      expect((error as Timeout).message).toBe('3 ms')
    }),
  )

  test(
    'a text is appended to its message',
    program(function* () {
      using limit = started(2, 'too slow')
      const error = yield* raisedBy(sleep(10_000))
      expect(error).toBe(limit.timeout)
      expect((error as Timeout).message).toMatch(/too slow$/)
    }),
  )

  test(
    'an error or error class is raised instead',
    program(function* () {
      const error = new RangeError('too slow')
      {
        using _limit = started(2, error)
        expect(yield* raisedBy(sleep(10_000))).toBe(error)
      }
      using _limit = started(2, RangeError)
      expect(yield* raisedBy(sleep(10_000))).toBeInstanceOf(RangeError)
      // The message of the timeout names the error that it raises.
      expect(new Timeout(2, error).message).toBe('2 ms: RangeError: too slow')
      expect(new Timeout(2, RangeError).message).toBe('2 ms: RangeError')
    }),
  )

  test(
    'a silent Timeout is raised when it is used without withTimeout',
    program(function* () {
      using limit = started(2, false)
      const error = yield* raisedBy(sleep(10_000))
      expect(error).toBe(limit.timeout)
      expect((error as Timeout).message).toMatch(/\(silent\)$/)
    }),
  )

  test(
    'a time of 0 or less expires in the next turn of the hub, undefined never',
    program(function* () {
      for (const milliseconds of [0, -5]) {
        using limit = started(milliseconds)
        expect(yield* raisedBy(sleep(50))).toBe(limit.timeout)
      }
      using limit = started()
      expect(limit.timeout.pending).toBe(false)
      yield* sleep(2)
    }),
  )

  test(
    'starting it twice throws, but after a cancel it may start again',
    program(function* () {
      const timeout = new Timeout(3)
      timeout.start()
      expect(() => timeout.start()).toThrow(/already started/)
      timeout.cancel()
      timeout.cancel()
      expect(timeout.pending).toBe(false)
      timeout.start()
      expect(yield* raisedBy(sleep(10_000))).toBe(timeout)
    }),
  )

  test(
    'startNew of a subclass makes one of that subclass',
    program(function* () {
      class Overdue extends Timeout {
        readonly task = 'report'
      }
      using timeout = Overdue.startNew(1)
      expect(yield* raisedBy(sleep(50))).toBe(timeout)
      expect([timeout instanceof Overdue, timeout.task]).toEqual([true, 'report'])
      expect(Overdue.startNew(timeout)).toBe(timeout)
    }),
  )

  test(
    'startNew with a Timeout starts it if need be, and returns it',
    program(function* () {
      const timeout = new Timeout(10_000)
      expect(Timeout.startNew(timeout)).toBe(timeout)
      expect(timeout.pending).toBe(true)
      expect(Timeout.startNew(timeout)).toBe(timeout)
      yield* timeout.close()
    }),
  )

  test(
    'a Timeout that is never cancelled is raised wherever its greenlet waits then',
    program(function* () {
      const timeout = (() => Timeout.startNew(4))()
      yield* sleep(0)
      expect(yield* raisedBy(sleep(10_000))).toBe(timeout)
    }),
  )

  test(
    'a Timeout whose greenlet has ended does nothing',
    program(function* () {
      yield* spawn(() => {
        Timeout.startNew(2)
      })
      yield* sleep(10)
    }),
  )

  test(
    'is raised in its own greenlet only',
    program(function* () {
      const other = spawn(() => sleep(15))
      const timed = spawn(function* () {
        using limit = started(3)
        return (yield* raisedBy(sleep(10_000))) === limit.timeout
      })
      expect(yield* timed).toBe(true)
      expect(yield* other).toBeUndefined()
    }),
  )

  test(
    'of two with equal deadlines the one that was started first is raised',
    program(function* () {
      using outer = started(5)
      using inner = started(5)
      expect(yield* raisedBy(sleep(10_000))).toBe(outer.timeout)
      expect(inner.timeout.pending).toBe(true)
    }),
  )

  test('a Timeout that plain code never cancels is raised where that waits then', async () => {
    const timeout = await coroutine(function* (): Coroutine<Timeout> {
      return Timeout.startNew(3)
    })()
    await expect(sleep(10_000)).rejects.toBe(timeout)
  })

  test('works in plain code', async () => {
    const timeout = Timeout.startNew(3)
    await expect(sleep(10_000)).rejects.toBe(timeout)
  })

  test('invalid arguments are rejected by the constructor', () => {
    for (const wrong of ['5', Number.NaN, {}]) expect(() => new Timeout(wrong as never)).toThrow(TypeError)
    for (const wrong of [5, {}, true, String]) expect(() => new Timeout(5, wrong as never)).toThrow(TypeError)
  })

  test(
    'passes through attempt, and is deferred by a shield',
    program(function* () {
      {
        using limit = started(2)
        expect(yield* raisedBy(attempt(sleep(10_000)))).toBe(limit.timeout)
      }
      using limit = started(2)
      const log: string[] = []
      const error = yield* raisedBy(
        shield(
          (function* () {
            yield* sleep(10)
            log.push('completed')
          })(),
        ),
      )
      expect(log).toEqual(['completed'])
      expect(error).toBe(limit.timeout)
    }),
  )
})

describe('withTimeout', () => {
  test(
    'returns the result of the function, and removes its timer',
    program(function* () {
      const timeout = new Timeout(10_000)
      expect(
        yield* withTimeout(timeout, function* () {
          expect(timeout.pending).toBe(true)
          yield* sleep(1)
          return 5
        }),
      ).toBe(5)
      expect(timeout.pending).toBe(false)
      expect(yield* withTimeout(undefined, () => 6)).toBe(6)
      expect(yield* withTimeout(10, async () => 7)).toBe(7)
    }),
  )

  test(
    'raises the Timeout on expiry, after the finally blocks',
    program(function* () {
      const log: string[] = []
      const error = yield* raisedBy(
        withTimeout(3, function* () {
          try {
            yield* sleep(10_000)
          } finally {
            yield* sleep(1)
            log.push('finally')
          }
        }),
      )
      expect(error).toBeInstanceOf(Timeout)
      expect((error as Timeout).milliseconds).toBe(3)
      expect(log).toEqual(['finally'])
    }),
  )

  test(
    'returns timeoutValue on expiry, even undefined',
    program(function* () {
      expect(yield* withTimeout(2, () => sleep(10_000), { timeoutValue: 'late' })).toBe('late')
      expect(yield* withTimeout(2, () => sleep(10_000), { timeoutValue: undefined })).toBeUndefined()
      expect(yield* withTimeout(0, () => sleep(50), { timeoutValue: 'late' })).toBe('late')
    }),
  )

  test(
    'leaves the block silently with `exception: false`, and the code after it runs',
    program(function* () {
      const log: string[] = []
      yield* withTimeout(
        2,
        function* () {
          yield* sleep(10_000)
          log.push('inside')
        },
        { exception: false },
      )
      log.push('after')
      expect(log).toEqual(['after'])
    }),
  )

  test(
    'raises a given exception instead, and never swallows it',
    program(function* () {
      const error = new RangeError('too slow')
      expect(yield* raisedBy(withTimeout(2, () => sleep(10_000), { exception: error }))).toBe(error)
      expect(
        yield* raisedBy(withTimeout(2, () => sleep(10_000), { exception: RangeError, timeoutValue: 1 })),
      ).toBeInstanceOf(RangeError)
    }),
  )

  test(
    'if the outer of two nested ones expires, leaves both blocks and goes on after the outer one',
    program(function* () {
      const log: string[] = []
      yield* withTimeout(
        5,
        function* () {
          yield* withTimeout(
            10_000,
            function* () {
              yield* sleep(10_000)
            },
            { exception: false },
          )
          log.push('after the inner')
        },
        { exception: false },
      )
      log.push('after the outer')
      expect(log).toEqual(['after the outer'])
    }),
  )

  test(
    'if the inner of two nested ones expires, leaves only the inner block',
    program(function* () {
      const log: string[] = []
      yield* withTimeout(10_000, function* () {
        yield* withTimeout(3, () => sleep(10_000), { exception: false })
        log.push('after the inner')
      })
      expect(log).toEqual(['after the inner'])
    }),
  )

  test(
    'keeps the inner Timeout pending while the outer one is raised inside the inner block',
    program(function* () {
      const [outer, inner] = [new Timeout(3), new Timeout(10_000)]
      const seen: boolean[] = []
      const error = yield* raisedBy(
        withTimeout(outer, () =>
          withTimeout(inner, function* () {
            try {
              yield* sleep(10_000)
            } finally {
              seen.push(outer.pending, inner.pending)
            }
          }),
        ),
      )
      expect(error).toBe(outer)
      expect(seen).toEqual([false, true])
      expect(inner.pending).toBe(false)
    }),
  )

  test(
    'does not swallow an outer Timeout, even with a timeoutValue',
    program(function* () {
      const outer = new Timeout(3)
      const error = yield* raisedBy(
        withTimeout(outer, () => withTimeout(10_000, () => sleep(20_000), { timeoutValue: 'inner' })),
      )
      expect(error).toBe(outer)
    }),
  )

  test(
    'does not swallow a Timeout that the function throws itself',
    program(function* () {
      const foreign = new Timeout(5)
      const error = yield* raisedBy(
        withTimeout(
          10_000,
          () => {
            throw foreign
          },
          { exception: false },
        ),
      )
      expect(error).toBe(foreign)
    }),
  )

  test(
    "passes the function's own error on, and removes its timer",
    program(function* () {
      const timeout = new Timeout(10_000, false)
      const error = yield* raisedBy(
        withTimeout(timeout, function* () {
          yield* sleep(0)
          throw new RangeError('boom')
        }),
      )
      expect((error as Error).message).toBe('boom')
      expect(timeout.pending).toBe(false)
    }),
  )

  test('works in plain code', async () => {
    expect(await withTimeout(2, () => sleep(10_000), { timeoutValue: 'late' })).toBe('late')
    await expect(withTimeout(2, () => until(new Promise(() => {})))).rejects.toBeInstanceOf(Timeout)
  })

  test('several concurrent calls in plain code each end their own work', async () => {
    const work = (limit: number, length: number) =>
      withTimeout(
        limit,
        function* () {
          yield* sleep(length)
          return 'done'
        },
        { timeoutValue: 'late' },
      )
    const results = await Promise.all([work(5, 10_000), work(10_000, 20), work(10, 10_000), work(10_000, 1)])
    expect(results).toEqual(['late', 'done', 'late', 'done'])
  })

  test('invalid arguments are rejected up front', () => {
    expect(() => withTimeout('5' as never, () => 1)).toThrow(TypeError)
    expect(() => withTimeout(5, 5 as never)).toThrow(TypeError)
    expect(() => withTimeout(5, () => 1, { exception: 5 as never })).toThrow(TypeError)
  })
})

describe('the timeout of a blocking call', () => {
  const held = new Lock()
  const calls: [string, (timeout: number | Timeout) => Operation<unknown>, unknown][] = [
    ['Event.wait', (timeout) => new Event().wait({ timeout }), false],
    ['AsyncResult.wait', (timeout) => new AsyncResult().wait({ timeout }), undefined],
    ['Semaphore.acquire', (timeout) => new Semaphore(0).acquire({ timeout }), false],
    ['Semaphore.wait', (timeout) => new Semaphore(0).wait({ timeout }), 0],
    ['Lock.acquire', (timeout) => held.acquire({ timeout }), false],
    ['Queue.join', (timeout) => new Queue(undefined, { items: [1] }).join({ timeout }), false],
    ['wait', (timeout) => wait([new Event()], { timeout }), []],
  ]
  void held.acquire().then()

  for (const [name, call, answer] of calls) {
    test(
      `makes ${name} return a value when it expires, while an outer Timeout is raised`,
      program(function* () {
        expect(yield* call(2)).toEqual(answer)
        const own = new Timeout(2)
        expect(yield* call(own)).toEqual(answer)
        expect(own.pending).toBe(false)
        using foreign = started(2)
        expect(yield* raisedBy(call(10_000))).toBe(foreign.timeout)
      }),
    )
  }

  test(
    'raises the custom exception of a given Timeout',
    program(function* () {
      const error = new RangeError('too slow')
      expect(yield* raisedBy(new Event().wait({ timeout: new Timeout(2, error) }))).toBe(error)
      expect(yield* raisedBy(new Queue().get({ timeout: new Timeout(2, error) }))).toBe(error)
    }),
  )

  test(
    'is cancelled when the call ends in time',
    program(function* () {
      const event = new Event()
      const waiter = spawn(function* () {
        yield* event.wait({ timeout: 10 })
        yield* sleep(20)
        return 'undisturbed'
      })
      yield* turns(1)
      event.set()
      expect(yield* waiter).toBe('undisturbed')
    }),
  )

  test(
    'is accepted by RLock and Condition too',
    program(function* () {
      const lock = new RLock()
      const holder = spawn(function* () {
        yield* lock.acquire()
        yield* sleep(10_000)
      })
      yield* sleep(0)
      expect(yield* lock.acquire({ timeout: 2 })).toBe(false)
      yield* holder.kill()
      const condition = new Condition()
      yield* condition.acquire()
      expect(yield* condition.wait({ timeout: 2 })).toBe(false)
      condition.release()
    }),
  )
})

test('the end of a block disposes of a timeout that it declares', () => {
  const timeout = Timeout.startNew(10_000)
  {
    using _timeout = timeout
    expect(timeout.pending).toBe(true)
  }
  expect(timeout.pending).toBe(false)
})

test('an invalid exception is rejected with a message that names the parameter', () => {
  expect(() => new Timeout(1, 42 as never)).toThrow('Expected `exception` to be an Error or a class of errors, got 42')
})

test(
  'an error class is instantiated only once, so that a constructor that throws cannot fail in the hub',
  program(function* () {
    let made = 0
    class Single extends Error {
      constructor() {
        super()
        made += 1
        if (made > 1) throw new Error('made twice')
      }
    }
    expect(yield* raisedBy(withTimeout(new Timeout(1, Single), () => sleep(50)))).toBeInstanceOf(Single)
  }),
)

test('a Timeout that limits a call stops when the call ends, and one that is already running goes on', async () => {
  const log = await virtualTime(function* (clock) {
    const event = new Event()
    const [limit, started] = [new Timeout(20), Timeout.startNew(30)]
    event.set()
    yield* event.wait({ timeout: limit })
    event.clear()
    const waiting = spawn(() => event.wait({ timeout: limit }))
    yield* sleep(10)
    event.set()
    yield* waiting
    const killed = spawn(() => new Event().wait({ timeout: limit }))
    yield* sleep(0)
    yield* killed.kill()
    const pending = limit.pending
    return [pending, yield* new Event().wait({ timeout: started }), clock.now()]
  })
  expect(log).toEqual([false, false, 30])
})

test('a running Timeout keeps the program alive unless `ref` is false', async () => {
  const hub = getHub()
  const [plain, weak] = [new Timeout(10_000), new Timeout(10_000, undefined, { ref: false })]
  weak.start()
  expect(await hub.join({ timeout: 1000 })).toBe(true)
  plain.start()
  expect(await hub.join({ timeout: 5 })).toBe(false)
  plain.close()
  expect(await hub.join({ timeout: 1000 })).toBe(true)
  weak.close()
})
