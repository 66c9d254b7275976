import { attempt, type Coroutine, coroutine, getcurrent, sleep, spawn, Timeout, withTimeout } from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import { program, raisedBy } from '../support.ts'

const nested = coroutine(function* (levels: number): Coroutine<number> {
  if (levels === 0) {
    yield* sleep(0)
    return 0
  }
  return 1 + (yield* nested(levels - 1))
})

describe('coroutine(fn)', () => {
  test(
    'takes functions that are no coroutines too, as spawn does',
    program(function* () {
      const call = (fn: unknown) => coroutine(fn as () => Coroutine<unknown>)()
      expect(yield* call(() => 1)).toBe(1)
      expect(yield* call(async () => 2)).toBe(2)
      expect(yield* call(() => sleep(0))).toBeUndefined()
      expect(yield* call(() => spawn(() => 3))).toBe(3)
      expect(yield* raisedBy(call(async () => Promise.reject(new RangeError('boom'))))).toBeInstanceOf(RangeError)
      expect(yield* raisedBy(call(async function* () {}))).toBeInstanceOf(TypeError)
    }),
  )

  test('recursion to a depth of 100,000 finishes, whether the innermost call suspends or not', async () => {
    const flat = coroutine(function* (levels: number): Coroutine<number> {
      return levels === 0 ? 0 : 1 + (yield* flat(levels - 1))
    })
    expect(await nested(100_000)).toBe(100_000)
    expect(await flat(100_000)).toBe(100_000)
  })

  test('an error from a depth of 100,000 reaches the top', async () => {
    const failing = coroutine(function* (levels: number): Coroutine<never> {
      if (levels === 0) {
        yield* sleep(0)
        throw new Error('at the bottom')
      }
      return yield* failing(levels - 1)
    })
    expect(await attempt(failing(100_000))).toMatchObject({ ok: false, error: { message: 'at the bottom' } })
  })

  test('the stack of an error has a line for every level', async () => {
    const bottom = coroutine(function* bottom(): Coroutine<void> {
      yield* sleep(0)
      throw new Error('low')
    })
    const middle = coroutine(function* middle(): Coroutine<void> {
      yield* sleep(0)
      yield* bottom()
    })
    const top = coroutine(function* top(): Coroutine<void> {
      yield* middle()
    })
    const tried = await attempt(top())
    const stack = tried.ok ? '' : (tried.error.stack ?? '')
    const at = (name: string) => stack.indexOf(`at ${name}`)
    expect(at('bottom')).toBeGreaterThan(0)
    expect(at('middle')).toBeGreaterThan(at('bottom'))
    expect(at('top')).toBeGreaterThan(at('middle'))
  })

  test('an error stays the same if `Error.prepareStackTrace` returns no string', async () => {
    const error = new Error('low')
    const bottom = coroutine(function* () {
      yield* sleep(0)
      throw error
    })
    const top = coroutine(function* () {
      yield* bottom()
    })
    const { prepareStackTrace } = Error
    Error.prepareStackTrace = (_, sites) => sites
    try {
      expect(await attempt(top())).toEqual({ ok: false, error })
    } finally {
      Error.prepareStackTrace = prepareStackTrace
    }
  })

  test('a kill unwinds every level, each of which may block in its finally block', async () => {
    const log: string[] = []
    const level = coroutine(function* (depth: number): Coroutine<void> {
      try {
        if (depth === 3) yield* sleep(60_000)
        else yield* level(depth + 1)
      } finally {
        log.push(`${depth} begins`)
        yield* sleep(1)
        log.push(`${depth} ends`)
      }
    })
    const greenlet = spawn(level, 1)
    await sleep(0)
    await greenlet.kill()
    expect(log).toEqual(['3 begins', '3 ends', '2 begins', '2 ends', '1 begins', '1 ends'])
  })

  test('a timeout unwinds every level up to its withTimeout', async () => {
    const unwound: number[] = []
    const level = coroutine(function* (depth: number): Coroutine<void> {
      try {
        if (depth === 5) yield* sleep(60_000)
        else yield* level(depth + 1)
      } finally {
        yield* sleep(0)
        unwound.push(depth)
      }
    })
    const limited = await spawn(function* () {
      const error = yield* catchTimeout(withTimeout(5, () => level(1)))
      yield* sleep(0)
      return error
    })
    expect(limited).toBeInstanceOf(Timeout)
    expect(unwound).toEqual([5, 4, 3, 2, 1])
  })

  test('a level may catch the error of a deeper one that had suspended, and go on', async () => {
    const bottom = coroutine(function* (): Coroutine<void> {
      yield* sleep(0)
      throw new Error('retry')
    })
    const retrying = coroutine(function* (): Coroutine<number> {
      for (let tries = 1; ; tries += 1) {
        const tried = yield* attempt(bottom())
        if (tries === 3 && !tried.ok) return tries
      }
    })
    expect(await retrying()).toBe(3)
  })

  test('a method gets its object as `this`', async () => {
    class Counter {
      count = 0
      readonly add = coroutine(function* (this: Counter, by: number): Coroutine<number> {
        yield* sleep(0)
        this.count += by
        return this.count
      })
    }
    const counter = new Counter()
    expect(await counter.add(2)).toBe(2)
    expect(await counter.add(3)).toBe(5)
  })

  test('every level runs in the greenlet that called it', async () => {
    const deep = coroutine(function* (levels: number): Coroutine<unknown> {
      yield* sleep(0)
      return levels === 0 ? getcurrent() : yield* deep(levels - 1)
    })
    const greenlet = spawn(deep, 200)
    await greenlet.join()
    expect(greenlet.value).toBe(greenlet)
  })
})

function* catchTimeout(operation: ReturnType<typeof withTimeout>): Coroutine<unknown> {
  try {
    return yield* operation
  } catch (error) {
    if (!(error instanceof Timeout)) throw error
    return error
  }
}
