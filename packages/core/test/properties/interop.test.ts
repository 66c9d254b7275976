import { EventEmitter } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import {
  abortable,
  activeCount,
  type Coroutine,
  fromCallback,
  type Greenlet,
  isControlError,
  killall,
  type Operation,
  once,
  shield,
  sleep,
  spawn,
  Timeout,
  until,
  untilAborted,
  withTimeout,
} from '@greenlit/core'
import { useVirtualClock, watchLeaks } from '@greenlit/core/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { collectReports } from '../support.ts'
import { seed } from './property.ts'

const RUNS = 80
/** When the last source has settled and the last limit is over. */
const END = 16

type Kind = 'promise' | 'thenable' | 'callback' | 'emitter' | 'target' | 'abortable' | 'signal'

/** A source outside the hub, and the ticks at which it settles, counted from its beginning: never, once or more often. */
interface Settling {
  readonly kind: Kind
  readonly ticks: readonly number[]
  readonly fails: boolean
}

type Step =
  | { readonly do: 'wait'; readonly source: Settling; readonly timeout: number | undefined }
  | { readonly do: 'sleep' | 'shield'; readonly time: number }
  | { readonly do: 'limit'; readonly time: number; readonly steps: readonly Step[] }
  | { readonly do: 'cleanUp'; readonly steps: readonly Step[]; readonly after: Step }
  | { readonly do: 'kill'; readonly at: number; readonly fails: boolean; readonly waits: boolean }

const time = fc.nat(5)
const source: fc.Arbitrary<Settling> = fc.record({
  kind: fc.constantFrom<Kind[]>('promise', 'thenable', 'callback', 'emitter', 'target', 'abortable', 'signal'),
  ticks: fc.array(fc.nat(4), { maxLength: 3 }),
  fails: fc.boolean(),
})
const wait = fc.record({ do: fc.constant('wait' as const), source, timeout: fc.option(time, { nil: undefined }) })
const { steps } = fc.letrec<{ steps: Step[]; step: Step }>((tie) => ({
  steps: fc.array(tie('step'), { maxLength: 5 }),
  step: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 7, arbitrary: wait },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('sleep' as const, 'shield' as const), time }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('limit' as const), time, steps: tie('steps') }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('cleanUp' as const), steps: tie('steps'), after: wait }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('kill' as const),
        at: fc.nat(7),
        fails: fc.boolean(),
        waits: fc.boolean(),
      }),
    },
  ),
}))
const programs = fc.array(steps, { minLength: 1, maxLength: 6 })

class Failure extends Error {}
class KillError extends Error {}

/** A source at work: it settles by itself, and counts how it is used. */
class Source {
  settled = 0
  began = 0
  undone = 0
  /** How many listeners a finished wait left behind. */
  listeners: () => number = () => 0
  readonly error: Error = new Failure()
  private readonly settling: Settling
  private readonly later: (ticks: number, run: () => void) => void

  constructor(settling: Settling, later: (ticks: number, run: () => void) => void) {
    this.settling = settling
    this.later = later
  }

  /** Calls `settle` at each of its ticks; a tick of 0 is now. */
  private schedule(settle: (attempt: number) => void): void {
    this.began += 1
    const run = () => {
      this.settled += 1
      settle(this.settled)
    }
    for (const tick of this.settling.ticks) {
      if (tick === 0) run()
      else this.later(tick, run)
    }
  }

  /** Every later attempt to settle tries the opposite, which must not be seen. */
  private fails(attempt: number): boolean {
    return this.settling.fails === (attempt === 1)
  }

  private settle(resolve: (value: number) => void, reject: (error: Error) => void): void {
    this.schedule((attempt) => {
      if (this.fails(attempt)) reject(attempt === 1 ? this.error : new Error('too late'))
      else resolve(attempt)
    })
  }

  wait(options: { timeout?: number }): Operation<unknown> {
    switch (this.settling.kind) {
      case 'promise':
        return until(new Promise((resolve, reject) => this.settle(resolve, reject)), options)
      case 'thenable':
        return until(
          // Unlike a promise it settles more than once.
          {
            then: (resolve: (value: number) => void, reject: (error: Error) => void) => this.settle(resolve, reject),
          } as PromiseLike<number>,
          options,
        )
      case 'callback':
        return fromCallback<number>((resume) => {
          this.settle((value) => resume(undefined, value), resume)
          return () => {
            this.undone += 1
          }
        }, options)
      case 'abortable':
        return abortable((signal) => {
          signal.addEventListener('abort', () => {
            this.undone += 1
          })
          return new Promise<number>((resolve, reject) => this.settle(resolve, reject))
        }, options)
      case 'emitter': {
        const emitter = new EventEmitter()
        this.listeners = () => emitter.listenerCount('event') + emitter.listenerCount('error')
        this.schedule((attempt) => {
          const name = this.fails(attempt) ? 'error' : 'event'
          if (emitter.listenerCount(name) === 0) this.settled -= 1
          else emitter.emit(name, name === 'error' ? this.error : attempt)
        })
        return once(emitter, 'event', options)
      }
      case 'target': {
        const target = new EventTarget()
        this.schedule((attempt) => target.dispatchEvent(new Event(this.fails(attempt) ? 'error' : 'event')))
        return once(target, 'event', options)
      }
      case 'signal': {
        const controller = new AbortController()
        this.schedule((attempt) => controller.abort(attempt))
        return untilAborted(controller.signal, options)
      }
    }
  }
}

class Scenario {
  private readonly pending = new Map<number, (() => void)[]>()
  private readonly greenlets: Greenlet<void>[] = []
  private readonly sources: Source[] = []
  private tick = 0
  private begun = 0
  private ended = 0
  private linked = 0
  private readonly wrong: string[] = []

  private after(ticks: number, run: () => void): void {
    const tick = this.tick + ticks
    const runs = this.pending.get(tick) ?? []
    this.pending.set(tick, [...runs, run])
  }

  async run(programs: readonly (readonly Step[])[]): Promise<void> {
    using clock = useVirtualClock()
    for (const steps of programs) {
      const greenlet = spawn(() => this.counted(steps))
      greenlet.rawlink(() => {
        this.linked += 1
      })
      this.greenlets.push(greenlet)
    }
    while (this.tick < END) {
      await turn()
      for (const settle of this.pending.get(this.tick) ?? []) settle()
      this.pending.delete(this.tick)
      await turn()
      await clock.advance(1)
      this.tick += 1
    }
    const killing = killall(this.greenlets)
    await clock.advance(20_000)
    await killing
    await turn()
    expect(this.wrong).toEqual([])
    expect([this.ended, this.linked]).toEqual([this.begun, this.greenlets.length])
    for (const source of this.sources) expect(source.listeners()).toBe(0)
  }

  private *counted(steps: readonly Step[]): Coroutine<void> {
    this.begun += 1
    try {
      yield* this.perform(steps)
    } finally {
      this.ended += 1
    }
  }

  private *perform(steps: readonly Step[]): Coroutine<void> {
    for (const step of steps) yield* this.step(step)
  }

  private *step(step: Step): Coroutine<void> {
    switch (step.do) {
      case 'wait':
        yield* this.wait(step.source, step.timeout)
        break
      case 'sleep':
        yield* sleep(step.time)
        break
      case 'shield':
        yield* shield(sleep(step.time))
        break
      case 'limit':
        yield* withTimeout(step.time, () => this.perform(step.steps), { timeoutValue: undefined })
        break
      case 'cleanUp':
        try {
          yield* this.counted(step.steps)
        } finally {
          yield* this.step(step.after)
        }
        break
      case 'kill': {
        const victim = this.greenlets[step.at % this.greenlets.length]!
        const killing = victim.kill(step.fails ? new KillError() : undefined)
        if (step.waits) yield* killing
        break
      }
    }
  }

  /** Waits for a source, and checks that the outcome is the first one of the source and that what began is undone at most once. */
  private *wait(settling: Settling, timeout: number | undefined): Coroutine<void> {
    const source = new Source(settling, (ticks, run) => this.after(ticks, run))
    this.sources.push(source)
    const { kind } = settling
    const expectAll = (what: string, holds: boolean) => {
      if (!holds) this.wrong.push(`${what} of ${JSON.stringify({ settling, timeout })}, settled ${source.settled}`)
    }
    const hasUndo = kind === 'callback' || kind === 'abortable'
    try {
      const value = yield* source.wait(timeout === undefined ? {} : { timeout })
      if (kind === 'signal') expectAll('reason', value === 1 || (value === undefined && timeout !== undefined))
      else expectAll('value', source.settled > 0)
      if (hasUndo || kind === 'promise' || kind === 'thenable') expectAll('first value', value === 1 && !settling.fails)
      expectAll('undone at the normal end', source.undone === 0)
    } catch (error) {
      if (error === source.error) {
        expectAll('undone at the failure', source.undone === 0)
        if (hasUndo || kind === 'promise' || kind === 'thenable') expectAll('first error', settling.fails)
        return
      }
      if (error instanceof Error && error.message.includes('event of type error')) return
      expectAll('own error', error instanceof KillError || isControlError(error))
      if (hasUndo)
        expectAll('undone once', source.undone === source.began || (source.undone === 0 && source.settled > 0))
      if (!(error instanceof Timeout && timeout !== undefined)) throw error
    }
  }
}

test(`waits for the world outside see its first outcome, and leave nothing behind (seed ${seed})`, async () => {
  collectReports()
  const check = async (programs: readonly (readonly Step[])[]): Promise<void> => {
    const leaks = watchLeaks({ handles: false })
    await new Scenario().run(programs)
    expect(leaks.find()).toEqual({ greenlets: [], timers: 0, waits: 0, handles: [] })
    expect(activeCount()).toBe(1)
  }
  await fc.assert(fc.asyncProperty(programs, check), { seed, numRuns: RUNS })
})
