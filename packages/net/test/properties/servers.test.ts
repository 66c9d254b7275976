import { attempt, type Coroutine, each, getHub, joinall, sleep, spawn } from '@greenlit/core'
import { createConnection, OSError, type Socket, StreamServer } from '@greenlit/net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { loopTurns, run } from '../pair.ts'
import { clientContext, serverContext } from '../tls/wrap.ts'
import { seed } from './seed.ts'

guardLeaks()

const RUNS = 20

/** A client: it asks the server for something, reads some of the answer, and leaves. */
interface Client {
  /** After how many turns of the event loop it connects. */
  readonly after: number
  /** How many lines it sends, each of which comes back. */
  readonly lines: number
  /** What the handler does once the lines have come back. */
  readonly handler: 'returns' | 'throws' | 'sleeps' | 'closes'
  /** How the client leaves: after it has read all, without reading, or killed. */
  readonly leaves: 'at the end' | 'early' | 'killed'
}

const client: fc.Arbitrary<Client> = fc.record({
  after: fc.nat(4),
  lines: fc.nat(3),
  handler: fc.constantFrom('returns', 'returns', 'throws', 'sleeps', 'closes'),
  leaves: fc.constantFrom('at the end', 'at the end', 'early', 'killed'),
})

const program = fc.record({
  spawn: fc.constantFrom('default' as const, 1, 2),
  clients: fc.array(client, { minLength: 1, maxLength: 8 }),
  /** After how many turns of the event loop the server is stopped, if not only when the clients have left. */
  stops: fc.option(fc.nat(20)),
  /** The timeout of `stop`, in milliseconds. */
  timeout: fc.nat(2),
})

type Scene = typeof program extends fc.Arbitrary<infer T> ? T : never

class Counter {
  begun = 0
  ended = 0;

  *serve(socket: Socket): Coroutine<void> {
    this.begun += 1
    try {
      const file = socket.makefile('rwb')
      const handler = String(yield* file.readline()).trim()
      yield* each(file, function* (line) {
        yield* file.write(line)
        yield* file.flush()
      })
      if (handler === 'throws') throw new Error('thrown by a handler')
      if (handler === 'sleeps') yield* sleep(1)
      if (handler === 'closes') socket.close()
    } finally {
      this.ended += 1
    }
  }
}

/** Talks to the server; returns whether everything came back. */
function* talk(address: readonly [string, number], secure: boolean, client: Client): Coroutine<boolean> {
  yield* loopTurns(client.after)
  let socket: Socket = yield* createConnection(address)
  try {
    if (secure) socket = yield* clientContext().wrapSocket(socket, { serverHostname: 'localhost' })
    yield* socket.sendall(`${client.handler}\n`)
    for (let line = 0; line < client.lines; line += 1) {
      yield* socket.sendall(`line ${line}\n`)
      if (client.leaves === 'early') return false
      const echo = yield* attempt(socket.recvExact(7))
      if (!echo.ok) return false
      expect(String(echo.value)).toBe(`line ${line}\n`)
    }
    return true
  } finally {
    socket.close()
  }
}

function* visit(address: readonly [string, number], secure: boolean, client: Client): Coroutine<boolean | undefined> {
  const greenlet = spawn(() => attempt(talk(address, secure, client)))
  if (client.leaves === 'killed') {
    yield* loopTurns(client.lines + 1)
    yield* greenlet.kill()
  }
  const outcome: unknown = yield* greenlet
  if (!(outcome instanceof Object) || !('ok' in outcome)) return undefined
  const { value, error } = outcome as { value?: boolean; error?: unknown }
  // A server that was stopped refuses or drops connections.
  if (error !== undefined && !(error instanceof OSError)) throw error
  return value ?? false
}

describe.each([
  ['plain', false],
  ['secure', true],
])('a %s server', (_name, secure) => {
  test(`serves every client, and leaves no handler or connection behind, whenever it is stopped (seed ${seed})`, async () => {
    const check = (scene: Scene): Promise<void> =>
      run(function* () {
        getHub().exceptionStream = undefined
        const counter = new Counter()
        const server = new StreamServer(['127.0.0.1', 0], (socket) => counter.serve(socket), {
          spawn: scene.spawn,
          ...(secure && { sslContext: serverContext() }),
        })
        yield* server.start()
        const address = ['127.0.0.1', server.serverPort!] as const
        const clients = scene.clients.map((each) => spawn(visit, address, secure, each))
        if (scene.stops !== null) {
          yield* loopTurns(scene.stops)
          yield* server.stop({ timeout: scene.timeout })
        }
        yield* joinall(clients, { raiseError: true })
        if (scene.stops === null) {
          for (const [index, each] of clients.entries())
            if (scene.clients[index]!.leaves === 'at the end') expect(each.value).toBe(true)
          yield* server.stop({ timeout: scene.timeout })
        }
        while (counter.ended < counter.begun) yield* loopTurns(1)
        expect(server.started).toBe(false)
      })
    await fc.assert(fc.asyncProperty(program, check), { seed, numRuns: RUNS })
  })
})
