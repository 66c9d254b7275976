import { attempt, type Coroutine, type Greenlet, GreenletExit, type Operation, sleep, spawn } from '@greenlit/core'
import {
  type BinaryFile,
  BlockingIOError,
  IncompleteReadError,
  type Socket,
  SSLWantReadError,
  SSLWantWriteError,
  select,
  TimeoutError,
} from '@greenlit/net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { loopTurns, PAIRS, run } from '../pair.ts'
import { clientContext, secure, serverContext } from '../tls/wrap.ts'
import { seed } from './seed.ts'

guardLeaks()

const RUNS = 20

/** How a call is disturbed: by a kill after some turns of the hub or of the event loop, or by a timeout. */
type Disturbance =
  | { readonly by: 'nothing' }
  | { readonly by: 'hub turns' | 'loop turns'; readonly turns: number }
  | { readonly by: 'timeout'; readonly timeout: number }

/** What a call throws when its timeout expires; one of 0 makes it non-blocking. */
const TIMED_OUT = [TimeoutError, BlockingIOError, SSLWantReadError, SSLWantWriteError]

interface Call {
  readonly kind: string
  readonly size: number
  readonly disturbance: Disturbance
}

const disturbance = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Disturbance>({ by: 'nothing' }) },
  fc.record({ by: fc.constantFrom('hub turns' as const, 'loop turns' as const), turns: fc.nat(3) }),
  fc.record({ by: fc.constant('timeout' as const), timeout: fc.nat(1) }),
)

function calls(kinds: readonly string[], mostBytes: number): fc.Arbitrary<Call[]> {
  const size = fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: mostBytes }))
  return fc.array(fc.record({ kind: fc.constantFrom(...kinds), size, disturbance }), { minLength: 1, maxLength: 12 })
}

const program = fc.record({
  reads: calls(['recv', 'recvInto', 'recvExact', 'peek', 'select', 'read', 'read1', 'readline'], 30_000),
  sends: calls(['send', 'sendall', 'autoCork', 'pause'], 90_000),
})

/** Bytes that depend on their place in the stream, with a line feed now and then. */
function bytesFrom(position: number, size: number): Buffer {
  return Buffer.from(Array.from({ length: size }, (_, index) => ((position + index) * 7) % 251))
}

/** Runs a call in a greenlet of its own, disturbs it, and returns its value, or `undefined` if it was killed or timed out. */
function* disturbed<T>(start: (timeout?: number) => Operation<T>, how: Disturbance): Coroutine<T | undefined> {
  const greenlet: Greenlet<T> = spawn(() => start(how.by === 'timeout' ? how.timeout : undefined))
  if (how.by === 'hub turns') for (let turn = 0; turn < how.turns; turn += 1) yield* sleep(0)
  if (how.by === 'loop turns') yield* loopTurns(how.turns)
  if (how.by !== 'nothing' && how.by !== 'timeout') yield* greenlet.kill()
  const outcome = yield* attempt(greenlet)
  if (outcome.ok) return (outcome.value as unknown) instanceof GreenletExit ? undefined : outcome.value
  const { error } = outcome
  if (TIMED_OUT.some((type) => error instanceof type)) return undefined
  if (error instanceof IncompleteReadError) return error.partial as T
  throw error
}

/** Sends what the calls say and then ends the stream. Returns the number of bytes that were taken. */
function* sendAll(socket: Socket, sends: readonly Call[]): Coroutine<number> {
  let position = 0
  for (const { kind, size, disturbance } of sends) {
    const bytes = bytesFrom(position, size)
    socket.autoCork = kind === 'autoCork'
    if (kind === 'pause') yield* loopTurns(2)
    else if (kind === 'send')
      position += (yield* disturbed((timeout) => socket.send(bytes, { timeout }), disturbance)) ?? 0
    else {
      yield* socket.sendall(bytes)
      position += size
    }
  }
  socket.close()
  return position
}

/** Reads by the given calls, over and over, to the end of the stream. */
function* receiveAll(socket: Socket, reads: readonly Call[]): Coroutine<Buffer> {
  const file = socket.makefile('rb')
  const received: Buffer[] = []
  for (let index = 0; ; index += 1) {
    const { kind, size, disturbance } = reads[index % reads.length]!
    // Once around with disturbances, so that a program in which no call ever succeeds ends too.
    const how: Disturbance = index < reads.length * 3 ? disturbance : { by: 'nothing' }
    const bytes = yield* receive(socket, file, kind, size, how)
    if (bytes === undefined) continue
    if (bytes.length === 0) break
    received.push(bytes)
  }
  file.close()
  return Buffer.concat(received)
}

/** Receives by one call. Returns `undefined` if that took nothing, and no bytes at the end of the stream. */
function* receive(
  socket: Socket,
  file: BinaryFile,
  kind: string,
  size: number,
  how: Disturbance,
): Coroutine<Buffer | undefined> {
  // A file whose read has timed out cannot be read any more, as in Python.
  const killed: Disturbance = how.by === 'timeout' ? { by: 'hub turns', turns: how.timeout } : how
  switch (kind) {
    case 'recv':
      return yield* disturbed((timeout) => socket.recv(size, { timeout }), how)
    case 'recvInto': {
      const target = Buffer.alloc(size)
      const count = yield* disturbed((timeout) => socket.recvInto(target, { timeout }), how)
      return count === undefined ? undefined : target.subarray(0, count)
    }
    case 'recvExact':
      return yield* disturbed((timeout) => socket.recvExact(size, { timeout }), how)
    case 'peek':
      yield* disturbed(() => file.peek(size), killed)
      return undefined
    case 'select':
      yield* disturbed((timeout) => select([socket], [], [], { timeout }), how)
      return undefined
    case 'read':
      return yield* disturbed(() => file.read(size), killed)
    case 'read1':
      return yield* disturbed(() => file.read1(size), killed)
    default:
      return yield* disturbed(() => file.readline(), killed)
  }
}

const SECURE = PAIRS.map(
  ([name, make]) =>
    [`${name}, with TLS`, () => secure(clientContext(), serverContext(), 'localhost', make)] as (typeof PAIRS)[number],
)

describe.each([...PAIRS, ...SECURE])('a stream %s', (_name, makePair) => {
  test(`delivers each byte that was sent once and in order, whatever kills and timeouts hit the calls (seed ${seed})`, async () => {
    const check = async ({ reads, sends }: { reads: Call[]; sends: Call[] }) => {
      // A program of peeks alone would never end.
      const reading = [...reads, { kind: 'recv', size: 4096, disturbance: { by: 'nothing' } } as const]
      await run(function* () {
        const [left, right] = yield* makePair()
        const sending = spawn(sendAll, left, sends)
        try {
          const received = yield* receiveAll(right, reading)
          const sent = yield* sending
          expect(received.length).toBe(sent)
          expect(received.equals(bytesFrom(0, sent))).toBe(true)
        } finally {
          left.close()
          right.close()
        }
      })
    }
    await fc.assert(fc.asyncProperty(program, check), { seed, numRuns: RUNS })
  })
})
