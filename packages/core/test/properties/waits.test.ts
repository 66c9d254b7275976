import { EventEmitter, getEventListeners } from 'node:events'
import {
  AsyncResult,
  abortable,
  type Coroutine,
  Event,
  enumerate,
  fromCallback,
  killall,
  type Operation,
  once,
  Queue,
  Semaphore,
  shield,
  sleep,
  spawn,
  spawnLater,
  Timeout,
  until,
  untilAborted,
} from '@greenlit/core'
import { useVirtualClock, watchLeaks } from '@greenlit/core/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { collectReports } from '../support.ts'
import { seed } from './property.ts'

const RUNS = 150

class Failure extends Error {}
class Kill extends Error {}

/** What a wait is for: `begin` arranges that it ends after some time, with a failure or not, and `left` counts what it leaves behind. */
interface Source {
  begin(after: number, fails: boolean, timeout: number | undefined): Operation<unknown>
  left?(): number
}

/** Calls a function after some time, if ever. */
function later(after: number, call: () => void): void {
  if (after < Infinity) spawnLater(after, call)
}

const promised = (after: number, fails: boolean): Promise<string> =>
  new Promise((resolve, reject) => later(after, () => (fails ? reject(new Failure()) : resolve('done'))))

const SOURCES: Readonly<Record<string, () => Source>> = {
  until: () => ({
    begin(after, fails, timeout) {
      return until(promised(after, fails), { timeout })
    },
  }),
  abortable() {
    let running = 0
    return {
      begin(after, fails, timeout) {
        return abortable(
          (signal) => {
            running += 1
            signal.addEventListener('abort', () => (running -= 1))
            const end = (): void => void (running -= signal.aborted ? 0 : 1)
            const promise = promised(after, fails)
            promise.then(end, end)
            return promise
          },
          { timeout },
        )
      },
      left: () => running,
    }
  },
  fromCallback() {
    let running = 0
    return {
      begin(after, fails, timeout) {
        return fromCallback(
          (resume) => {
            running += 1
            later(after, () => {
              running = 0
              resume(fails ? new Failure() : null)
              resume(new Error('a second call'))
            })
            return () => void (running -= 1)
          },
          { timeout },
        )
      },
      left: () => running,
    }
  },
  once() {
    const emitter = new EventEmitter()
    emitter.on('error', () => {})
    return {
      begin(after, fails, timeout) {
        later(after, () => (fails ? emitter.emit('error', new Failure()) : emitter.emit('done')))
        return once(emitter, 'done', { timeout })
      },
      left: () => emitter.listenerCount('done') + emitter.listenerCount('error') - 1,
    }
  },
  untilAborted() {
    const controller = new AbortController()
    return {
      begin(after, fails, timeout) {
        later(after, () => controller.abort(new Failure()))
        return (function* (): Coroutine<void> {
          const reason = yield* untilAborted(controller.signal, { timeout })
          if (reason === undefined) throw new Timeout(timeout)
          if (fails) throw reason
        })() as never
      },
      left: () => getEventListeners(controller.signal, 'abort').length,
    }
  },
  result() {
    const result = new AsyncResult<string>()
    return {
      begin(after, fails, timeout) {
        later(after, () => void (fails ? result.setException(new Failure()) : result.set('done')))
        return result.get({ timeout })
      },
      left: () => result.linkCount(),
    }
  },
  event() {
    const event = new Event()
    return {
      begin(after, fails, timeout) {
        later(after, () => void event.set())
        return (function* (): Coroutine<void> {
          if (!(yield* event.wait({ timeout }))) throw new Timeout(timeout)
          if (fails) throw new Failure()
        })() as never
      },
      left: () => event.linkCount(),
    }
  },
  greenlet: () => ({
    begin(after, fails, timeout) {
      const waited = spawn(function* () {
        yield* sleep(after)
        if (fails) throw new Failure()
      })
      return waited.get({ timeout })
    },
  }),
  queue() {
    const queue = new Queue<boolean>()
    return {
      begin(after, fails, timeout) {
        later(after, () => void queue.putNowait(fails))
        return (function* (): Coroutine<void> {
          let failed: boolean
          try {
            failed = yield* queue.get({ timeout })
          } catch (error) {
            throw (error as Error).name === 'Empty' ? new Timeout(timeout) : error
          }
          if (failed) throw new Failure()
        })() as never
      },
    }
  },
  semaphore() {
    const semaphore = new Semaphore(0)
    return {
      begin(after, fails, timeout) {
        later(after, () => void semaphore.release())
        return (function* (): Coroutine<void> {
          if (!(yield* semaphore.acquire({ timeout }))) throw new Timeout(timeout)
          if (fails) throw new Failure()
        })() as never
      },
    }
  },
}

interface Step {
  readonly source: string
  /** When it ends; `Infinity` for never. */
  readonly after: number
  readonly fails: boolean
  readonly timeout: number | undefined
  readonly shielded: boolean
  readonly cleanUp: number
}

/** A unit of time, in milliseconds, so long that there is room for times which no two sums share. */
const UNIT = 1e6
const LONGEST = 12
const time = fc.integer({ min: 1, max: LONGEST })
interface Scene {
  readonly steps: readonly Step[]
  /** The times between kills. */
  readonly kills: readonly number[]
}
const scene: fc.Arbitrary<Scene> = fc.record({
  steps: fc.array(
    fc.record({
      source: fc.constantFrom(...Object.keys(SOURCES)),
      after: fc.option(time, { nil: Infinity }),
      fails: fc.boolean(),
      timeout: fc.option(time, { nil: undefined }),
      shielded: fc.boolean(),
      cleanUp: fc.nat(4),
    }) as fc.Arbitrary<Step>,
    { minLength: 1, maxLength: 6 },
  ),
  kills: fc.array(time, { maxLength: 6 }),
})

type Ended = 'done' | 'failure' | 'timeout' | 'kill'
/** What ends each step, and when. */
type Trace = (readonly [ended: Ended, at: number])[]

/** What must happen: each wait ends with the earliest of its end, its timeout and the first kill that no shield holds back. */
function expected(steps: readonly Step[], kills: readonly number[]): Trace {
  const trace: Trace = []
  let at = 0
  const coming = [...kills]
  for (const { after, fails, timeout = Infinity, shielded, cleanUp } of steps) {
    const settled = Math.min(after, timeout)
    let ended: Ended = timeout < after ? 'timeout' : fails ? 'failure' : 'done'
    const killed = coming[0] ?? Infinity
    if (killed < at + settled && !shielded) {
      coming.shift()
      at = Math.max(at, killed)
      ended = 'kill'
    } else {
      at += settled
      if (killed < at) {
        coming.shift()
        ended = 'kill'
      }
    }
    if (at === Infinity) return trace
    // The clean-up of a step may be cut short by a kill too.
    if (cleanUp > 0 && (coming[0] ?? Infinity) < at + cleanUp) {
      at = Math.max(at, coming.shift()!)
      ended = 'kill'
    } else {
      at += cleanUp
    }
    trace.push([ended, at])
  }
  return trace
}

test(`each wait ends once, with what comes first: its end, its timeout or a kill (seed ${seed})`, async () => {
  collectReports()
  await fc.assert(fc.asyncProperty(scene, play), { seed, numRuns: RUNS })
})

async function play(scene: Scene): Promise<void> {
  using clock = useVirtualClock()
  const leaks = watchLeaks({ handles: false })
  let unique = 0
  const spread = (value: number): number => value * UNIT + Math.floor(Math.abs(Math.sin((unique += 1) ** 2)) * UNIT)
  const steps = scene.steps.map((step) => ({
    ...step,
    // A shield that never ends could not be killed.
    after: spread(step.shielded ? Math.min(step.after, LONGEST) : step.after),
    timeout: step.timeout === undefined ? undefined : spread(step.timeout),
    cleanUp: step.cleanUp === 0 ? 0 : spread(step.cleanUp),
  }))
  const kills = scene.kills.map(spread).map((_, index, all) => all.slice(0, index + 1).reduce((sum, gap) => sum + gap))
  const trace: Trace = []
  const sources: Source[] = []
  const worker = spawn(function* () {
    for (const step of steps) {
      const source = SOURCES[step.source]!()
      sources.push(source)
      trace.push([yield* perform(step, source), clock.now()])
    }
  })
  for (const at of kills) spawnLater(at, () => worker.kill(new Kill()))
  await clock.advance(1e9)
  const model = expected(steps, kills)
  expect(worker.ready()).toBe(model.length === steps.length)
  expect(trace).toEqual(model)
  worker.kill()
  await clock.advance(1e9)
  expect(worker.ready()).toBe(true)
  expect(sources.map(({ left }) => left?.() ?? 0)).toEqual(sources.map(() => 0))
  await killall(enumerate().slice(1))
  expect(leaks.find()).toEqual({ greenlets: [], timers: 0, waits: 0, handles: [] })
}

/** Waits for a source, cleans up, and returns what the wait ended with. */
function* perform(step: Step, source: Source): Coroutine<Ended> {
  const { after, fails, timeout, shielded, cleanUp } = step
  try {
    try {
      const waiting = source.begin(after, fails, timeout)
      yield* shielded ? shield(waiting) : waiting
    } finally {
      if (cleanUp > 0) yield* sleep(cleanUp)
    }
    return 'done'
  } catch (error) {
    if (error instanceof Kill) return 'kill'
    if (error instanceof Failure) return 'failure'
    if (error instanceof Timeout) return 'timeout'
    throw error
  }
}
