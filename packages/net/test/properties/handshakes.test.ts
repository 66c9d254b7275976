import { attempt, type Coroutine, type Greenlet, joinall, spawn } from '@greenlit/core'
import { OSError, SO_LINGER, SOL_SOCKET, type Socket } from '@greenlit/net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { loopTurns, PAIRS, run } from '../pair.ts'
import { clientContext, serverContext } from '../tls/wrap.ts'
import { seed } from './seed.ts'

guardLeaks()

const RUNS = 12

const connection = fc.record({
  pair: fc.nat(PAIRS.length - 1),
  /** What the client does: the last four in place of a handshake. */
  client: fc.constantFrom(
    'talks',
    'talks',
    'talks',
    'resets',
    'talks nonsense',
    'leaves',
    'sends half a hello',
    'waits',
  ),
  server: fc.constantFrom('serves', 'serves', 'serves', 'resets'),
  host: fc.constantFrom('localhost', 'localhost', 'example.test', 'wrong.test'),
  version: fc.constantFrom('TLSv1.2' as const, 'TLSv1.3' as const),
  /** Whether both ends talk in plain text first. */
  startsPlain: fc.boolean(),
  handshakesAtOnce: fc.boolean(),
  /** After how many turns of the event loop one of the ends is killed. */
  killed: fc.option(fc.record({ end: fc.nat(1), after: fc.nat(12) })),
})

type Script = typeof connection extends fc.Arbitrary<infer T> ? T : never

function* lead(socket: Socket, script: Script): Coroutine<void> {
  let used = socket
  const { client, host, version } = script
  try {
    if (script.startsPlain) yield* used.sendall('plain')
    if (client === 'talks nonsense') yield* used.sendall('nonsense\r\n')
    if (client === 'sends half a hello') yield* used.sendall(Buffer.of(22, 3, 1, 2, 0, 1, 0))
    if (client === 'waits') yield* used.recv(1)
    if (client !== 'talks' && client !== 'resets') return
    const context = clientContext()
    context.maximumVersion = version
    used = yield* context.wrapSocket(used, { serverHostname: host, doHandshakeOnConnect: script.handshakesAtOnce })
    yield* used.sendall('hello')
    if (client === 'resets') used.setsockopt(SOL_SOCKET, SO_LINGER, [1, 0])
    else expect(String(yield* used.recvExact(5))).toBe('HELLO')
  } finally {
    used.close()
  }
}

function* follow(socket: Socket, script: Script): Coroutine<void> {
  let used = socket
  try {
    if (script.startsPlain) expect(String(yield* used.recvExact(5))).toBe('plain')
    used = yield* serverContext().wrapSocket(used, { serverSide: true, doHandshakeOnConnect: script.handshakesAtOnce })
    if (script.server === 'resets') used.setsockopt(SOL_SOCKET, SO_LINGER, [1, 0])
    else yield* used.sendall(String(yield* used.recvExact(5)).toUpperCase())
  } finally {
    used.close()
  }
}

test(`every TLS handshake ends, whatever either end does and whenever it is killed (seed ${seed})`, async () => {
  const check = (scripts: Script[]): Promise<void> =>
    run(function* () {
      const scenes: [Script, Greenlet<unknown>[]][] = []
      for (const script of scripts) {
        const [left, right] = yield* PAIRS[script.pair]![1]()
        if (script.client === 'waits') left.settimeout(5)
        const ends = [spawn(() => attempt(lead(left, script))), spawn(() => attempt(follow(right, script)))]
        scenes.push([script, ends])
        if (script.killed === null) continue
        const { end, after } = script.killed
        spawn(function* () {
          yield* loopTurns(after)
          yield* ends[end]!.kill()
        })
      }
      for (const [{ client, server, host, killed }, ends] of scenes) {
        yield* joinall(ends)
        const failures = ends.map((each) => (each.value as { error?: unknown }).error).filter(Boolean)
        for (const each of failures) if (!(each instanceof OSError) && !isShort(each)) throw each
        if (client === 'talks' && server === 'serves' && host !== 'wrong.test' && killed === null)
          expect(failures).toEqual([])
      }
    })
  await fc.assert(fc.asyncProperty(fc.array(connection, { minLength: 1, maxLength: 6 }), check), {
    seed,
    numRuns: RUNS,
  })
})

function isShort(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'INCOMPLETE_READ'
}
