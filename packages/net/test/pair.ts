import type { Coroutine } from '@greenlit/core'
import { type Address, AF_INET, type Socket, socket } from '@greenlit/net'

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
