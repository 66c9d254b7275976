import { attempt, type Coroutine, type Greenlet, GreenletExit, type Operation, sleep, spawn } from '@greenlit/core'
import { BlockingIOError, MSG_PEEK, SOCK_DGRAM, type Socket, select, socket, TimeoutError } from '@greenlit/net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { loopTurns, run } from '../pair.ts'
import { seed } from './seed.ts'

guardLeaks()

const RUNS = 30

/** How a call ends early, if at all: by a kill after some turns of the hub or of the event loop, or by its timeout. */
interface Disturbance {
  readonly by: 'nothing' | 'hub turns' | 'loop turns' | 'timeout'
  readonly count: number
}

interface Receipt {
  readonly kind: 'recv' | 'recvfrom' | 'recvInto' | 'recvfromInto' | 'peek' | 'select'
  readonly size: number
  readonly disturbance: Disturbance
}

const receipt = fc.record<Receipt>({
  kind: fc.constantFrom('recv', 'recvfrom', 'recvInto', 'recvfromInto', 'peek', 'select'),
  size: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constant(100)),
  disturbance: fc.record({ by: fc.constantFrom('nothing', 'hub turns', 'loop turns', 'timeout'), count: fc.nat(2) }),
})

const program = fc.record({
  connected: fc.boolean(),
  /** The sizes of the datagrams, and whether a stranger sends one of its own before each. */
  sends: fc.array(fc.record({ size: fc.nat(40), stranger: fc.boolean(), pause: fc.boolean() }), {
    minLength: 1,
    maxLength: 12,
  }),
  receipts: fc.array(receipt, { minLength: 1, maxLength: 8 }),
})

type Scene = typeof program extends fc.Arbitrary<infer T> ? T : never

/** What one datagram gave: its bytes, cut to the size of the call, and its sender if the call tells. */
interface Taken {
  readonly bytes: Buffer
  readonly size: number
  readonly from?: unknown
}

function* bound(): Coroutine<Socket> {
  const made = socket({ type: SOCK_DGRAM })
  yield* made.bind(['127.0.0.1', 0])
  return made
}

/** Returns the result of a call in a greenlet of its own, or `undefined` if that was killed or timed out. */
function* disturbed<T>(
  start: (timeout?: number) => Operation<T>,
  { by, count }: Disturbance,
): Coroutine<T | undefined> {
  const greenlet: Greenlet<T> = spawn(() => start(by === 'timeout' ? count : undefined))
  if (by === 'hub turns') for (let turn = 0; turn < count; turn += 1) yield* sleep(0)
  if (by === 'loop turns') yield* loopTurns(count)
  if (by === 'hub turns' || by === 'loop turns') yield* greenlet.kill()
  const outcome = yield* attempt(greenlet)
  if (outcome.ok) return (outcome.value as unknown) instanceof GreenletExit ? undefined : outcome.value
  const { error } = outcome
  if (error instanceof TimeoutError || error instanceof BlockingIOError) return undefined
  throw error
}

/** Receives by one call; returns `undefined` if that took nothing. */
function* receive(receiver: Socket, { kind, size, disturbance }: Receipt, next: Buffer): Coroutine<Taken | undefined> {
  const buffer = Buffer.alloc(size)
  switch (kind) {
    case 'recv': {
      const bytes = yield* disturbed((timeout) => receiver.recv(size, { timeout }), disturbance)
      return bytes && { bytes, size }
    }
    case 'recvfrom': {
      const found = yield* disturbed((timeout) => receiver.recvfrom(size, { timeout }), disturbance)
      return found && { bytes: found[0], size, from: found[1] }
    }
    case 'recvInto': {
      const count = yield* disturbed((timeout) => receiver.recvInto(buffer, { timeout }), disturbance)
      return count === undefined ? undefined : { bytes: buffer.subarray(0, count), size }
    }
    case 'recvfromInto': {
      const found = yield* disturbed((timeout) => receiver.recvfromInto(buffer, { timeout }), disturbance)
      return found && { bytes: buffer.subarray(0, found[0]), size, from: found[1] }
    }
    case 'peek': {
      const bytes = yield* disturbed((timeout) => receiver.recv(size, MSG_PEEK, { timeout }), disturbance)
      if (bytes !== undefined) expect(bytes).toEqual(next.subarray(0, size))
      return undefined
    }
    default:
      yield* disturbed((timeout) => select([receiver], [], [], { timeout }), disturbance)
      return undefined
  }
}

function* send(sender: Socket, stranger: Socket, to: Socket, sends: Scene['sends'], all: Buffer[]): Coroutine<void> {
  for (const [index, { stranger: disturbs, pause }] of sends.entries()) {
    if (disturbs) yield* stranger.sendto('from a stranger', to.getsockname())
    if (pause) yield* loopTurns(2)
    yield* sender.sendto(all[index]!, to.getsockname())
  }
}

describe('a UDP socket', () => {
  test(`takes each datagram once and in order, cut to the call's size, whatever kills and timeouts hit the calls (seed ${seed})`, async () => {
    const check = ({ connected, sends, receipts }: Scene): Promise<void> =>
      run(function* () {
        const [receiver, sender, stranger] = [yield* bound(), yield* bound(), yield* bound()]
        if (connected) yield* receiver.connect(sender.getsockname())
        const all = sends.map(({ size }, index) => Buffer.alloc(size, index + 1))
        // An unconnected socket would receive what the stranger sends too.
        const expected = connected ? sends : sends.map((each) => ({ ...each, stranger: false }))
        const sending = spawn(send, sender, stranger, receiver, expected, all)
        let taken = 0
        for (let index = 0; taken < all.length; index += 1) {
          // Once around with disturbances, and then plain calls, so that every program ends.
          const disturbed = index < receipts.length * 2
          const each: Receipt = disturbed
            ? receipts[index % receipts.length]!
            : { kind: 'recvfrom', size: 100, disturbance: { by: 'nothing', count: 0 } }
          const found = yield* receive(receiver, each, all[taken]!)
          if (found === undefined) continue
          expect(found.bytes).toEqual(all[taken]!.subarray(0, found.size))
          if (found.from !== undefined) expect(found.from).toEqual(sender.getsockname())
          taken += 1
        }
        yield* sending
        expect(receiver.dropped).toBe(0)
        expect(yield* disturbed((timeout) => receiver.recv(1, { timeout }), { by: 'timeout', count: 0 })).toBe(
          undefined,
        )
        for (const each of [receiver, sender, stranger]) each.close()
      })
    await fc.assert(fc.asyncProperty(program, check), { seed, numRuns: RUNS })
  })
})
