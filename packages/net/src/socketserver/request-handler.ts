import type { Coroutine } from '@greenlit/core'
import type { Address } from '../address/address.ts'
import { type Overridable, settle } from '../server/overridable.ts'
import type { Socket } from '../socket/socket.ts'
import type { BaseServer } from './base-server.ts'

/** Serves one request. A missing method is skipped. */
export interface RequestHandler {
  setup?(): Overridable<unknown>
  handle?(): Overridable<unknown>
  finish?(): Overridable<unknown>
}

/**
 * Serves each request: a handler class, a function that returns a handler, or a function that serves the request itself (a coroutine,
 * plain or async one). The `server` parameter may be declared with the actual server class.
 */
export type RequestHandlerClass<R = Socket> =
  | (new (
      request: R,
      clientAddress: Address,
      server: never,
    ) => RequestHandler)
  | ((request: R, clientAddress: Address, server: never) => unknown)

/**
 * Serves one request: override `handle` and, if necessary, `setup` and `finish` (Python: socketserver.BaseRequestHandler). Each may
 * be a coroutine, plain or async function.
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
  /** The connection, or `[data, socket]` in a datagram server. */
  request: R
  /** The client's address. */
  clientAddress: Address
  /** The server that created the handler. */
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

  /** Called before `handle`. If it throws, neither `handle` nor `finish` is called. */
  setup(): Overridable<unknown> {
    return undefined
  }

  /** Serves the request. */
  handle(): Overridable<unknown> {
    return undefined
  }

  /** Called after `handle`, even if that threw. */
  finish(): Overridable<unknown> {
    return undefined
  }
}

/** Serves a request with a handler class or function. */
export function* serveWith<R>(
  Handler: RequestHandlerClass<R>,
  request: R,
  clientAddress: Address,
  server: unknown,
): Coroutine<void> {
  const made = make(Handler, request, clientAddress, server)
  // A function may serve the request itself, and return nothing of use.
  const handler = typeof made?.handle === 'function' ? made : yield* settle(made)
  if (typeof handler === 'object' && handler !== null) yield* runHandler(handler)
}

function make<R>(Handler: RequestHandlerClass<R>, ...args: unknown[]): RequestHandler | undefined {
  // Arrow and async functions have no prototype, that of a generator function has no constructor: neither can be called with `new`.
  const { prototype } = Handler as { prototype?: { constructor?: unknown } }
  if (typeof prototype?.constructor === 'function')
    return new (Handler as new (...args: unknown[]) => RequestHandler)(...args)
  return (Handler as (...args: unknown[]) => RequestHandler | undefined)(...args)
}

/**
 * Runs a request's handler: calls `setup`, `handle` and `finish`, the last even if `handle` throws, as the constructor of Python's
 * handlers does. Servers call it by default; call it yourself when overriding `finishRequest`.
 *
 * @example
 * class ConfiguredServer extends TCPServer {
 *   override *finishRequest(request: Socket, clientAddress: Address) {
 *     yield* runHandler(new Handler(request, clientAddress, this, settings))
 *   }
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
