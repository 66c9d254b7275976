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

/**
 * Takes a pending request and processes it, in the order of Python's _handle_request_noblock, also on errors. Returns `false` if
 * another greenlet has taken it in the meantime; a server that was closed has nothing more to wait for.
 */
export function* takeRequest<R>(server: RequestTaker<R>): Coroutine<boolean> {
  const { description } = server.socket
  if (description === null) return true
  if (!description.readable) return false
  let next: [R, Address]
  try {
    next = yield* settle(server.getRequest())
  } catch (error) {
    if (error instanceof OSError) return true
    throw error
  }
  const [request, clientAddress] = next
  if (!(yield* verify(server, request, clientAddress))) {
    yield* settle(server.shutdownRequest(request))
    return true
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
  return true
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
