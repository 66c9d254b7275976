import { attempt, type Coroutine, fromCallback, type Operation, spawn } from '@greenlit/core'
import { type Address, AF_INET, kernelSocketpair, type Socket, socket, socketpair } from '@greenlit/net'

/** A listener on a loopback port of its own. */
export function* listener(backlog?: number): Coroutine<Socket> {
  const server = socket()
  yield* server.bind(['127.0.0.1', 0])
  yield* server.listen(backlog)
  return server
}

/** Two connected TCP sockets: the client's end and the accepted one. */
export function* tcpPair(): Coroutine<[client: Socket, accepted: Socket]> {
  const server = yield* listener()
  const client = socket(AF_INET)
  yield* client.connect(server.getsockname())
  const [accepted] = yield* server.accept()
  server.close()
  return [client, accepted]
}

/** An address on which nobody listens. */
export function* unusedAddress(): Coroutine<Address> {
  const server = yield* listener()
  const address = server.getsockname()
  server.close()
  return address
}

/** Both kinds of connected pairs, for cases that must hold for each. */
export const PAIRS: readonly (readonly [name: string, make: () => Coroutine<[Socket, Socket]>])[] = [
  ['over TCP', tcpPair],
  [
    'in memory',
    function* () {
      return socketpair()
    },
  ],
  [
    'over a kernel unix pair',
    function* () {
      return yield* kernelSocketpair()
    },
  ],
]

/** Runs a test's coroutine in a greenlet of its own. */
export async function run(main: () => Coroutine<unknown>): Promise<void> {
  const greenlet = spawn(main)
  try {
    await greenlet
  } finally {
    await greenlet.kill()
  }
}

/** What an operation throws; fails the test if it throws nothing. */
export function* failure<E = Error>(operation: Operation<unknown>): Coroutine<E> {
  const outcome = yield* attempt(operation)
  if (outcome.ok) throw new Error('Expected the call to fail')
  return outcome.error as E
}

/** Lets the platform go round its loop: what the kernel holds for this process has come in then, and whoever it wakes has run. */
export function* loopTurns(count = 3): Coroutine<void> {
  for (let turn = 0; turn < count; turn += 1) {
    yield* fromCallback<void>((resume) => {
      const immediate = setImmediate(() => resume())
      return () => clearImmediate(immediate)
    })
  }
}
