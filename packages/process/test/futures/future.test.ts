import { Event, getHub, iwait, joinall, sleep, spawn, Timeout, wait as waitForAny } from '@greenlit/core'
import { CancelledError, Future, InvalidStateError, RuntimeError, TimeoutError } from '@greenlit/process/futures'
import { describe, expect, test } from 'vitest'
import { failure, guardLeaks, run } from '../guard.ts'

guardLeaks()

function futures() {
  const pending = new Future<number>()
  const running = new Future<number>()
  running.setRunningOrNotifyCancel()
  const cancelled = new Future<number>()
  cancelled.cancel()
  const failed = new Future<number>()
  failed.setException(new RangeError('bad'))
  const successful = new Future<number>()
  successful.setResult(42)
  return { pending, running, cancelled, failed, successful }
}

/** The results of a function for a future in each state. */
const ofEach = <R>(ask: (future: Future<number>) => R) =>
  Object.fromEntries(Object.entries(futures()).map(([state, future]) => [state, ask(future)]))

describe('Future', () => {
  test('reports its state', () => {
    const none = { pending: false, running: false, cancelled: false, failed: false, successful: false }
    expect(ofEach((future) => future.done())).toEqual({ ...none, cancelled: true, failed: true, successful: true })
    expect(ofEach((future) => future.running())).toEqual({ ...none, running: true })
    expect(ofEach((future) => future.cancelled())).toEqual({ ...none, cancelled: true })
    expect(ofEach(String)).toEqual({
      pending: '<Future pending>',
      running: '<Future running>',
      cancelled: '<Future cancelled>',
      failed: '<Future finished raised RangeError>',
      successful: '<Future finished returned number>',
    })
    const odd = new Future()
    odd.setException('words')
    expect(String(odd)).toBe('<Future finished raised string>')
  })

  test('can be cancelled until it runs, and repeatedly', () => {
    expect(ofEach((future) => [future.cancel(), future.cancelled()])).toEqual({
      pending: [true, true],
      running: [false, false],
      cancelled: [true, true],
      failed: [false, false],
      successful: [false, false],
    })
  })

  test('returns its result or error, or throws if it was cancelled or is not done in time', () =>
    run(function* () {
      const { pending, running, cancelled, failed, successful } = futures()
      for (const future of [pending, running]) {
        expect(yield* failure(future.result({ timeout: 0 }))).toBeInstanceOf(TimeoutError)
        expect(yield* failure(future.exception({ timeout: 0 }))).toBeInstanceOf(TimeoutError)
        expect(yield* failure(future.result({ timeout: 5 }))).toBeInstanceOf(TimeoutError)
      }
      expect(yield* failure(cancelled.result({ timeout: 0 }))).toBeInstanceOf(CancelledError)
      expect(yield* failure(cancelled.exception({ timeout: 0 }))).toBeInstanceOf(CancelledError)
      expect((yield* failure(failed.result({ timeout: 0 }))).message).toBe('bad')
      expect(yield* failed.exception({ timeout: 0 })).toBeInstanceOf(RangeError)
      expect(yield* successful.result({ timeout: 0 })).toBe(42)
      expect(yield* successful.exception({ timeout: 0 })).toBeUndefined()
      expect([yield* successful, yield* successful]).toEqual([42, 42])
    }))

  test('can be awaited in plain code', async () => {
    const { failed, successful } = futures()
    expect(await successful).toBe(42)
    await expect(Promise.resolve(failed)).rejects.toThrow('bad')
  })

  test('wakes its waiters however it ends', () =>
    run(function* () {
      const ended: [Future<number>, (future: Future<number>) => void, unknown][] = [
        [new Future<number>(), (future) => future.setResult(5), 5],
        [new Future<number>(), (future) => future.setException(new RangeError('late')), 'late'],
        [new Future<number>(), (future) => future.cancel(), 'The future was cancelled'],
      ]
      for (const [future, end, expected] of ended) {
        const waiters = [1, 2].map(() =>
          spawn(function* () {
            try {
              return yield* future.result({ timeout: 5_000 })
            } catch (error) {
              return (error as Error).message
            }
          }),
        )
        yield* sleep(0)
        end(future)
        yield* joinall(waiters)
        expect(waiters.map((waiter) => waiter.value)).toEqual([expected, expected])
      }
    }))

  test('throws a Timeout that was passed as its timeout, and its waits can be killed', () =>
    run(function* () {
      const future = new Future<number>()
      const limit = new Timeout(1)
      let thrown: unknown
      try {
        yield* future.result({ timeout: limit })
      } catch (error) {
        thrown = error
      }
      expect(thrown).toBe(limit)
      const waiter = spawn(() => future.result())
      yield* sleep(0)
      yield* waiter.kill()
      expect([waiter.dead, future.done()]).toEqual([true, false])
      expect(() => future.result({ timeout: 'soon' as never })).toThrow('Expected `timeout` to be a number')
    }))

  test('completes only once', () => {
    const { cancelled, failed, successful, running } = futures()
    expect(() => successful.setResult(1)).toThrow(InvalidStateError)
    expect(() => successful.setResult(1)).toThrow('<Future finished returned number>')
    expect(() => failed.setException(new Error('again'))).toThrow(InvalidStateError)
    expect(() => cancelled.setResult(1)).toThrow(InvalidStateError)
    expect(cancelled.setRunningOrNotifyCancel()).toBe(false)
    expect(new Future().setRunningOrNotifyCancel()).toBe(true)
    expect(() => running.setRunningOrNotifyCancel()).toThrow(RuntimeError)
    expect(() => successful.setRunningOrNotifyCancel()).toThrow(RuntimeError)
  })
})

describe('done callbacks', () => {
  test('are called in order with the future when it completes, before the setter returns', () => {
    for (const end of ['setResult', 'setException', 'cancel'] as const) {
      const future = new Future<unknown>()
      const calls: unknown[] = []
      future.addDoneCallback((self) => calls.push(1, self, self.done()))
      future.addDoneCallback(() => calls.push(2))
      future[end](new Error('value or error'))
      expect(calls[1]).toBe(future)
      expect([calls[0], ...calls.slice(2)]).toEqual([1, true, 2])
    }
  })

  test('are called immediately if it is already done', () => {
    const { cancelled, failed, successful } = futures()
    const all = [cancelled, failed, successful]
    const calls: unknown[] = []
    for (const future of all) future.addDoneCallback((self) => calls.push(all.indexOf(self)))
    expect(calls).toEqual([0, 1, 2])
  })

  test('can be coroutine functions or async functions, which may wait', () =>
    run(function* () {
      const { pending, successful } = futures()
      const taken: unknown[] = []
      const all = new Event()
      successful.addDoneCallback(function* (future) {
        taken.push(yield* future.result())
        taken.push(yield* pending.result())
      })
      successful.addDoneCallback(async (future) => {
        taken.push(await future)
        taken.push(await pending)
        all.set()
      })
      yield* sleep(1)
      expect(taken).toEqual([42, 42])
      pending.setResult(1)
      yield* all.wait()
      expect(taken).toEqual([42, 42, 1, 1])
    }))

  test('have their errors reported without affecting the other callbacks', () =>
    run(function* () {
      const reported: unknown[] = []
      const hub = getHub()
      const { handleError } = hub
      hub.handleError = (context, error) => reported.push(context, (error as Error).message)
      try {
        const future = new Future<number>()
        const calls: number[] = []
        const fail = () => {
          throw new Error('doh!')
        }
        future.addDoneCallback(fail)
        future.addDoneCallback(() => calls.push(2))
        future.setResult(5)
        future.addDoneCallback(fail)
        expect(calls).toEqual([2])
        expect(reported.map((item) => (item === future ? 'the future' : item))).toEqual([
          'the future',
          'doh!',
          'the future',
          'doh!',
        ])
        future.addDoneCallback(async () => fail())
        future.addDoneCallback(function* () {
          fail()
        })
        yield* sleep(1)
        expect(reported.filter((item) => item === 'doh!')).toHaveLength(4)
        expect(() => future.addDoneCallback(5 as never)).toThrow('Expected `callback` to be a function')
      } finally {
        hub.handleError = handleError
      }
    }))
})

test('core waits for futures together with greenlets', () =>
  run(function* () {
    const { pending, cancelled, failed, successful } = futures()
    const greenlet = spawn(function* () {
      yield* sleep(1)
      pending.setResult(1)
    })
    expect((yield* waitForAny([greenlet, pending, successful], { count: 1 }))[0]).toBe(successful)
    expect(yield* joinall([cancelled, failed, pending, greenlet])).toHaveLength(4)
    const other = new Future<number>()
    using arrivals = iwait([other, successful])
    expect((yield* arrivals.next()).value).toBe(successful)
    const link = () => {}
    other.rawlink(link)
    other.unlink(link)
  }))
