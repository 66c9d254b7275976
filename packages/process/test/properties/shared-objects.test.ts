import { attempt, type Coroutine, sleep, spawn, until } from '@greenlit/core'
import { type ContextName, Pipe, Process, Queue, Semaphore } from '@greenlit/process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
// @ts-expect-error It is also run by children, which read JavaScript.
import { act as untyped } from '../fixtures/actors.mjs'
import { guardLeaks, run } from '../guard.ts'
import { seed } from './seed.ts'

guardLeaks()

const RUNS = 20
const DEATHS = 2
const PERMITS = 2

interface Step {
  readonly kind: 'put' | 'get' | 'acquire'
  /** The time limit of the call. */
  readonly limit: number | undefined
  readonly isKilled: boolean
  /** After how many turns of the hub the kill comes, or how long a permit is held. */
  readonly turns: number
}

/** What happened in a step: the item that was put or got, or by how much the number of permits held changed. */
interface Report {
  readonly tried?: string
  readonly put?: string
  readonly refused?: string
  readonly got?: string
  readonly held?: number
  readonly failed?: string
}

interface Objects {
  readonly queue: Queue<string>
  readonly semaphore: Semaphore
}

const act = untyped as (
  objects: Objects,
  programs: readonly Step[][],
  name: string,
  report: (report: Report) => void,
) => Coroutine<void>

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('put', 'put', 'get', 'acquire'),
  limit: fc.constantFrom(undefined, 0, 1, 2, 3),
  isKilled: fc.boolean(),
  turns: fc.nat(6),
})
/** Puts without a time limit could wait for ever for room. */
const programs = fc.array(
  fc.array(
    step.map((step) => ({ ...step, limit: step.kind === 'put' ? (step.limit ?? 4) : step.limit })),
    { minLength: 1, maxLength: 12 },
  ),
  { minLength: 1, maxLength: 6 },
)
const both = fc.record({ ours: programs, its: programs })

const listOf = (reports: readonly Report[], name: 'tried' | 'put' | 'refused' | 'got'): string[] =>
  reports.flatMap((report) => report[name] ?? []).sort()

function* drain(queue: Queue<string>): Coroutine<string[]> {
  const items: string[] = []
  for (;;) {
    const taken = yield* attempt(queue.get({ block: false }))
    if (!taken.ok) return items
    items.push(taken.value)
  }
}

/** Asserts that the objects still work. */
function* assertUsable({ queue, semaphore }: Objects): Coroutine<void> {
  expect(yield* queue.qsize()).toBe(0)
  expect(yield* semaphore.getValue()).toBe(PERMITS)
  yield* queue.put('works')
  expect(yield* queue.get()).toBe('works')
}

function begin(context: ContextName) {
  const objects: Objects = { queue: new Queue<string>(3), semaphore: new Semaphore(PERMITS) }
  const [mine, its] = Pipe()
  const target = { module: new URL('../fixtures/actors.mjs', import.meta.url), export: 'actor' }
  const child = new Process({ target, args: [its, objects], context })
  child.start()
  its.close()
  return { objects, mine, child }
}

test.each(['process', 'thread'] as const)(
  `items and permits are conserved whatever is killed or expires, with a child in a %s (seed ${seed})`,
  (context) =>
    run(function* () {
      const { objects, mine, child } = begin(context)
      function* check({ ours, its }: { ours: Step[][]; its: Step[][] }): Coroutine<void> {
        const reports: Report[] = []
        yield* mine.send(its)
        yield* act(objects, ours, 'main', (report) => reports.push(report))
        reports.push(...((yield* mine.recv()) as Report[]))
        expect(reports.flatMap(({ failed }) => failed ?? [])).toEqual([])
        const got = [...listOf(reports, 'got'), ...(yield* drain(objects.queue))].sort()
        expect(new Set(got).size).toBe(got.length)
        // A put that is killed may have put its item already.
        expect(listOf(reports, 'tried')).toEqual(expect.arrayContaining(got))
        expect(got).toEqual(expect.arrayContaining(listOf(reports, 'put')))
        const refused = new Set(listOf(reports, 'refused'))
        expect(got.filter((item) => refused.has(item))).toEqual([])
        yield* assertUsable(objects)
      }
      const property = fc.asyncProperty(both, (program) => run(() => check(program)))
      // A program that fails leaves items and permits to the next one.
      yield* until(fc.assert(property, { seed, numRuns: RUNS, endOnFailure: true }))
      yield* mine.send(null)
      yield* child.join()
      expect(child.exitcode).toBe(0)
      mine.close()
    }),
)

test.each(['process', 'thread'] as const)(
  `a child in a %s that is killed at any moment takes no permit along, and no item that it has not got (seed ${seed})`,
  (context) =>
    run(function* () {
      const deaths = fc.sample(fc.record({ both, after: fc.nat(30) }), { seed, numRuns: DEATHS })
      for (const {
        both: { ours, its },
        after,
      } of deaths) {
        const { objects, mine, child } = begin(context)
        const reports: Report[] = []
        // The child has begun.
        yield* mine.send([])
        yield* mine.recv()
        yield* mine.send([...its, ...its, ...its])
        const acting = spawn(() => act(objects, ours, 'main', (report) => reports.push(report)))
        for (let turn = 0; turn < after; turn += 1) yield* sleep(turn % 2)
        yield* child.kill()
        yield* acting
        expect(reports.flatMap(({ failed }) => failed ?? [])).toEqual([])
        const got = [...listOf(reports, 'got'), ...(yield* drain(objects.queue))]
        expect(new Set(got).size).toBe(got.length)
        yield* assertUsable(objects)
        mine.close()
      }
    }),
)
