import {
  AsyncResult,
  attempt,
  type Coroutine,
  coroutine,
  GreenletExit,
  joinall,
  type Operation,
  Queue,
  sleep,
  spawn,
  Timeout,
  until,
  withTimeout,
} from '@greenlit/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { collectReports, program, raisedBy } from '../support.ts'

/** The names of the functions in a stack, from the innermost; those of Node and of the packages are left out. */
function callersIn(error: unknown): string[] {
  const frames = (error as Error).stack!.matchAll(/at (\w+) \(\S*call-lines\.test\.ts/g)
  return [...frames].map(([, name]) => name!)
}

function* waits<T>(operation: () => Operation<T>): Coroutine<T> {
  return yield* operation()
}

function* handles<T>(operation: () => Operation<T>): Coroutine<T> {
  return yield* waits(operation)
}

describe('the stack of an error that was made elsewhere has the lines of those who wait:', () => {
  test(
    'a rejected promise',
    program(function* () {
      const rejected = until(new Promise((_, reject) => setImmediate(() => reject(new Error('late')))))
      expect(callersIn(yield* raisedBy(handles(() => rejected)))).toEqual(['waits', 'handles'])
    }),
  )

  test(
    'the timeout of a call',
    program(function* () {
      const queue = new Queue<number>()
      expect(callersIn(yield* raisedBy(handles(() => queue.get({ timeout: 1 }))))).toEqual(['waits', 'handles'])
    }),
  )

  test(
    'a timeout of the block around',
    program(function* () {
      for (const operation of [() => new Queue<number>().get(), () => sleep(1000)]) {
        const raised = yield* raisedBy(withTimeout(1, () => handles<unknown>(operation)))
        expect(raised).toBeInstanceOf(Timeout)
        expect(callersIn(raised)).toEqual(['waits', 'handles'])
      }
    }),
  )

  test(
    'a failed greenlet, after its own lines',
    program(function* () {
      collectReports()
      const failing = spawn(function* fails() {
        throw new Error('lost')
      })
      expect(callersIn(yield* raisedBy(handles(() => failing.get())))).toEqual(['fails', 'waits', 'handles'])
    }),
  )

  test(
    'plain and wrapped coroutines in turn',
    program(function* () {
      const inner = coroutine(function* inner<T>(operation: () => Operation<T>): Coroutine<T> {
        return yield* handles(operation)
      })
      function* plain<T>(operation: () => Operation<T>): Coroutine<T> {
        return yield* inner(operation)
      }
      const outer = coroutine(function* outer<T>(operation: () => Operation<T>): Coroutine<T> {
        return yield* plain(operation)
      })
      const rejected = until(new Promise((_, reject) => setImmediate(() => reject(new Error('late')))))
      const names = callersIn(yield* raisedBy(outer(() => rejected)))
      expect(names).toEqual(['waits', 'handles', 'inner', 'plain', 'outer'])
    }),
  )
})

test(
  'the lines of the hub are left out, and a kill has none',
  program(function* () {
    const failed = yield* raisedBy(handles(() => until(Promise.reject(new Error('late')))))
    expect((failed as Error).stack).not.toContain('at advance')
    const sleeper = spawn(() => handles(() => sleep(1000)))
    yield* sleep(0)
    yield* sleeper.kill()
    const killed: unknown = sleeper.value
    expect(killed).toBeInstanceOf(GreenletExit)
    expect((killed as Error).stack).not.toContain('\n')
  }),
)

test(
  'a timeout that is started again shows only where it struck last',
  program(function* () {
    const timeout = new Timeout(1)
    function* first(): Coroutine<unknown> {
      timeout.start()
      return yield* sleep(1000)
    }
    function* second(): Coroutine<unknown> {
      timeout.start()
      return yield* new Queue().get()
    }
    for (const struck of [first, second]) expect(callersIn(yield* raisedBy(struck()))).toEqual([struck.name])
  }),
)

test(
  'of thousands of timeouts that pass at once, some have lines',
  program(function* () {
    const queue = new Queue<number>()
    const waiting = Array.from({ length: 2000 }, () =>
      spawn(() => raisedBy(withTimeout(1, () => handles(() => queue.get())))),
    )
    const raised = yield* joinall(waiting)
    const withLines = raised.filter(({ value }) => callersIn(value).length > 0)
    expect(withLines.length).toBeGreaterThan(0)
    expect(withLines.length).toBeLessThan(1000)
    for (const { value } of withLines) expect(callersIn(value)).toEqual(['waits', 'handles'])
  }),
)

test(
  'every level of nested calls has its line',
  program(function* () {
    const rejected = until(new Promise<never>((_, reject) => setImmediate(() => reject(new Error('late')))))
    const descend: (levels: number) => Operation<never> = coroutine(function* level(levels: number): Coroutine<never> {
      return levels > 1 ? yield* descend(levels - 1) : yield* rejected
    })
    const { stack } = (yield* raisedBy(descend(30))) as Error
    expect(stack!.match(/at level \(/g)).toHaveLength(30)
  }),
)

test(
  'each wait has at most as many lines as `Error.stackTraceLimit` says',
  program(function* () {
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 1
    onTestFinished(() => {
      Error.stackTraceLimit = limit
    })
    const failed = until(new Promise<never>((_, reject) => setImmediate(() => reject(new Error('late')))))
    expect(callersIn(yield* raisedBy(handles(() => failed)))).toEqual(['waits'])
  }),
)

test(
  'the stack of an error that many greenlets get stays bounded',
  program(function* () {
    const result = new AsyncResult<never>()
    const error = new Error('shared')
    const waiting = Array.from({ length: 1000 }, () => spawn(() => attempt(handles(() => result.get()))))
    yield* waiting[0]!.join({ timeout: 0 })
    result.setException(error)
    for (const one of waiting) expect(yield* one).toEqual({ ok: false, error })
    expect(callersIn(error).slice(0, 2)).toEqual(['waits', 'handles'])
    expect(error.stack!.length).toBeLessThan(20_000)
  }),
)

test(
  'an error that is frozen or has no stack stays as it is',
  program(function* () {
    const frozen = Object.freeze(new Error('frozen'))
    const bare = new Error('bare')
    delete bare.stack
    for (const error of [frozen, bare]) {
      const { stack } = error
      expect(yield* raisedBy(handles(() => until(Promise.reject(error))))).toBe(error)
      expect(error.stack).toBe(stack)
    }
  }),
)
