import { type Coroutine, joinall, spawn } from '@greenlit/core'
import { OSError, SHUT_WR, type Socket } from '@greenlit/net'

/** Passes on what two sockets receive, each to the other, until both have ended or one has failed. */
export function* relay(one: Socket, other: Socket): Coroutine<void> {
  yield* joinall([spawn(forward, one, other), spawn(forward, other, one)])
}

function* forward(from: Socket, to: Socket) {
  try {
    for (let data = yield* from.recv(65536); data.length > 0; data = yield* from.recv(65536)) yield* to.sendall(data)
    to.shutdown(SHUT_WR) // the other direction stays open
  } catch (error) {
    if (!(error instanceof OSError)) throw error
    // A side that fails ends the other one too.
    from.close()
    to.close()
  }
}
