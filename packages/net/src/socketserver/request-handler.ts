import type { Coroutine } from '@greenlit/core'
import type { Address } from '../address/address.ts'
import { type Overridable, settle } from '../server/overridable.ts'
import type { Socket } from '../socket/socket.ts'
import type { BaseServer } from './base-server.ts'

/** What a server makes a handler from. Its `server` may be declared as the class that it is. */
export type RequestHandlerClass<R = Socket> = new (request: R, clientAddress: Address, server: never) => RequestHandler

/** What a server does with a handler. */
export interface RequestHandler {
  /** Serves the request. */
  run(): Overridable<unknown>
}

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

  /**
   * Calls `setup`, `handle` and `finish`, the last also after an error of `handle` (what Python's constructor does). The server
   * calls it.
   */
  *run(): Coroutine<void> {
    yield* settle(this.setup())
    try {
      yield* settle(this.handle())
    } finally {
      yield* settle(this.finish())
    }
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
