import type { Coroutine, Operation } from '@greenlit/core'
import type { Address } from '../address/address.ts'
import { OSError } from '../errors/os-error.ts'
import { isExit } from '../server/exits.ts'
import { type Overridable, settle } from '../server/overridable.ts'
import type { Socket } from '../socket/socket.ts'

/** What a server has to take a request, each of which may be overridden. */
interface RequestTaker<R> {
  readonly socket: Socket
  getRequest(): Operation<[R, Address]> | Coroutine<[R, Address]>
  verifyRequest(request: R, clientAddress: Address): Overridable<boolean>
  processRequest(request: R, clientAddress: Address): Overridable<void>
  handleError(request: R, clientAddress: Address, error: unknown): Overridable<unknown>
  shutdownRequest(request: R): Overridable<void>
}

/** Takes the request that waits and has it processed; in Python's order, on errors too (_handle_request_noblock). */
export function* takeRequest<R>(server: RequestTaker<R>): Coroutine<void> {
  // Somebody else may have taken it meanwhile.
  if (!server.socket.description?.readable) return
  let next: [R, Address]
  try {
    next = yield* settle(server.getRequest())
  } catch (error) {
    if (error instanceof OSError) return
    throw error
  }
  const [request, clientAddress] = next
  if (!(yield* verify(server, request, clientAddress))) {
    yield* settle(server.shutdownRequest(request))
    return
  }
  try {
    yield* settle(server.processRequest(request, clientAddress))
  } catch (error) {
    try {
      if (isExit(error)) throw error
      yield* settle(server.handleError(request, clientAddress, error))
    } finally {
      yield* settle(server.shutdownRequest(request))
    }
  }
}

/** An error here ends the loop, as in Python, but not without closing the request. */
function* verify<R>(server: RequestTaker<R>, request: R, clientAddress: Address): Coroutine<boolean> {
  try {
    return yield* settle(server.verifyRequest(request, clientAddress))
  } catch (error) {
    yield* settle(server.shutdownRequest(request))
    throw error
  }
}
