import {
  attempt,
  type Coroutine,
  Empty,
  Full,
  type Greenlet,
  getHub,
  isControlError,
  killall,
  type Semaphore,
  ShutDown,
  type SimpleQueue,
  selectQueue,
  shield,
  sleep,
  spawn,
  withTimeout,
} from '@greenlit/core'
import fc from 'fast-check'
import { expect } from 'vitest'

/** One step of a random greenlet. Times are in milliseconds; `at` chooses a queue or a greenlet. */
export type Step =
  | { readonly do: 'sleep'; readonly time: number }
  | { readonly do: 'put' | 'get'; readonly at: number; readonly time: number | undefined }
  | { readonly do: 'putNowait' | 'getNowait' | 'putInHub' | 'getInHub' | 'peek'; readonly at: number }
  | { readonly do: 'select'; readonly time: number | undefined }
  | { readonly do: 'kill'; readonly at: number; readonly waits: boolean; readonly fails: boolean }
  | { readonly do: 'hold'; readonly time: number | undefined; readonly steps: readonly Step[] }
  | { readonly do: 'limit'; readonly time: number; readonly steps: readonly Step[] }
  | { readonly do: 'cleanUp'; readonly time: number; readonly steps: readonly Step[] }
  | { readonly do: 'shield'; readonly time: number }
  | { readonly do: 'spawn'; readonly steps: readonly Step[] }

/** A random program: what each greenlet does. */
export type Program = readonly (readonly Step[])[]

const time = fc.integer({ min: 0, max: 6 })
const limit = fc.option(time, { nil: undefined })
const at = fc.nat(7)

const { steps } = fc.letrec<{ steps: Step[]; step: Step }>((tie) => ({
  steps: fc.array(tie('step'), { maxLength: 6 }),
  step: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('sleep' as const), time }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('put' as const, 'get' as const), at, time: limit }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constantFrom(
          'putNowait' as const,
          'getNowait' as const,
          'putInHub' as const,
          'getInHub' as const,
          'peek' as const,
        ),
        at,
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('kill' as const), at, waits: fc.boolean(), fails: fc.boolean() }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('shield' as const), time }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('select' as const), time: limit }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('hold' as const), time: limit, steps: tie('steps') }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('limit' as const), time, steps: tie('steps') }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('cleanUp' as const), time, steps: tie('steps') }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('spawn' as const), steps: tie('steps') }) },
  ),
}))

/** Random programs. */
export const programs: fc.Arbitrary<Program> = fc.array(steps, { minLength: 2, maxLength: 8 })

/** The state that the greenlets of a program share, and a record of what happened. */
export class QueueScenario {
  readonly put: number[][]
  readonly got: number[][]
  /** Items whose `put` failed, was killed or timed out. */
  readonly refused: number[] = []
  private readonly queues: readonly SimpleQueue<number>[]
  private readonly permits: Semaphore
  private readonly mostHolders: number
  private readonly greenlets: Greenlet<unknown>[] = []
  private holders = 0
  private begun = 0
  private cleanedUp = 0
  private linked = 0
  private items = 0

  constructor(queues: readonly SimpleQueue<number>[], permits: Semaphore) {
    this.queues = queues
    this.permits = permits
    this.mostHolders = permits.counter
    this.put = queues.map(() => [])
    this.got = queues.map(() => [])
  }

  /** Runs a program until it is quiescent, then kills the greenlets that still wait. */
  *run(program: Program): Coroutine<void> {
    for (const steps of program) this.spawn(steps)
    yield* sleep(1000)
    this.expectNoLostWakeup()
    yield* killall(this.greenlets)
    // Greenlets that were spawned by others in their cleanup, then the links of the last ones.
    yield* killall(this.greenlets)
    yield* sleep(0)
    expect(this.greenlets.filter((greenlet) => !greenlet.ready()).map(String)).toEqual([])
    expect([this.cleanedUp, this.linked, this.holders]).toEqual([this.begun, this.greenlets.length, 0])
    expect([this.permits.counter, this.permits.linkCount()]).toEqual([this.mostHolders, 0])
    for (const queue of this.queues) expect([queue.getters.length, queue.putters.length]).toEqual([0, 0])
  }

  /** Checks, once the program is quiescent, that no greenlet waits for something that is available. */
  private expectNoLostWakeup(): void {
    for (const [index, queue] of this.queues.entries()) {
      expect(queue.getters.length > 0 && queue.canTake, 'a getter waits although there is an item').toBe(false)
      expect(queue.putters.length > 0 && queue.canStore, 'a putter waits although there is room').toBe(false)
      for (const item of this.got[index]!) expect([...this.put[index]!, ...this.refused]).toContain(item)
    }
    expect(
      this.permits.linkCount() > 0 && this.permits.counter > 0,
      'a greenlet waits although there is a permit',
    ).toBe(false)
  }

  /** The items left in a queue. */
  left(index: number): number[] {
    const items: number[] = []
    const queue = this.queues[index]!
    while (queue.canTake) items.push(queue.getNowait())
    return items
  }

  private spawn(steps: readonly Step[]): void {
    const greenlet = spawn(() => this.runAndCount(steps))
    greenlet.rawlink(() => {
      this.linked += 1
    })
    this.greenlets.push(greenlet)
  }

  private *runAndCount(steps: readonly Step[]): Coroutine<void> {
    this.begun += 1
    try {
      yield* this.perform(steps)
    } finally {
      this.cleanedUp += 1
    }
  }

  private *perform(steps: readonly Step[]): Coroutine<void> {
    for (const step of steps) yield* this.step(step)
  }

  private *step(step: Step): Coroutine<void> {
    switch (step.do) {
      case 'sleep':
        yield* sleep(step.time)
        break
      case 'put':
        yield* this.putOne(step.at, step.time)
        break
      case 'get':
        yield* this.getOne(step.at, step.time)
        break
      case 'select':
        yield* this.select(step.time)
        break
      case 'peek':
        yield* attempt(this.queueAt(step.at).peek({ timeout: 1 }))
        break
      case 'putNowait':
        this.putNow(step.at)
        break
      case 'getNowait':
        this.getNow(step.at)
        break
      case 'putInHub':
        getHub().runCallback(() => this.putNow(step.at))
        break
      case 'getInHub':
        getHub().runCallback(() => this.getNow(step.at))
        break
      case 'kill': {
        const victim = this.greenlets[step.at % this.greenlets.length]!
        const killing = step.fails ? victim.kill(new Error('killed')) : victim.kill()
        if (step.waits) yield* killing
        break
      }
      case 'hold':
        yield* this.hold(step.time, step.steps)
        break
      case 'limit':
        yield* withTimeout(step.time, () => this.perform(step.steps), { timeoutValue: undefined })
        break
      case 'cleanUp':
        try {
          yield* this.perform(step.steps)
        } finally {
          yield* sleep(step.time)
        }
        break
      case 'shield':
        yield* shield(sleep(step.time))
        break
      case 'spawn':
        this.spawn(step.steps)
        break
    }
  }

  private queueAt(at: number): SimpleQueue<number> {
    return this.queues[at % this.queues.length]!
  }

  private *putOne(at: number, timeout: number | undefined): Coroutine<void> {
    const item = this.items++
    try {
      yield* this.queueAt(at).put(item, timeout === undefined ? undefined : { timeout })
      this.put[at % this.queues.length]!.push(item)
    } catch (error) {
      this.refused.push(item)
      if (isControlError(error) || !isRefusal(error)) throw error
    }
  }

  private *getOne(at: number, timeout: number | undefined): Coroutine<void> {
    try {
      const item = yield* this.queueAt(at).get(timeout === undefined ? undefined : { timeout })
      this.got[at % this.queues.length]!.push(item)
    } catch (error) {
      if (isControlError(error) || !isRefusal(error)) throw error
    }
  }

  private *select(timeout: number | undefined): Coroutine<void> {
    try {
      const [queue, item] = yield* selectQueue(this.queues, { timeout })
      this.got[this.queues.indexOf(queue)]!.push(item)
    } catch (error) {
      if (isControlError(error) || !isRefusal(error)) throw error
    }
  }

  private putNow(at: number): void {
    const item = this.items++
    try {
      this.queueAt(at).putNowait(item)
      this.put[at % this.queues.length]!.push(item)
    } catch (error) {
      this.refused.push(item)
      if (!isRefusal(error)) throw error
    }
  }

  private getNow(at: number): void {
    try {
      const item = this.queueAt(at).getNowait()
      this.got[at % this.queues.length]!.push(item)
    } catch (error) {
      if (!isRefusal(error)) throw error
    }
  }

  private *hold(timeout: number | undefined, steps: readonly Step[]): Coroutine<void> {
    if (!(yield* this.permits.acquire(timeout === undefined ? undefined : { timeout }))) return
    this.holders += 1
    try {
      expect(this.holders).toBeLessThanOrEqual(this.mostHolders)
      yield* this.perform(steps)
    } finally {
      this.holders -= 1
      this.permits.release()
    }
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Full || error instanceof Empty || error instanceof ShutDown
}
