import type { Coroutine } from '@greenlit/core'
import type { Address } from '../address/address.ts'
import { type Overridable, settle } from '../server/overridable.ts'
import type { Socket } from '../socket/socket.ts'
import type { BaseServer } from './base-server.ts'

/** Serves one request; what it lacks is left out. */
export interface RequestHandler {
  setup?(): Overridable<unknown>
  handle?(): Overridable<unknown>
  finish?(): Overridable<unknown>
}

/**
 * What makes the handler of a request: a class, or an arrow function that makes an object of one. Its `server` may be declared as the
 * class that it is.
 */
export type RequestHandlerClass<R = Socket> =
  | (new (
      request: R,
      clientAddress: Address,
      server: never,
    ) => RequestHandler)
  | ((request: R, clientAddress: Address, server: never) => RequestHandler)

/**
 * Serves one request: override `handle`, and `setup` and `finish` if need be (Python: socketserver.BaseRequestHandler). Each may be
 * a coroutine, plain or async.
 *
 * @example
 * class Upper extends BaseRequestHandler {
 *   override *handle() {
 *     const data = yield* this.request.recv(1024)
 *     yield* this.request.sendall(data.toString().toUpperCase())
 *   }
 * }
 */
export class BaseRequestHandler<R = Socket, S = BaseServer<R>> implements RequestHandler {
  /** The connection; of a datagram server, `[data, socket]`. */
  request: R
  /** The client's address. */
  clientAddress: Address
  /** The server that made the handler. */
  server: S

  /**
   * @param request the connection, or `[data, socket]`
   * @param clientAddress the client's address
   * @param server the server
   */
  constructor(request: R, clientAddress: Address, server: S) {
    this.request = request
    this.clientAddress = clientAddress
    this.server = server
  }

  /** Is called before `handle`; after an error of its own neither `handle` nor `finish` is. */
  setup(): Overridable<unknown> {
    return undefined
  }

  /** Serves the request. */
  handle(): Overridable<unknown> {
    return undefined
  }

  /** Is called after `handle`, however that ended. */
  finish(): Overridable<unknown> {
    return undefined
  }
}

/** Makes the handler of a request. */
export function makeHandler<R>(
  Handler: RequestHandlerClass<R>,
  request: R,
  clientAddress: Address,
  server: unknown,
): RequestHandler {
  const maker = Handler as unknown as new (...args: unknown[]) => RequestHandler
  // An arrow function has no prototype, and cannot be called with `new`.
  if (maker.prototype !== undefined) return new maker(request, clientAddress, server)
  return (Handler as unknown as (...args: unknown[]) => RequestHandler)(request, clientAddress, server)
}

/**
 * Serves a request with its handler: calls `setup`, `handle` and `finish`, the last also after an error of `handle` (what the
 * constructor of Python's handlers does). The server calls it; call it in a `finishRequest` of your own.
 *
 * @example
 * override *finishRequest(request: Socket, clientAddress: Address) {
 *   yield* runHandler(new Handler(request, clientAddress, this, settings))
 * }
 */
export function* runHandler(handler: RequestHandler): Coroutine<void> {
  yield* settle(handler.setup?.())
  try {
    yield* settle(handler.handle?.())
  } finally {
    yield* settle(handler.finish?.())
  }
}
