import type { Coroutine, Operation } from '@greenlit/core'
import type { Address } from '../address/address.ts'
import { OSError } from '../errors/os-error.ts'
import { isExit } from '../server/exits.ts'
import { type Overridable, settle } from '../server/overridable.ts'
import type { Socket } from '../socket/socket.ts'

/** The steps of taking a request, each of which a server may override. */
interface RequestTaker<R> {
  readonly socket: Socket
  getRequest(): Operation<[R, Address]> | Coroutine<[R, Address]>
  verifyRequest(request: R, clientAddress: Address): Overridable<boolean>
  processRequest(request: R, clientAddress: Address): Overridable<void>
  handleError(request: R, clientAddress: Address, error: unknown): Overridable<unknown>
  shutdownRequest(request: R): Overridable<void>
}

/** Takes a pending request and processes it, in the order of Python's _handle_request_noblock, also on errors. */
export function* takeRequest<R>(server: RequestTaker<R>): Coroutine<void> {
  // Another greenlet may have taken the request in the meantime.
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

/** An error in `verifyRequest` ends the loop, as in Python, but the request is closed first. */
function* verify<R>(server: RequestTaker<R>, request: R, clientAddress: Address): Coroutine<boolean> {
  try {
    return yield* settle(server.verifyRequest(request, clientAddress))
  } catch (error) {
    yield* settle(server.shutdownRequest(request))
    throw error
  }
}
