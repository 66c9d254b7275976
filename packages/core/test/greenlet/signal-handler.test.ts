import { Event, Greenlet, getcurrent, signalHandler, sleep } from '@greenlit/core'
import { expect, test } from 'vitest'
import { collectReports, program, turns } from '../support.ts'

const SIGNAL = 'SIGUSR2'

test(
  'the handler runs with its arguments in a new greenlet for each signal, and may block',
  program(function* () {
    const log: unknown[] = []
    const handled = new Event()
    const handler = signalHandler(
      SIGNAL,
      function* (name: string) {
        log.push(getcurrent() instanceof Greenlet)
        yield* sleep(1)
        log.push(name)
        handled.set()
      },
      'handled',
    )
    process.kill(process.pid, SIGNAL)
    yield* handled.wait({ timeout: 5000 })
    handled.clear()
    process.kill(process.pid, SIGNAL)
    yield* handled.wait({ timeout: 5000 })
    handler.cancel()
    expect(log).toEqual([true, 'handled', true, 'handled'])
  }),
)

test(
  'a cancelled handler does not run, and leaves no listener behind',
  program(function* () {
    const before = process.listenerCount(SIGNAL)
    const log: string[] = []
    const handler = signalHandler(SIGNAL, () => log.push('ran'))
    expect(process.listenerCount(SIGNAL)).toBe(before + 1)
    handler.cancel()
    handler.cancel()
    process.emit(SIGNAL)
    yield* turns(2)
    expect(log).toEqual([])
    expect(process.listenerCount(SIGNAL)).toBe(before)
  }),
)

test(
  'the error of a handler is reported',
  program(function* () {
    const reports = collectReports()
    const handler = signalHandler(SIGNAL, () => {
      throw new RangeError('boom')
    })
    process.emit(SIGNAL)
    yield* turns(2)
    handler.cancel()
    expect(reports.map(({ error }) => (error as Error).message)).toEqual(['boom'])
  }),
)

test('invalid arguments are rejected up front', () => {
  expect(() => signalHandler(5 as never, () => 1)).toThrow(TypeError)
  expect(() => signalHandler(SIGNAL, 5 as never)).toThrow(TypeError)
  expect(() => signalHandler('SIGNONSENSE', () => 1)).toThrow(RangeError)
})
