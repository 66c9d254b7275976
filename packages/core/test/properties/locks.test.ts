import {
  Barrier,
  BrokenBarrierError,
  Condition,
  type Coroutine,
  Event,
  type Greenlet,
  getcurrent,
  killall,
  RLock,
  sleep,
  spawn,
  withTimeout,
} from '@greenlit/core'
import fc from 'fast-check'
import { expect } from 'vitest'
import { property } from './property.ts'

/** What a greenlet does with the shared locks. Times are in milliseconds. */
type Step =
  | { readonly do: 'sleep'; readonly time: number }
  | { readonly do: 'set' | 'clear' | 'notifyAll' | 'reset' | 'abort' }
  | { readonly do: 'notify'; readonly count: number }
  | { readonly do: 'wait' | 'await' | 'pass'; readonly time: number | undefined }
  | { readonly do: 'kill'; readonly at: number; readonly fails: boolean }
  | { readonly do: 'hold'; readonly time: number | undefined; readonly steps: readonly Step[] }
  | { readonly do: 'limit'; readonly time: number; readonly steps: readonly Step[] }

const PARTIES = 3
const time = fc.integer({ min: 0, max: 6 })
const limit = fc.option(time, { nil: undefined })
const acts = fc.constantFrom('set' as const, 'clear' as const, 'notifyAll' as const, 'reset' as const, 'abort' as const)
const waits = fc.constantFrom('wait' as const, 'await' as const, 'pass' as const)

const { steps } = fc.letrec<{ steps: Step[]; step: Step }>((tie) => ({
  steps: fc.array(tie('step'), { maxLength: 6 }),
  step: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('sleep' as const), time }) },
    { weight: 3, arbitrary: fc.record({ do: acts }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('notify' as const), count: fc.nat(3) }) },
    { weight: 7, arbitrary: fc.record({ do: waits, time: limit }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('kill' as const), at: fc.nat(7), fails: fc.boolean() }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('hold' as const), time: limit, steps: tie('steps') }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('limit' as const), time, steps: tie('steps') }) },
  ),
}))

class KillError extends Error {}

class LockScenario {
  private readonly event = new Event()
  private readonly lock = new RLock()
  private readonly condition = new Condition()
  private readonly barrier = new Barrier(PARTIES, () => sleep(1))
  private readonly greenlets: Greenlet<unknown>[] = []
  private holder: unknown = undefined
  private depth = 0
  private inCondition = 0
  private notified = 0
  private woken = 0;

  *run(programs: readonly (readonly Step[])[]): Coroutine<void> {
    for (const steps of programs) this.greenlets.push(spawn(() => this.perform(steps)))
    yield* sleep(1000)
    yield* killall(this.greenlets)
    for (const { exception } of this.greenlets)
      expect(exception === undefined || exception instanceof KillError).toBe(true)
    expect([this.lock.locked(), this.condition.locked(), this.depth, this.inCondition]).toEqual([false, false, 0, 0])
    expect([this.event.linkCount(), this.barrier.nWaiting]).toEqual([0, 0])
    this.barrier.reset()
    const passing = Array.from({ length: PARTIES }, () => spawn(() => this.barrier.wait()))
    for (const [index, greenlet] of passing.entries()) expect(yield* greenlet).toBe(index)
  }

  private *perform(steps: readonly Step[]): Coroutine<void> {
    for (const step of steps) yield* this.step(step)
  }

  private *step(step: Step): Coroutine<void> {
    switch (step.do) {
      case 'sleep':
        yield* sleep(step.time)
        break
      case 'set':
        this.event.set()
        break
      case 'clear':
        this.event.clear()
        break
      case 'wait':
        if (!(yield* this.event.wait({ timeout: step.time }))) expect(step.time).not.toBe(undefined)
        break
      case 'notify':
        yield* this.notify(step.count)
        break
      case 'notifyAll':
        yield* this.notify(Infinity)
        break
      case 'await':
        yield* this.await(step.time)
        break
      case 'pass':
        yield* this.pass(step.time)
        break
      case 'reset':
        this.barrier.reset()
        break
      case 'abort':
        this.barrier.abort()
        break
      case 'kill': {
        const victim = this.greenlets[step.at % this.greenlets.length]!
        if (victim !== getcurrent()) victim.kill(step.fails ? new KillError() : undefined, { block: false })
        break
      }
      case 'hold':
        yield* this.hold(step.time, step.steps)
        break
      case 'limit':
        yield* withTimeout(step.time, () => this.perform(step.steps), { timeoutValue: undefined })
        break
    }
  }

  private *notify(count: number): Coroutine<void> {
    using _held = yield* this.condition.hold()
    this.notified += count
    if (count === Infinity) this.condition.notifyAll()
    else this.condition.notify(count)
    yield* this.expectExclusive()
  }

  private *expectExclusive(): Coroutine<void> {
    this.inCondition += 1
    try {
      expect(this.inCondition).toBe(1)
      yield* sleep(0)
    } finally {
      this.inCondition -= 1
    }
  }

  /** Waits on the condition, and checks that the lock is held again afterwards, however the wait ended. */
  private *await(timeout: number | undefined): Coroutine<void> {
    using _held = yield* this.condition.hold()
    try {
      if (yield* this.condition.wait({ timeout })) expect((this.woken += 1)).toBeLessThanOrEqual(this.notified)
      else expect(timeout).not.toBe(undefined)
    } finally {
      yield* this.expectExclusive()
    }
  }

  private *pass(timeout: number | undefined): Coroutine<void> {
    try {
      expect(yield* this.barrier.wait({ timeout })).toBeLessThan(PARTIES)
    } catch (error) {
      if (!(error instanceof BrokenBarrierError)) throw error
    }
  }

  private *hold(timeout: number | undefined, steps: readonly Step[]): Coroutine<void> {
    if (!(yield* this.lock.acquire({ timeout }))) return
    const me = getcurrent()
    expect(this.depth === 0 || this.holder === me, 'two greenlets hold the lock').toBe(true)
    this.holder = me
    this.depth += 1
    try {
      yield* this.perform(steps)
      expect(this.holder).toBe(me)
    } finally {
      this.depth -= 1
      this.lock.release()
    }
  }
}

const programs = fc.array(steps, { minLength: 2, maxLength: 8 })

property(
  'locks, conditions, barriers and events keep no greenlet waiting forever, and locks have one holder at a time',
  programs,
  (programs) => new LockScenario().run(programs),
)
