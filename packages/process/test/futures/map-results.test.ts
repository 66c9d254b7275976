import { attempt, joinall, sleep, spawn } from '@greenlit/core'
import { Future } from '@greenlit/process/futures'
import { expect, test } from 'vitest'
import { MapResults } from '../../src/futures/map-results.ts'
import type { Outcome } from '../../src/pool/outcome.ts'

/** A map of a single chunk, which the test completes. */
function mapOfOne() {
  const results = new MapResults<number>(undefined)
  const chunk = new Future<readonly Outcome[]>()
  results.add(chunk)
  return { results, chunk }
}

test('results that killed greenlets did not receive are not lost, nor is the error that ends them', async () => {
  await spawn(function* () {
    const { results, chunk } = mapOfOne()
    const killed = [1, 2].map(() => spawn(() => results.next()))
    yield* sleep(0)
    for (const greenlet of killed) greenlet.kill({ block: false })
    chunk.setResult([
      [false, 10],
      [true, new Error('bad')],
    ])
    yield* joinall(killed)
    expect(yield* results.next()).toEqual({ done: false, value: 10 })
    expect(yield* attempt(results.next())).toMatchObject({ ok: false, error: { message: 'bad' } })
    expect((yield* results.next()).done).toBe(true)
  })
})

test('a chunk error that a killed greenlet did not receive goes to another one, unless the iterator was closed', async () => {
  for (const isClosed of [false, true])
    await spawn(function* () {
      const { results, chunk } = mapOfOne()
      const killed = spawn(() => results.next())
      yield* sleep(0)
      killed.kill({ block: false })
      chunk.setException(new Error('bad'))
      if (isClosed) results.close()
      yield* joinall([killed])
      const next = yield* attempt(results.next())
      expect(next).toMatchObject(isClosed ? { ok: true } : { ok: false, error: { message: 'bad' } })
    })
})
