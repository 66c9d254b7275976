import type { IncomingMessage, ServerResponse } from 'node:http'
import { activeCount, type Coroutine, GreenletExit, joinall, sleep, spawn } from '@greenlit/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { imapEnumerated, map } from '../../src/batch/map.ts'
import { Session } from '../../src/session/session.ts'
import { guardLeaks } from '../support/guard.ts'
import { loopTurns } from '../support/loop-turns.ts'
import { useClosing } from '../support/session.ts'
import { startSite } from '../support/site.ts'
import { seed } from './seed.ts'

guardLeaks()

const RUNS = 25

/** A batch of requests, and what disturbs it. */
interface Batch {
  readonly kind: 'map' | 'imapEnumerated'
  /** How each is answered: after how many turns of the event loop, and whether the connection breaks off. */
  readonly answers: readonly { readonly turns: number; readonly breaks: boolean }[]
  readonly size: number
  /** After how many turns it is killed. */
  readonly killed: number | undefined
  /** How many outcomes are taken before the iterator is closed. */
  readonly taken: number
}

const batches: fc.Arbitrary<readonly Batch[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('map', 'imapEnumerated'),
    answers: fc.array(fc.record({ turns: fc.nat(6), breaks: fc.nat(4).map((number) => number === 4) }), {
      maxLength: 12,
    }),
    size: fc.integer({ min: 1, max: 5 }),
    killed: fc.option(fc.nat(20), { nil: undefined }),
    taken: fc.nat(24),
  }),
  { minLength: 1, maxLength: 4 },
)

let sizes: readonly number[] = []
let atOnce: number[] = []

/** Answers with the name of the request, and notes how many of its batch are being answered. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { searchParams } = new URL(request.url!, 'http://site')
  const batch = Number(searchParams.get('batch'))
  atOnce[batch]! += 1
  if (atOnce[batch]! > sizes[batch]!) response.statusCode = 500
  await loopTurns(Number(searchParams.get('turns')))
  atOnce[batch]! -= 1
  if (searchParams.get('breaks') === 'true') request.socket.destroy()
  else response.end(`${batch}-${searchParams.get('index')}`)
}

const site = useClosing(() => startSite({ '/answer': answer }))

function* perform(session: Session, { kind, answers, size, taken }: Batch, batch: number): Coroutine<void> {
  const { url } = site.current
  const urls = answers.map(
    ({ turns, breaks }, index) => `${url}/answer?batch=${batch}&index=${index}&turns=${turns}&breaks=${breaks}`,
  )
  type Outcome = { readonly ok: boolean; readonly value?: { readonly text: string } }
  const outcomes: [number, Outcome][] = []
  if (kind === 'map') outcomes.push(...(yield* map(urls, { size, session })).entries())
  else {
    const iterator = imapEnumerated(urls, { size, session })
    while (outcomes.length < taken) {
      const next = yield* iterator.next()
      if (next.done) break
      outcomes.push(next.value)
    }
    iterator.close()
  }
  expect(outcomes.length).toBe(kind === 'map' ? urls.length : Math.min(taken, urls.length))
  expect(new Set(outcomes.map(([index]) => index)).size).toBe(outcomes.length)
  for (const [index, { ok, value }] of outcomes) {
    expect(ok).toBe(!answers[index]!.breaks)
    if (ok) expect(value!.text).toBe(`${batch}-${index}`)
  }
}

test(`batches give each request its outcome once, whatever breaks off and is killed (seed ${seed})`, async () => {
  const check = async (program: readonly Batch[]): Promise<void> => {
    const session = new Session({ trustEnv: false })
    // Requests that are killed are still being answered while others begin.
    sizes = program.map(({ size, killed }) => (killed === undefined ? size : Infinity))
    atOnce = program.map(() => 0)
    try {
      await joinall(
        program.map((batch, index) =>
          spawn(function* () {
            const performing = spawn(perform, session, batch, index)
            if (batch.killed !== undefined) {
              for (let turn = 0; turn < batch.killed; turn += 1) yield* sleep(turn % 2)
              yield* performing.kill()
            }
            const ended: unknown = yield* performing
            if (ended instanceof GreenletExit) expect(batch.killed).toBeDefined()
          }),
        ),
        { raiseError: true },
      )
      const after = await map([`${site.current.url}/bytes/10`], { session })
      expect(after.map(({ ok }) => ok)).toEqual([true])
    } finally {
      await session.close()
    }
    while (site.current.open() > 0) await loopTurns(1)
    expect(activeCount()).toBe(1)
  }
  await fc.assert(fc.asyncProperty(batches, check), { seed, numRuns: RUNS })
})
