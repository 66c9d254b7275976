import {
  attempt,
  type Coroutine,
  type Greenlet,
  getcurrent,
  isControlError,
  killall,
  Pool,
  PoolFull,
  type RawGreenlet,
  sleep,
  spawn,
  withTimeout,
} from '@greenlit/core'
import fc from 'fast-check'
import { expect } from 'vitest'
import { property } from './property.ts'

interface MapStep {
  readonly do: 'map' | 'imap' | 'imapUnordered'
  readonly times: readonly number[]
  readonly reads: number
}

/** What one of the greenlets that use a pool does. Jobs take `time` milliseconds, and fail if that is 3. */
type Step =
  | { readonly do: 'sleep' | 'spawn' | 'start' | 'apply' | 'applyAsync'; readonly time: number }
  | MapStep
  | { readonly do: 'limit'; readonly time: number; readonly steps: readonly Step[] }
  | { readonly do: 'kill' | 'killone' | 'discard'; readonly at: number }
  | { readonly do: 'killPool'; readonly waits: boolean }

const time = fc.integer({ min: 0, max: 5 })
const { steps } = fc.letrec<{ steps: Step[]; step: Step }>((tie) => ({
  steps: fc.array(tie('step'), { maxLength: 5 }),
  step: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constantFrom(
          'sleep' as const,
          'spawn' as const,
          'start' as const,
          'apply' as const,
          'applyAsync' as const,
        ),
        time,
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constantFrom('map' as const, 'imap' as const, 'imapUnordered' as const),
        times: fc.array(time, { maxLength: 6 }),
        reads: fc.nat(7),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('limit' as const), time, steps: tie('steps') }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constantFrom('kill' as const, 'killone' as const, 'discard' as const),
        at: fc.nat(7),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('killPool' as const), waits: fc.boolean() }) },
  ),
}))

const scene = fc.record({
  size: fc.integer({ min: 1, max: 3 }),
  programs: fc.array(steps, { minLength: 1, maxLength: 6 }),
})

class Jobs {
  readonly pool: Pool
  readonly users: Greenlet<unknown>[] = []
  begun = 0
  ended = 0
  private readonly running = new Set<RawGreenlet>()
  private nonMembers = 0

  constructor(size: number) {
    this.pool = new Pool(size)
  }

  /** A job that sometimes applies another function through its own pool, which runs in place. */
  private readonly job = (time: number, index = time): Coroutine<number> => this.work(time, index)

  private *work(time: number, index: number): Coroutine<number> {
    const own = getcurrent()
    this.begun += 1
    this.running.add(own)
    try {
      expect(this.running.size).toBeLessThanOrEqual(this.pool.maxsize! + this.nonMembers)
      yield* sleep(time)
      if (time === 3) throw new Error('a job of 3')
      if (time === 5) return yield* this.pool.apply(() => index)
      return index
    } finally {
      this.ended += 1
      this.running.delete(own)
    }
  }

  *use(steps: readonly Step[]): Coroutine<void> {
    for (const step of steps) {
      try {
        yield* this.step(step)
      } catch (error) {
        if (isControlError(error)) throw error
        expect(error instanceof PoolFull || (error as Error).message === 'a job of 3').toBe(true)
      }
    }
  }

  private *step(step: Step): Coroutine<void> {
    const { pool } = this
    switch (step.do) {
      case 'sleep':
        yield* sleep(step.time)
        break
      case 'spawn':
        yield* pool.spawn(this.job, step.time)
        break
      case 'start': {
        const greenlet = spawn(this.job, 0)
        this.users.push(greenlet)
        // It already runs outside the pool, so one more job than the pool's size may be running.
        this.nonMembers += 1
        yield* pool.add(greenlet, { timeout: step.time })
        break
      }
      case 'apply':
        yield* pool.apply(this.job, [step.time, 7])
        break
      case 'applyAsync':
        this.users.push(pool.applyAsync(this.job, [step.time, 7]) as Greenlet<unknown>)
        break
      case 'map': {
        const results = yield* pool.map(([time, index]) => this.job(time, index), indexed(step.times))
        for (const [index, result] of results.entries()) {
          // The result of a killed call is its GreenletExit.
          if (!isControlError(result)) expect(result).toBe(index)
        }
        expect(results.length).toBe(step.times.length)
        break
      }
      case 'imap':
      case 'imapUnordered':
        yield* this.read(step)
        break
      case 'limit':
        yield* withTimeout(step.time, () => this.use(step.steps), { timeoutValue: undefined })
        break
      case 'kill':
        this.users[step.at % this.users.length]!.kill()
        break
      case 'killone':
      case 'discard': {
        const member = [...pool][step.at % pool.size]
        if (member === undefined) break
        if (step.do === 'killone') {
          yield* pool.killone(member)
        } else {
          this.nonMembers += 1
          pool.discard(member)
        }
        break
      }
      case 'killPool':
        if (step.waits) yield* pool.kill()
        else pool.kill()
        break
    }
  }

  private *read(step: MapStep): Coroutine<void> {
    const seen: number[] = []
    const maxsize = step.reads % 3
    const results = this.pool[step.do === 'imap' ? 'imap' : 'imapUnordered'](
      ([time, index]) => this.job(time, index),
      indexed(step.times),
      { maxsize },
    )
    try {
      for (let read = 0; read < step.reads; read += 1) {
        const next = yield* attempt(results.next())
        if (!next.ok) continue
        if (next.value.done) {
          expect(yield* results.next()).toEqual({ done: true, value: undefined })
          break
        }
        if (!isControlError(next.value.value)) seen.push(next.value.value)
      }
    } finally {
      results.close()
    }
    expect(new Set(seen).size).toBe(seen.length)
    if (step.do === 'imap') expect(seen).toEqual([...seen].sort())
  }
}

function indexed(times: readonly number[]): [time: number, index: number][] {
  return times.map((time, index) => [time, index])
}

property('a pool loses no place and no member, and never has more members than its size', scene, function* (scene) {
  const jobs = new Jobs(scene.size)
  const { pool } = jobs
  for (const steps of scene.programs) jobs.users.push(spawn(() => jobs.use(steps)) as Greenlet<unknown>)
  yield* sleep(1000)
  expect(jobs.users.filter((user) => !user.ready()).map(String)).toEqual([])
  yield* pool.kill()
  yield* killall(jobs.users)
  yield* sleep(10)
  expect([pool.size, pool.feeders.size, pool.freeCount(), jobs.ended]).toEqual([0, 0, scene.size, jobs.begun])
  expect(yield* pool.waitAvailable()).toBe(scene.size)
  expect(yield* pool.map((index) => index, [0, 1, 2, 3, 4])).toEqual([0, 1, 2, 3, 4])
})
