import { type Coroutine, Event, GreenletExit, shield, sleep, spawn, Timeout, withTimeout } from '@greenlit/core'
import { virtualTime } from '@greenlit/core/testing'
import { describe, expect, test } from 'vitest'
import { program, raisedBy, turns } from '../support.ts'

describe('shield', () => {
  test(
    'returns the result of the operation, or throws its error',
    program(function* () {
      expect(yield* shield(spawn(() => 5))).toBe(5)
      const error = new RangeError('boom')
      expect(
        yield* raisedBy(
          shield(
            (function* () {
              throw error
            })(),
          ),
        ),
      ).toBe(error)
    }),
  )

  test(
    'delivers a kill when the shield is left, before the code after it',
    program(function* () {
      const log: string[] = []
      const event = new Event()
      const greenlet = spawn(function* () {
        yield* shield(event.wait())
        log.push('after')
      })
      yield* sleep(0)
      greenlet.kill()
      yield* turns(2)
      expect(greenlet.dead).toBe(false)
      event.set()
      yield* greenlet.join()
      expect(log).toEqual([])
      expect(greenlet.value as unknown).toBeInstanceOf(GreenletExit)
    }),
  )

  test(
    'delivers the kill instead of the error of the operation',
    program(function* () {
      const greenlet = spawn(function* () {
        yield* shield(
          (function* () {
            yield* sleep(5)
            throw new RangeError('boom')
          })(),
        )
      })
      yield* sleep(0)
      yield* greenlet.kill()
      expect(greenlet.value as unknown).toBeInstanceOf(GreenletExit)
    }),
  )

  test(
    'delivers a kill when the outermost of nested shields is left',
    program(function* () {
      const log: string[] = []
      const greenlet = spawn(function* () {
        yield* shield(
          (function* () {
            yield* shield(sleep(3))
            log.push('still inside')
            yield* sleep(3)
            log.push('end')
          })(),
        )
        log.push('after')
      })
      yield* sleep(0)
      yield* greenlet.kill()
      expect(log).toEqual(['still inside', 'end'])
    }),
  )

  test(
    'delivers several deferred errors one after the other',
    program(function* () {
      const seen: string[] = []
      const greenlet = spawn(function* () {
        for (const wait of [() => shield(sleep(5)), () => sleep(10_000), () => sleep(10_000)]) {
          try {
            yield* wait()
          } catch (error) {
            seen.push((error as Error).message)
          }
        }
      })
      yield* sleep(0)
      for (const message of ['1', '2', '3']) greenlet.kill(new RangeError(message))
      yield* greenlet.join()
      expect(seen).toEqual(['1', '2', '3'])
    }),
  )

  test(
    'raises an expired timeout at its end',
    program(function* () {
      const log: string[] = []
      const error = yield* raisedBy(
        withTimeout(2, function* () {
          yield* shield(sleep(10))
          log.push('after')
        }),
      )
      expect(error).toBeInstanceOf(Timeout)
      expect(log).toEqual([])
    }),
  )

  test(
    'raises a timeout started inside without delay, or at the end of an inner shield',
    program(function* () {
      const forever = () => new Event().wait()
      const log: string[] = []
      const cleanup = function* (): Coroutine<void> {
        log.push(String(yield* withTimeout(2, forever, { timeoutValue: 'given up' })))
        const timeout = new Timeout(2)
        const within = function* (): Coroutine<void> {
          yield* shield(sleep(10))
          log.push('never')
        }
        expect(yield* raisedBy(withTimeout(timeout, within))).toBe(timeout)
        log.push('end')
      }
      const greenlet = spawn(function* () {
        yield* shield(cleanup())
        log.push('after')
      })
      yield* sleep(0)
      yield* greenlet.kill()
      expect(log).toEqual(['given up', 'end'])
      expect(greenlet.value as unknown).toBeInstanceOf(GreenletExit)
    }),
  )

  test(
    'does not defer the timeout of a blocking call',
    program(function* () {
      expect(yield* shield(new Event().wait({ timeout: 2 }))).toBe(false)
    }),
  )

  test('defers a kill without grace, and virtual time passes meanwhile', async () => {
    const elapsed = await virtualTime(function* (clock) {
      const greenlet = spawn(() => shield(sleep(100)))
      yield* sleep(1)
      yield* greenlet.kill({ grace: 0 })
      return clock.now()
    })
    expect(elapsed).toBe(100)
  })

  test('delivers of several timeouts only those whose blocks go on', async () => {
    await virtualTime(function* () {
      const inner = new Timeout(2)
      const outer = withTimeout(1, () => withTimeout(inner, () => shield(sleep(6))), { timeoutValue: 'outer' })
      expect(yield* outer).toBe('outer')
      expect(inner.pending).toBe(false)
      yield* sleep(3)
      const first = withTimeout(1, () => shield(sleep(6)), { timeoutValue: 'first' })
      const second = new Timeout(2)
      const both = withTimeout(second, function* () {
        expect(yield* first).toBe('first')
        yield* sleep(60_000)
      })
      expect(yield* raisedBy(both)).toBe(second)
    })
  })

  test('does not deliver a timeout that was closed behind it', async () => {
    await virtualTime(function* () {
      const timeout = Timeout.startNew(1)
      yield* shield(
        (function* () {
          yield* sleep(4)
          timeout.close()
        })(),
      )
      yield* sleep(2)
      expect(timeout.pending).toBe(false)
      timeout.start()
      expect(yield* raisedBy(sleep(5))).toBe(timeout)
    })
  })

  test('rejects anything but an operation up front', () => {
    expect(() => shield(5 as never)).toThrow(TypeError)
    expect(() => shield(Promise.resolve() as never)).toThrow(TypeError)
  })
})
