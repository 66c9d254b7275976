import {
  abortable,
  Event,
  fromCallback,
  green,
  iterate,
  joinall,
  LoopExit,
  type Operation,
  once,
  sleep,
  spawn,
  until,
  untilAborted,
} from '@greenlit/core'
import { virtualTime } from '@greenlit/core/testing'
import { describe, expect, it } from 'vitest'
import { collectReports } from '../support.ts'

describe('virtualTime', () => {
  it('runs hours of sleeping instantly, in order', async () => {
    const order: number[] = []
    const started = performance.now()
    const elapsed = await virtualTime(function* (clock) {
      const sleepers = [3, 1, 2].map((hours) =>
        spawn(function* () {
          yield* sleep(hours * 3_600_000)
          order.push(hours)
        }),
      )
      yield* joinall(sleepers)
      return clock.now()
    })
    expect(order).toEqual([1, 2, 3])
    expect(elapsed).toBe(3 * 3_600_000)
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  it('stands still while something real is waited for', async () => {
    const log: string[] = []
    await virtualTime(function* () {
      const sleeper = spawn(function* () {
        yield* sleep(60_000)
        log.push('slept')
      })
      yield* until(new Promise((resolve) => setTimeout(resolve, 20)))
      log.push('real')
      yield* sleeper
    })
    expect(log).toEqual(['real', 'slept'])
  })

  it('goes on after something real was waited for while no timer was left', async () => {
    const elapsed = await virtualTime(function* (clock) {
      yield* until(new Promise((resolve) => setTimeout(resolve, 5)))
      yield* sleep(60_000)
      return clock.now()
    })
    expect(elapsed).toBe(60_000)
  })

  it('ends with the program, whoever else still sleeps', async () => {
    let ticker: { kill(): unknown } | undefined
    const elapsed = await virtualTime(function* (clock) {
      ticker = spawn(function* () {
        for (;;) yield* sleep(10)
      })
      yield* sleep(25)
      return clock.now()
    })
    expect(elapsed).toBe(25)
    ticker!.kill()
  })

  const later = () => new Promise<string>((resolve) => setTimeout(resolve, 5, 'real'))
  const emitting = () => {
    const target = new EventTarget()
    setTimeout(() => target.dispatchEvent(new globalThis.Event('real')), 5)
    return target
  }
  it.each<[string, () => Operation<unknown>]>([
    ['until', () => until(later())],
    ['abortable', () => abortable(later)],
    ['untilAborted', () => untilAborted(AbortSignal.timeout(5))],
    ['fromCallback', () => fromCallback((resume) => void setTimeout(resume, 5))],
    ['once', () => once(emitting(), 'real')],
    ['iterate', () => iterate({ next: async () => ({ done: false, value: await later() }) }).next()],
    ['green', () => green({ later }).later()],
    ['green.callback', () => green.callback({ wait: (done: () => void) => void setTimeout(done, 5) }).wait()],
  ])('stands still for %s', async (_, wait) => {
    const elapsed = await virtualTime(function* (clock) {
      const sleeper = spawn(sleep, 60_000)
      yield* wait()
      sleeper.kill()
      return clock.now()
    })
    expect(elapsed).toBe(0)
  })

  it('throws what the program throws, and restores the real clock', async () => {
    collectReports()
    const failing = virtualTime(function* () {
      yield* sleep(1000)
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    const started = performance.now()
    await sleep(5)
    expect(performance.now() - started).toBeGreaterThan(1)
  })

  it('reports a program that waits for something that can never happen', async () => {
    let stuck: { kill(): unknown } | undefined
    const deadlocked = virtualTime(function* () {
      stuck = spawn(function* patient() {
        yield* new Event().wait()
      })
      yield* new Event().wait()
    })
    await expect(deadlocked).rejects.toBeInstanceOf(LoopExit)
    stuck!.kill()
  })
})
