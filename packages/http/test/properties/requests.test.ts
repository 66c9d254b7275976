import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { attempt, type Coroutine, each, GreenletExit, joinall, sleep, spawn } from '@greenlit/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RequestException } from '../../src/errors/request-exception.ts'
import { Session } from '../../src/session/session.ts'
import { ENGINES } from '../support/engines.ts'
import { guardLeaks } from '../support/guard.ts'
import { loopTurns } from '../support/loop-turns.ts'
import { useClosing } from '../support/session.ts'
import { startSite } from '../support/site.ts'
import { seed } from './seed.ts'

guardLeaks()

const RUNS = 15

/** How the server answers a request. */
interface Answer {
  readonly size: number
  readonly framing: 'length' | 'chunks' | 'close'
  readonly gzip: boolean
  /** In how many pieces the body is sent, each in a turn of its own. */
  readonly pieces: number
  readonly fault: 'none' | 'breaks before the head' | 'breaks in the body' | 'closes after it'
}

/** One request of a client, and what disturbs it. */
interface Step {
  readonly answer: Answer
  /** How many bytes it uploads; 0 makes it a GET. */
  readonly upload: number
  readonly streams: boolean
  readonly disturbance: 'none' | 'kill' | 'timeout'
  /** After how many turns of the event loop the kill comes, or after how many milliseconds the timeout. */
  readonly after: number
}

const size = fc.oneof(fc.nat(100), fc.nat(70_000))
const answer: fc.Arbitrary<Answer> = fc.record({
  size,
  framing: fc.constantFrom('length', 'length', 'chunks', 'chunks', 'close'),
  gzip: fc.boolean(),
  pieces: fc.integer({ min: 1, max: 3 }),
  fault: fc.oneof(
    { weight: 4, arbitrary: fc.constant('none' as const) },
    fc.constantFrom('breaks before the head', 'breaks in the body', 'closes after it'),
  ),
})
const step: fc.Arbitrary<Step> = fc.record({
  answer,
  upload: fc.oneof(fc.constant(0), size),
  streams: fc.boolean(),
  disturbance: fc.constantFrom('none', 'none', 'kill', 'timeout'),
  after: fc.nat(6),
})
const clients = fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 5 })

/** The body that belongs to a request: no two requests share one. */
function bodyOf(id: string, size: number): Buffer {
  const block = createHash('sha512').update(id).digest()
  return Buffer.from(Array.from({ length: size }, (_, index) => block[index % block.length]! ^ ((index >> 6) & 255)))
}

async function respond(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
  const { searchParams } = new URL(request.url!, 'http://site')
  const id = searchParams.get('id')!
  const answer = JSON.parse(searchParams.get('answer')!) as Answer
  const { socket } = response
  if (answer.fault === 'breaks before the head') return void socket!.destroy()
  const plain = bodyOf(id, answer.size)
  const bytes = answer.gzip ? gzipSync(plain) : plain
  response.setHeader('X-Id', id)
  response.setHeader('X-Received', createHash('sha1').update(body).digest('hex'))
  if (answer.gzip) response.setHeader('Content-Encoding', 'gzip')
  if (answer.framing === 'length') response.setHeader('Content-Length', bytes.length)
  // Without either header Node sends chunks, unless that is turned off.
  if (answer.framing === 'close') {
    response.useChunkedEncodingByDefault = false
    response.shouldKeepAlive = false
  }
  if (answer.fault === 'closes after it') response.setHeader('Connection', 'close')
  response.flushHeaders()
  const part = Math.ceil(bytes.length / answer.pieces)
  for (let start = 0; start < bytes.length; start += part) {
    const isLast = start + part >= bytes.length
    // Nothing tells a body that ends with the connection from one that breaks off.
    if (answer.fault === 'breaks in the body' && isLast && answer.framing !== 'close') return void socket!.destroy()
    response.write(bytes.subarray(start, start + part))
    await loopTurns(1)
  }
  response.end()
}

function* exchange(session: Session, url: string, id: string, step: Step): Coroutine<void> {
  const { answer, upload, streams } = step
  const sent = bodyOf(`upload ${id}`, upload)
  const response = yield* session.request(upload > 0 ? 'PUT' : 'GET', `${url}/answer`, {
    params: { id, answer: JSON.stringify(answer) },
    ...(upload > 0 && { data: sent }),
    ...(step.disturbance === 'timeout' && { timeout: Math.max(step.after, 1) }),
    stream: streams,
  })
  const pieces: Uint8Array[] = []
  if (streams) {
    yield* each(response.iterContent(1000), function* (piece) {
      pieces.push(piece as Uint8Array)
    })
  } else pieces.push(response.content)
  expect(response.headers.get('x-id')).toBe(id)
  expect(response.headers.get('x-received')).toBe(createHash('sha1').update(sent).digest('hex'))
  const received = Buffer.concat(pieces)
  expect(received.length).toBe(answer.size)
  expect(received.equals(bodyOf(id, answer.size))).toBe(true)
}

/** Performs the requests of one client. */
function* perform(session: Session, url: string, name: string, steps: readonly Step[]): Coroutine<void> {
  for (const [index, step] of steps.entries()) {
    const greenlet = spawn(() => attempt(exchange(session, url, `${name}-${index}`, step)))
    if (step.disturbance === 'kill') {
      for (let turn = 0; turn < step.after; turn += 1) yield* sleep(0)
      yield* greenlet.kill()
    }
    const outcome: unknown = yield* greenlet
    if (outcome instanceof GreenletExit) {
      expect(step.disturbance).toBe('kill')
      continue
    }
    const { error } = outcome as { error?: unknown }
    // Only a timeout, or a fault of the server on the connection, may fail a request.
    if (error !== undefined && !(error instanceof RequestException)) throw error
  }
}

describe.each(ENGINES)('requests of many greenlets, on %s', (_name, makeEngine) => {
  const site = useClosing(() => startSite({ '/answer': respond }))

  test(`get their own responses whole, or fail, whatever disturbs them and the server (seed ${seed})`, async () => {
    const check = async (program: Step[][]): Promise<void> => {
      const session = new Session({ trustEnv: false, engine: makeEngine() })
      const { url } = site.current
      try {
        const greenlets = program.map((steps, index) => spawn(perform, session, url, `client-${index}`, steps))
        await joinall(greenlets, { raiseError: true })
        // The session is as good as new.
        expect((await session.get(`${url}/bytes/10`)).content.length).toBe(10)
      } finally {
        await session.close()
      }
      while (site.current.open() > 0) await loopTurns(1)
    }
    await fc.assert(fc.asyncProperty(clients, check), { seed, numRuns: RUNS })
  })
})
