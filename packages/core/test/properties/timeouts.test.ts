import { type Coroutine, Event, Queue, sleep, Timeout, withTimeout } from '@greenlit/core'
import { virtualTime } from '@greenlit/core/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seed } from './property.ts'

const RUNS = 1000

/** One step of a program of nested time limits. */
type Step =
  /** A sleep, or a wait that ends only by its own timeout, which gives a value (`wait`) or an error (`get`). */
  | { readonly do: 'sleep' | 'wait' | 'get'; readonly time: number }
  | { readonly do: 'limit'; readonly how: How; readonly time: number; readonly steps: readonly Step[] }
  | { readonly do: 'cleanUp'; readonly time: number; readonly steps: readonly Step[] }

/** How a limit is set, and what it does with its own expiry. */
type How = 'caught' | 'let through' | 'value'

const time = fc.integer({ min: 1, max: 6 })
const { steps } = fc.letrec<{ steps: Step[]; step: Step }>((tie) => ({
  steps: fc.array(tie('step'), { maxLength: 4 }),
  step: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('sleep' as const), time }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('wait' as const, 'get' as const), time }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('limit' as const),
        how: fc.constantFrom<How[]>('caught', 'let through', 'value'),
        time,
        steps: tie('steps'),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('cleanUp' as const), time, steps: tie('steps') }) },
  ),
}))

/** The model: limits fire in the order of their deadlines, of equal ones the one that was started first, and each at most once. */
class Model {
  /** What happened, and when. */
  readonly trace: string[] = []
  private now = 0
  private readonly limits: { deadline: number; fired: boolean }[] = []

  private sleep(time: number): void {
    const end = this.now + time
    let first: { deadline: number; fired: boolean } | undefined
    for (const limit of this.limits)
      if (!limit.fired && limit.deadline <= end && !(first && first.deadline <= limit.deadline)) first = limit
    this.now = Math.max(this.now, first?.deadline ?? end)
    if (first === undefined) return
    first.fired = true
    throw first
  }

  run(steps: readonly Step[]): void {
    for (const step of steps) this.step(step)
  }

  private step(step: Step): void {
    if (step.do === 'limit') {
      const limit = { deadline: this.now + step.time, fired: false }
      this.limits.push(limit)
      try {
        this.run(step.steps)
        this.trace.push(`${this.now} in time`)
      } catch (error) {
        this.trace.push(`${this.now} ${error === limit ? 'expired' : 'passed'}`)
        if (error !== limit || step.how === 'let through') throw error
      } finally {
        this.limits.pop()
      }
    } else if (step.do === 'cleanUp') {
      try {
        this.run(step.steps)
      } finally {
        this.sleep(step.time)
        this.trace.push(`${this.now} cleaned up`)
      }
    } else {
      this.sleep(step.time)
      this.trace.push(`${this.now} ${step.do}`)
    }
  }
}

/** The same with real limits. */
class Program {
  readonly trace: string[] = []
  private readonly now: () => number

  constructor(now: () => number) {
    this.now = now
  }

  *run(steps: readonly Step[]): Coroutine<void> {
    for (const step of steps) yield* this.step(step)
  }

  private *step(step: Step): Coroutine<void> {
    switch (step.do) {
      case 'sleep':
        yield* sleep(step.time)
        break
      case 'wait':
        expect(yield* new Event().wait({ timeout: step.time })).toBe(false)
        break
      case 'get':
        try {
          yield* new Queue().get({ timeout: step.time })
        } catch (error) {
          if ((error as Error).name !== 'Empty') throw error
        }
        break
      case 'limit':
        yield* this.limit(step.how, step.time, step.steps)
        return
      case 'cleanUp':
        try {
          yield* this.run(step.steps)
        } finally {
          yield* sleep(step.time)
          this.trace.push(`${this.now()} cleaned up`)
        }
        return
    }
    this.trace.push(`${this.now()} ${step.do}`)
  }

  private *limit(how: How, time: number, steps: readonly Step[]): Coroutine<void> {
    const limit = new Timeout(time)
    try {
      if (how === 'value') {
        const value = yield* withTimeout(limit, () => this.run(steps), { timeoutValue: 'expired' })
        this.trace.push(`${this.now()} ${value ?? 'in time'}`)
      } else {
        limit.start()
        yield* this.run(steps)
        this.trace.push(`${this.now()} in time`)
      }
    } catch (error) {
      this.trace.push(`${this.now()} ${error === limit ? 'expired' : 'passed'}`)
      if (error !== limit || how === 'let through') throw error
    } finally {
      limit.close()
    }
  }
}

test(`nested time limits expire in the order of their deadlines, each in its own block (seed ${seed})`, async () => {
  const check = async (steps: readonly Step[]): Promise<void> => {
    const model = new Model()
    let failed = false
    try {
      model.run(steps)
    } catch {
      failed = true
    }
    await virtualTime(function* (clock) {
      const program = new Program(() => clock.now())
      let error: unknown
      try {
        yield* program.run(steps)
      } catch (thrown) {
        error = thrown
      }
      expect(program.trace).toEqual(model.trace)
      expect(error instanceof Timeout).toBe(failed)
      // Nothing that is left over fires later.
      yield* sleep(100)
    })
  }
  await fc.assert(fc.asyncProperty(steps, check), { seed, numRuns: RUNS })
})
