import { networkInterfaces } from 'node:os'
import { attempt, type Coroutine, fromCallback, type Operation, spawn } from '@greenlit/core'
import { type Address, AF_INET, kernelSocketpair, type Socket, socket, socketpair } from '@greenlit/net'

/** Whether this machine has IPv6, which many containers have not. */
export const hasIPv6: boolean = Object.values(networkInterfaces()).some((own) =>
  own?.some(({ address }) => address === '::1'),
)

/** Returns a listener on a free loopback port. */
export function* listener(backlog?: number): Coroutine<Socket> {
  const server = socket()
  yield* server.bind(['127.0.0.1', 0])
  yield* server.listen(backlog)
  return server
}

/** Returns two connected TCP sockets: the client and the accepted one. */
export function* tcpPair(): Coroutine<[client: Socket, accepted: Socket]> {
  const server = yield* listener()
  const client = socket(AF_INET)
  yield* client.connect(server.getsockname())
  const [accepted] = yield* server.accept()
  server.close()
  return [client, accepted]
}

/** Returns an address on which nothing listens. */
export function* unusedAddress(): Coroutine<Address> {
  const server = yield* listener()
  const address = server.getsockname()
  server.close()
  return address
}

/** All kinds of connected pairs, for tests that must hold for each of them. */
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

/** Runs the coroutine of a test in its own greenlet. */
export async function run(main: () => Coroutine<unknown>): Promise<void> {
  const greenlet = spawn(main)
  try {
    await greenlet
  } finally {
    await greenlet.kill()
  }
}

/** Returns the error that an operation throws; fails the test if it throws none. */
export function* failure<E = Error>(operation: Operation<unknown>): Coroutine<E> {
  const outcome = yield* attempt(operation)
  if (outcome.ok) throw new Error('Expected the call to fail')
  return outcome.error as E
}

/** Waits for some turns of the event loop, so that pending input has been read and the greenlets that it wakes have run. */
export function* loopTurns(count = 3): Coroutine<void> {
  for (let turn = 0; turn < count; turn += 1) {
    yield* fromCallback<void>((resume) => {
      const immediate = setImmediate(() => resume())
      return () => clearImmediate(immediate)
    })
  }
}
