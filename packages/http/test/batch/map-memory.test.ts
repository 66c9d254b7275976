import { each } from '@greenlit/core'
import { Done } from '@greenlit/core/engine'
import { expect, test } from 'vitest'
import { imap } from '../../src/batch/map.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { Session } from '../../src/session/session.ts'

/** An engine that answers every request immediately with a new body. */
const engine: Engine = {
  send: () =>
    new Done({
      statusCode: 200,
      reason: 'OK',
      rawHeaders: ['Content-Length', '20000'],
      body: {
        whole: () => new Uint8Array(20_000),
        readAll: () => new Done(new Uint8Array(20_000)),
        read: () => new Done(undefined),
        discard() {},
        destroy() {},
      },
    }),
  close() {},
}

test('thirty thousand requests use no more memory than a few', async () => {
  function* urls() {
    for (let index = 0; index < 30_000; index += 1) yield `http://127.0.0.1/${index}`
  }
  let bytes = 0
  let most = 0
  const before = process.memoryUsage().rss
  await each(imap(urls(), { size: 50, session: new Session({ engine, trustEnv: false }) }), (outcome, index) => {
    if (outcome.ok) bytes += outcome.value.content.length
    if (index % 1000 === 0) most = Math.max(most, process.memoryUsage().rss - before)
  })
  expect(bytes).toBe(600_000_000)
  // All bodies together have 600 megabytes.
  expect(most).toBeLessThan(300 * 1024 * 1024)
}, 60_000)
