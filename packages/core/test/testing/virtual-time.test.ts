import { Event, joinall, LoopExit, sleep, spawn, until } from '@greenlit/core'
import { virtualTime } from '@greenlit/core/testing'
import { describe, expect, it } from 'vitest'
import { collectReports } from '../support.ts'

describe('virtualTime', () => {
  it('runs hours of sleeping at once, in order', async () => {
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

  it('throws what the program throws, and gives the real clock back', async () => {
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

  it('reports a program that waits for what nothing can bring', async () => {
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
