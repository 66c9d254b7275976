import { PassThrough } from 'node:stream'
import { coroutine, sleep, spawn } from '@greenlit/core'
import { Done } from '@greenlit/core/engine'
import { expect, test } from 'vitest'
import type { EngineRequest, EngineResponse } from '../../src/engine/engine.ts'
import { HeadWait } from '../../src/engine/head-wait.ts'
import { uploadPieces } from '../../src/engine/upload.ts'

/** An exchange whose response is an immediate refusal. */
class Refused extends HeadWait {
  readonly message = new PassThrough()
  isAborted = false

  constructor() {
    super({ url: new URL('http://x.org/'), limits: {} } as EngineRequest)
  }

  protected send(): void {
    setImmediate(() => this.arrived({ statusCode: 413 } as EngineResponse))
  }

  protected unsent(): number {
    return 0
  }

  abort(): void {
    this.isAborted = true
  }
}

test('a kill while a refused upload ends closes the connection', async () => {
  const exchange = new Refused()
  const next = coroutine(function* () {
    try {
      yield* sleep(60_000)
    } finally {
      yield* sleep(30)
    }
    return undefined
  })
  const greenlet = spawn(() =>
    uploadPieces(exchange, { pieces: () => ({ next, close: () => new Done(undefined) }), length: undefined }),
  )
  while (exchange.response === undefined) await sleep(1)
  await greenlet.kill()
  expect(exchange.isAborted).toBe(true)
})
