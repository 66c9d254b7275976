import { getcurrent, gettrace, greenlet, settrace, sleep, spawn } from '@greenlit/core'
import { assertSwitches, FailedToSwitch } from '@greenlit/core/observe'
import { describe, expect, it } from 'vitest'
import { program, raisedBy, thrownBy } from '../support.ts'

/** Keeps the thread busy for some milliseconds. */
function block(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end) {
    // busy
  }
}

describe('assertSwitches', () => {
  it(
    'passes a block that waits, and returns its result',
    program(function* () {
      const value = yield* assertSwitches(function* () {
        yield* sleep(0)
        return 7
      })
      expect(value).toBe(7)
    }),
  )

  it(
    'fails a block that never waits',
    program(function* () {
      expect(yield* raisedBy(assertSwitches(() => 1))).toBeInstanceOf(FailedToSwitch)
      expect(yield* raisedBy(assertSwitches(function* () {}))).toMatchObject({ code: 'FAILED_TO_SWITCH' })
    }),
  )

  it(
    'does not hide an error of the block',
    program(function* () {
      const error = new Error('own')
      const failing = assertSwitches(() => {
        throw error
      })
      expect(yield* raisedBy(failing)).toBe(error)
      expect(gettrace()).toBe(undefined)
    }),
  )

  it(
    'takes a maxBlockingTime of 0 for none',
    program(function* () {
      yield* assertSwitches(() => sleep(0), { maxBlockingTime: 0 })
      expect(yield* raisedBy(assertSwitches(() => {}, { maxBlockingTime: 0 }))).toBeInstanceOf(FailedToSwitch)
    }),
  )

  it(
    'with maxBlockingTime passes a block that does nothing',
    program(function* () {
      yield* assertSwitches(() => {}, { maxBlockingTime: 1000 })
    }),
  )

  it(
    'with maxBlockingTime fails if a greenlet runs longer, even after it has waited',
    program(function* () {
      const blocks = [
        () => block(30),
        function* () {
          block(30)
          yield* sleep(0)
        },
        function* () {
          yield* sleep(0)
          block(30)
        },
      ]
      for (const fn of blocks) {
        expect(yield* raisedBy(assertSwitches(fn, { maxBlockingTime: 10 }))).toBeInstanceOf(FailedToSwitch)
      }
      yield* assertSwitches(() => sleep(30), { maxBlockingTime: 1000 })
    }),
  )

  it(
    'with hubOnly counts only switches to the hub',
    program(function* () {
      const other = () => {
        const back = getcurrent()
        return greenlet(function* () {
          yield* back.switch('back')
        })
      }
      const failing = spawn(function* () {
        yield* assertSwitches(() => other().switch())
        return yield* raisedBy(assertSwitches(() => other().switch(), { hubOnly: true }))
      })
      expect(yield* failing).toBeInstanceOf(FailedToSwitch)
      yield* assertSwitches(() => sleep(0), { hubOnly: true })
    }),
  )

  it(
    'with maxBlockingTime and hubOnly measures how long the hub did not run',
    program(function* () {
      const runGreenlets = function* () {
        const back = getcurrent()
        for (let turn = 0; turn < 20; turn += 1) {
          block(25)
          yield* greenlet(function* () {
            yield* back.switch()
          }).switch()
        }
        yield* sleep(0)
      }
      const failing = spawn(function* () {
        yield* assertSwitches(runGreenlets, { maxBlockingTime: 400 })
        return yield* raisedBy(assertSwitches(runGreenlets, { maxBlockingTime: 400, hubOnly: true }))
      })
      expect(yield* failing).toBeInstanceOf(FailedToSwitch)
      yield* assertSwitches(() => sleep(450), { maxBlockingTime: 400, hubOnly: true })
      const idle = assertSwitches(() => {}, { maxBlockingTime: 1000, hubOnly: true })
      expect(yield* raisedBy(idle)).toMatchObject({ message: expect.stringContaining('the hub') })
    }),
  )

  it(
    'can be nested, and leaves a tracer working',
    program(function* () {
      let traced = 0
      settrace(() => {
        traced += 1
      })
      const inner = assertSwitches(() => sleep(0))
      yield* assertSwitches(function* () {
        yield* inner
      })
      expect(traced).toBeGreaterThan(0)
      const failing = assertSwitches(function* () {
        yield* assertSwitches(() => {})
      })
      expect(yield* raisedBy(failing)).toBeInstanceOf(FailedToSwitch)
      const before = traced
      yield* sleep(0)
      expect(traced).toBeGreaterThan(before)
      expect(settrace(undefined)).not.toBe(undefined)
      expect(gettrace()).toBe(undefined)
    }),
  )

  it('rejects bad arguments up front', () => {
    expect(String(thrownBy(() => assertSwitches(1 as never)))).toContain('Expected `fn` to be a function')
    expect(thrownBy(() => assertSwitches(() => {}, { maxBlockingTime: 'x' as never }))).toBeInstanceOf(TypeError)
  })
})
