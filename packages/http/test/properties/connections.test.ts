import { attempt, type Coroutine, joinall, sleep, spawn } from '@greenlit/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConnectionError } from '../../src/errors/connection-error.ts'
import { ReadTimeout } from '../../src/errors/read-timeout.ts'
import type { Response } from '../../src/response/response.ts'
import { Session } from '../../src/session/session.ts'
import { ENGINES } from '../support/engines.ts'
import { guardLeaks } from '../support/guard.ts'
import { loopTurns } from '../support/loop-turns.ts'
import { type RawConnection, startRawServer } from '../support/raw-server.ts'
import { seed } from './seed.ts'

guardLeaks()

const RUNS = 12
/** So much of a body is not awaited by a client that closes it. */
const UNREAD = 100_000

const LASTING = ['length', 'trailers', 'no content', 'unchanged', 'interim', 'late', 'redirect', 'empty'] as const
const CLOSING = ['closes', 'until close', 'unsolicited', 'closes when idle'] as const
const HANGING = ['silent', 'stalls'] as const
type Answer = (typeof LASTING)[number] | (typeof CLOSING)[number] | (typeof HANGING)[number]

interface Step {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'DELETE'
  readonly answer: Answer
  /** Reads the body at once, or as a stream, or closes the stream after its first piece, or is killed while it waits. */
  readonly client: 'reads' | 'streams' | 'closes' | 'killed'
  /** After how many turns a kill comes. */
  readonly turns: number
}

const step: fc.Arbitrary<Step> = fc.record({
  method: fc.constantFrom('GET', 'GET', 'HEAD', 'POST', 'DELETE'),
  answer: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...LASTING) },
    { weight: 4, arbitrary: fc.constantFrom(...CLOSING) },
    { weight: 1, arbitrary: fc.constantFrom(...HANGING) },
  ),
  client: fc.constantFrom('reads', 'reads', 'streams', 'closes', 'killed'),
  turns: fc.nat(4),
})
const clients = fc.array(fc.array(step, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 5 })

/** Whether the connection may not be used again, or not immediately. */
const spoils = ({ answer, client }: Step): boolean =>
  client === 'closes' || client === 'killed' || !LASTING.includes(answer as never)

async function serve(connection: RawConnection): Promise<void> {
  for (;;) {
    const [, method, path, id] = /^(\w+) \/(\S+)\?(\S+)/.exec(await connection.request())!
    const answer = decodeURIComponent(path!) as Answer
    const body = method === 'HEAD' ? '' : `<${id}>`
    const head = (more = '', status = '200 OK'): string => `HTTP/1.1 ${status}\r\nX-Id: ${id}\r\n${more}\r\n`
    const whole = `${head(`Content-Length: ${id!.length + 2}\r\n`)}${body}`
    if (method === 'HEAD' && !CLOSING.includes(answer as never) && answer !== 'silent') {
      connection.write(whole)
      continue
    }
    switch (answer) {
      case 'length':
        connection.write(whole)
        break
      case 'trailers':
        connection.write(head('Transfer-Encoding: chunked\r\n'))
        await loopTurns(1)
        connection.write(`${body.length.toString(16)};x="y"\r\n${body}\r\n0\r\nX-Trailer: 1\r\n`)
        await loopTurns(1)
        connection.write('\r\n')
        break
      case 'no content':
        connection.write(head('', '204 No Content'))
        break
      case 'unchanged':
        connection.write(head('', '304 Not Modified'))
        break
      case 'interim':
        connection.write('HTTP/1.1 103 Early Hints\r\nX-Id: none\r\n\r\n')
        await loopTurns(1)
        connection.write(whole)
        break
      case 'late':
        await loopTurns(2)
        connection.write(whole.slice(0, -2))
        await loopTurns(2)
        connection.write(whole.slice(-2))
        break
      case 'redirect':
        connection.write(`${head(`Location: /length?${id}\r\nContent-Length: 4\r\n`, '307 Moved')}away`)
        break
      case 'empty':
        connection.write(head('Content-Length: 0\r\n'))
        break
      case 'closes':
        return connection.end(whole.replace('\r\n', '\r\nConnection: close\r\n'))
      case 'until close':
        return connection.end(`${head()}${body}`)
      case 'unsolicited':
        connection.write(`${whole}HTTP/1.1 200 OK\r\nX-Id: none\r\nContent-Length: 6\r\n\r\n<none>`)
        break
      case 'closes when idle':
        connection.write(whole)
        await loopTurns(2)
        return connection.end()
      case 'stalls':
        connection.write(`${head(`Content-Length: ${UNREAD}\r\n`)}${body}`)
    }
  }
}

function* receive(session: Session, url: string, id: string, step: Step): Coroutine<void> {
  const { method, answer, client } = step
  const check = (response: Response): void => expect(response.headers.get('x-id')).toBe(id)
  const response = yield* session.request(method, `${url}/${encodeURIComponent(answer)}?${id}`, {
    allowRedirects: true,
    stream: client === 'streams' || client === 'closes',
    ...(HANGING.includes(answer as never) && { timeout: [undefined, 10] }),
  })
  check(response)
  if (client === 'closes') {
    const first = yield* response.iterContent(3).next()
    if (!first.done) expect(Buffer.from(first.value as Uint8Array).toString()).toBe(`<${id}>`.slice(0, 3))
    response.close()
    return
  }
  const text = Buffer.from(yield* response.read()).toString()
  const isEmpty = method === 'HEAD' || response.statusCode !== 200 || answer === 'empty'
  expect(text).toBe(isEmpty ? '' : `<${id}>`)
}

/** Performs the requests of one client. */
function* perform(session: Session, url: string, name: string, steps: readonly Step[]): Coroutine<void> {
  for (const [index, step] of steps.entries()) {
    const greenlet = spawn(() => attempt(receive(session, url, `${name}-${index}`, step)))
    if (step.client === 'killed') {
      for (let turn = 0; turn < step.turns; turn += 1) yield* sleep(0)
      yield* greenlet.kill()
      continue
    }
    const outcome = yield* greenlet
    if (outcome.ok) continue
    const mayFail =
      // Nothing tells whether a server that closes an idle connection has received the request.
      (step.method === 'POST' && outcome.error instanceof ConnectionError) ||
      (HANGING.includes(step.answer as never) && outcome.error instanceof ReadTimeout)
    if (!mayFail) throw outcome.error
  }
}

describe.each(ENGINES)('connections, on %s', (_name, makeEngine) => {
  test(`serve one request after another, and no response reaches another request (seed ${seed})`, async () => {
    const check = async (program: Step[][]): Promise<void> => {
      const server = await startRawServer(serve)
      const session = new Session({ trustEnv: false, engine: makeEngine() })
      try {
        const greenlets = program.map((steps, index) => spawn(perform, session, server.url, `${index}`, steps))
        await joinall(greenlets, { raiseError: true })
        expect(server.connections()).toBeLessThanOrEqual(program.length + program.flat().filter(spoils).length)
      } finally {
        session.close()
      }
      while (server.open() > 0) await loopTurns(1)
      await server.close()
    }
    await fc.assert(fc.asyncProperty(clients, check), { seed, numRuns: RUNS })
  })
})
