import { attempt, type Coroutine, GreenletExit, joinall, sleep, spawn } from '@greenlit/core'
import { Pool, ProcessDiedError } from '@greenlit/process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { guardLeaks, run } from '../guard.ts'
import { seed } from './seed.ts'

guardLeaks()

const RUNS = 4
const BAD = 3

const target = (name: string) => ({ module: new URL('../fixtures/pool.mjs', import.meta.url), export: name })

/** A call of the pool, and what disturbs it. */
interface Call {
  readonly kind: 'apply' | 'map' | 'imap' | 'imapUnordered' | 'dies'
  /** The arguments of tasks that return them, except one that fails. */
  readonly items: readonly number[]
  readonly chunksize: number
  readonly disturbance: 'none' | 'kill' | 'timeout'
  /** After how many turns of the hub the kill comes, or after how many milliseconds the timeout. */
  readonly after: number
}

const call: fc.Arbitrary<Call> = fc.record({
  kind: fc.constantFrom('apply', 'apply', 'map', 'map', 'imap', 'imapUnordered', 'dies'),
  items: fc.array(fc.nat(12), { minLength: 1, maxLength: 8 }),
  chunksize: fc.integer({ min: 1, max: 3 }),
  disturbance: fc.constantFrom('none', 'none', 'kill', 'timeout'),
  after: fc.nat(8),
})
const programs = fc.record({
  clients: fc.array(fc.array(call, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 5 }),
  maxTasksPerChild: fc.constantFrom(undefined, undefined, 1, 2, 5),
  workers: fc.integer({ min: 1, max: 2 }),
  /** After how many turns it is terminated, if it is. */
  terminated: fc.option(fc.nat(60), { nil: undefined, freq: 3 }),
})
type Program = typeof programs extends fc.Arbitrary<infer T> ? T : never

/** Makes the call. Returns its results, as far as it has got them, and its error. */
function* make(pool: Pool, { kind, items, chunksize, disturbance, after }: Call): Coroutine<unknown[]> {
  const limit = disturbance === 'timeout' ? { timeout: after } : {}
  if (kind === 'dies') return [yield* pool.apply(target('killSelf'), [], limit)]
  if (kind === 'apply') return [yield* pool.apply(target('failOn'), [items[0]!], limit)]
  if (kind === 'map') return yield* pool.map(target('failOn'), items, { chunksize, ...limit })
  const results: unknown[] = []
  const iterator = pool[kind](target('failOn'), items, { chunksize })
  for (;;) {
    const next = yield* attempt(iterator.next(limit))
    if (!next.ok) {
      // A task that fails leaves the others; anything else ends the iteration.
      if (!(next.error instanceof RangeError)) throw next.error
      results.push('bad')
    } else if (next.value.done) return results
    else results.push(next.value.value)
  }
}

function* perform(pool: Pool, call: Call, isTerminated: () => boolean): Coroutine<void> {
  const calling = spawn(() => attempt(make(pool, call)))
  if (call.disturbance === 'kill') {
    for (let turn = 0; turn < call.after; turn += 1) yield* sleep(turn % 2)
    yield* calling.kill()
  }
  const outcome: unknown = yield* calling
  if (outcome instanceof GreenletExit) return
  const { value, error } = outcome as { value?: unknown[]; error?: Error }
  if (error?.name === 'TimeoutError' && call.disturbance === 'timeout') return
  if (isTerminated() && error !== undefined) return
  const { kind } = call
  const items = kind === 'apply' ? call.items.slice(0, 1) : call.items
  if (kind === 'dies') expect(error).toBeInstanceOf(ProcessDiedError)
  else if ((kind === 'apply' || kind === 'map') && items.includes(BAD)) {
    expect(error).toMatchObject({ name: 'RangeError', message: `bad ${BAD}` })
  } else if (error !== undefined) throw error
  else {
    const expected = items.map((item) => (item === BAD ? 'bad' : item))
    const inOrder = (values: unknown[]) => (kind === 'imapUnordered' ? values.map(String).sort() : values)
    expect(inOrder(value!)).toEqual(inOrder(expected))
  }
}

test(`a pool gives each call its own results, whatever fails, dies, expires and is killed (seed ${seed})`, () => {
  const check = function* ({ clients, workers, maxTasksPerChild, terminated }: Program): Coroutine<void> {
    const pool = new Pool(workers, { ...(maxTasksPerChild !== undefined && { maxTasksPerChild }) })
    let isTerminated = false
    const greenlets = clients.map((calls) =>
      spawn(function* () {
        for (const call of calls) if (!isTerminated) yield* perform(pool, call, () => isTerminated)
      }),
    )
    if (terminated !== undefined) {
      for (let turn = 0; turn < terminated; turn += 1) yield* sleep(turn % 4)
      isTerminated = true
      yield* pool.terminate()
    }
    yield* joinall(greenlets, { raiseError: true })
    if (!isTerminated) {
      expect(yield* pool.map(target('square'), [1, 2, 3])).toEqual([1, 4, 9])
      yield* pool.close()
    }
    yield* pool.join()
  }
  return fc.assert(
    fc.asyncProperty(programs, (program) => run(() => check(program))),
    { seed, numRuns: RUNS, endOnFailure: true },
  )
})
