import {
  activeCount,
  type Coroutine,
  coroutine,
  Event,
  enumerate,
  FatalError,
  GreenletExit,
  Group,
  getcurrent,
  getHub,
  greenlet,
  kill,
  LoopExit,
  run,
  scope,
  signalHandler,
  sleep,
  spawn,
  withGreenlet,
} from '@greenlit/core'
import { afterEach, expect, test } from 'vitest'
import { collectReports, turns } from '../support.ts'

const listeners = () => [process.listenerCount('SIGINT'), process.listenerCount('SIGTERM')]
const [before, exitCode] = [listeners(), process.exitCode]

afterEach(() => {
  process.exitCode = exitCode
  expect(listeners()).toEqual(before)
  expect(activeCount()).toBe(1)
})

test('run calls main with its arguments and returns its result', async () => {
  expect(
    await run(
      function* (a: number, b: number) {
        yield* sleep(1)
        return a + b
      },
      1,
      2,
    ),
  ).toBe(3)
  expect(await run(() => 'plain')).toBe('plain')
  expect(await run(async () => 'async')).toBe('async')
})

test('run throws the error of main, which the hub does not report', async () => {
  const reports = collectReports()
  const error = new RangeError('boom')
  await expect(
    run(function* (): Coroutine<void> {
      yield* sleep(0)
      throw error
    }),
  ).rejects.toBe(error)
  await expect(
    run(() => {
      throw error
    }),
  ).rejects.toBe(error)
  expect(reports).toEqual([])
})

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`on ${signal} run kills all greenlets including main, waits for their finally blocks, and sets the exit status`, async () => {
    const log: string[] = []
    const running = run(function* () {
      spawn(function* () {
        try {
          yield* sleep(10_000)
        } finally {
          yield* sleep(3)
          log.push('child')
        }
      })
      try {
        yield* sleep(10_000)
      } finally {
        yield* sleep(1)
        log.push('main')
      }
    })
    expect(listeners()).not.toEqual(before)
    await sleep(1)
    process.emit(signal)
    expect((await running) as unknown).toBeInstanceOf(GreenletExit)
    expect(log).toEqual(['main', 'child'])
    expect(process.exitCode).toBe(status)
  })
}

test('concurrent calls of run share one listener for each signal, which ends them all', async () => {
  const stop = new Event()
  const stopped = run(() => stop.wait())
  const running = Array.from({ length: 20 }, () => run(() => sleep(10_000)))
  expect(listeners()).toEqual(before.map((count) => count + 1))
  stop.set()
  await stopped
  expect(listeners()).toEqual(before.map((count) => count + 1))
  process.emit('SIGTERM')
  expect(listeners()).toEqual(before)
  for (const one of running) expect((await one) as unknown).toBeInstanceOf(GreenletExit)
  expect(process.exitCode).toBe(143)
})

test('run listens for signals again after one has ended an earlier call', async () => {
  const started = new Event()
  const first = run(function* () {
    try {
      yield* sleep(10_000)
    } finally {
      yield* started.wait()
    }
  })
  await sleep(1)
  process.emit('SIGINT')
  const next = run(function* () {
    started.set()
    yield* sleep(10_000)
  })
  expect((await first) as unknown).toBeInstanceOf(GreenletExit)
  expect(listeners()).not.toEqual(before)
  process.emit('SIGINT')
  expect((await next) as unknown).toBeInstanceOf(GreenletExit)
})

test('a signal that arrives as main ends sets the exit status: Ctrl-C may first end the child that main waits for', async () => {
  await run(() => void setImmediate(() => process.emit('SIGINT')))
  expect(process.exitCode).toBe(130)
})

test('run leaves a signal to the handler that the program has for it, until that is cancelled', async () => {
  const log: string[] = []
  const cancelled = new Event()
  const running = run(function* () {
    const stop = new Event()
    const handlers = [signalHandler('SIGTERM', () => log.push('first')), signalHandler('SIGTERM', () => stop.set())]
    try {
      yield* stop.wait()
      yield* turns(3)
      log.push('stopped')
      for (const handler of [handlers[0]!, handlers[0]!, handlers[1]!]) {
        process.emit('SIGTERM')
        yield* turns(3)
        handler.cancel()
      }
      log.push('cancelled')
      cancelled.set()
      yield* sleep(10_000)
    } finally {
      log.push('killed')
    }
  })
  await coroutine(turns)(3)
  process.emit('SIGTERM')
  await cancelled.wait()
  expect(log).toEqual(['first', 'stopped', 'first', 'cancelled'])
  process.emit('SIGTERM')
  expect((await running) as unknown).toBeInstanceOf(GreenletExit)
  expect(log.at(-1)).toBe('killed')
  expect(process.exitCode).toBe(143)
})

test('a handler of another signal does not keep run from ending', async () => {
  const handler = signalHandler('SIGINT', () => {})
  const running = run(() => sleep(10_000))
  await sleep(1)
  process.emit('SIGTERM')
  expect((await running) as unknown).toBeInstanceOf(GreenletExit)
  handler.cancel()
})

test('cleanup after a signal is not cut short by the scope, group or caller that ends at the same time', async () => {
  const log: string[] = []
  function* child(name: string): Coroutine<void> {
    try {
      yield* sleep(10_000)
    } finally {
      yield* sleep(3)
      log.push(name)
    }
  }
  const running = run(function* () {
    const group = new Group()
    group.spawn(child, 'group')
    try {
      yield* withGreenlet(spawn(child, 'caller'), function* () {
        yield* scope(function* (nursery) {
          nursery.spawn(child, 'scope')
          yield* sleep(10_000)
        })
      })
    } finally {
      yield* group.kill()
      log.push('main')
    }
  })
  await sleep(1)
  process.emit('SIGTERM')
  expect((await running) as unknown).toBeInstanceOf(GreenletExit)
  expect(log.slice(0, 3).sort()).toEqual(['caller', 'group', 'scope'])
  expect(log[3]).toBe('main')
})

test('run rejects anything but a function', async () => {
  await expect(run(5 as never)).rejects.toThrow(TypeError)
  await expect(run((function* () {})() as never)).rejects.toThrow('pass the function, not its result')
})

test('a deadlock is raised where main waits, which may go on', async () => {
  const caught = await run(function* () {
    const errors: unknown[] = []
    const stuck = spawn(() => new Event().wait())
    for (const wait of [() => new Event().wait(), () => stuck.join(), () => stuck.get()]) {
      try {
        yield* wait()
      } catch (error) {
        errors.push(error)
      }
    }
    expect(stuck.dead).toBe(false)
    yield* stuck.kill()
    return errors
  })
  expect(caught.map((error) => error instanceof LoopExit)).toEqual([true, true, true])
  expect((caught[0] as LoopExit).message.match(/waits on Event\.wait/g)).toHaveLength(2)
})

test('a deadlock that main does not catch runs its finally blocks and rejects run', async () => {
  const log: string[] = []
  const running = run(function* () {
    try {
      yield* new Event().wait()
    } finally {
      yield* sleep(1)
      log.push('cleaned up')
    }
  })
  await expect(running).rejects.toThrow(LoopExit)
  expect(log).toEqual(['cleaned up'])
})

test('a FatalError, and a kill of the main greenlet, are raised where main waits', async () => {
  const fatal = new FatalError('stop')
  const outside = getcurrent()
  const caught = await run(function* () {
    const errors: unknown[] = []
    const fail = () => {
      throw fatal
    }
    for (const start of [() => spawn(fail), () => getHub().runCallback(fail), () => kill(outside, RangeError)]) {
      start()
      try {
        yield* sleep(10_000)
      } catch (error) {
        errors.push(error)
      }
    }
    return errors
  })
  expect(caught).toEqual([fatal, fatal, expect.any(RangeError)])
})

test('a greenlet made in plain code answers the main that switches to it', async () => {
  const doubler = greenlet(function* (value: number) {
    return value * 2
  })
  expect(await run(() => doubler.switch(21))).toBe(42)
})

test('an error of main goes to the caller of run alone', async () => {
  const reports = collectReports()
  const error = new RangeError('out')
  await expect(
    run(function* () {
      throw error
    }),
  ).rejects.toBe(error)
  const early = run(() => sleep(10_000))
  for (const one of enumerate().slice(1)) kill(one, error)
  await expect(early).rejects.toBe(error)
  expect(reports).toEqual([])
})
