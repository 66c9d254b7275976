import type { Server } from 'node:net'
import { type Coroutine, fromCallback, type Green, green, type Operation } from '@greenlit/core'
import { Call, standFor } from '@greenlit/core/engine'
import { closedElsewhere, fromNode } from '../errors/make.ts'
import { type Overlay, OverlayHandler } from './overlay.ts'

/** The methods of a server that block the greenlet instead of taking a callback. */
export interface BlockingServer {
  /**
   * Starts listening and waits until the server does. Takes Node's arguments except the callback.
   *
   * @throws {OSError} EADDRINUSE and the like
   */
  listen(...args: unknown[]): Operation<undefined>
  /** Stops listening and waits until the last connection has ended. */
  close(): Operation<undefined>
}

/** A cooperative view of a Node server. */
export type ServerView<S extends Server> = Overlay<Green<S>, BlockingServer>

/** Creates the view of a server. */
export function serverView<S extends Server>(server: S): ServerView<S> {
  const members = {
    listen: (...args: unknown[]) => new Call(listen, [server as Server, args]),
    close: () => new Call(close, [server as Server]),
  }
  const view = new Proxy(members, new ServerHandler(green(server) as object)) as unknown as ServerView<S>
  standFor(server, view as object)
  return view
}

/** Like an overlay's handler, but methods that return the server for chaining return the overlay, and properties can be assigned. */
class ServerHandler extends OverlayHandler {
  private readonly methods = new WeakMap<object, unknown>()

  override get(own: object, name: string | symbol, overlay: unknown): unknown {
    const value = super.get(own, name, overlay)
    if (typeof value !== 'function' || Object.hasOwn(own, name)) return value
    let method = this.methods.get(value)
    if (method === undefined) {
      const { view } = this
      method = function call(this: unknown, ...args: unknown[]): unknown {
        const result: unknown = Reflect.apply(value, this, args)
        return result === view ? overlay : result
      }
      this.methods.set(value, method)
    }
    return method
  }

  override set(own: object, name: string | symbol, value: unknown): boolean {
    return !Object.hasOwn(own, name) && Reflect.set(this.view, name, value)
  }
}

function* listen(server: Server, args: unknown[]): Coroutine<undefined> {
  yield* fromCallback((resume) => {
    const leave = (error?: Error) => {
      server.off('error', leave).off('listening', leave).off('close', closed)
      resume(error === undefined ? undefined : fromNode(error))
    }
    const closed = () => leave(closedElsewhere())
    server.listen(...(args as []))
    server.on('error', leave).on('listening', leave).on('close', closed)
    return () => {
      server.close()
      // Node may still emit 'error' if it cannot listen, which ends the program if there is no listener.
      setImmediate(leave)
    }
  })
  return undefined
}

function* close(server: Server): Coroutine<undefined> {
  // It is no error if the server is not listening: it was stopped before, or is still resolving the address to listen on.
  yield* fromCallback((resume) => void server.close(() => resume(undefined)))
  return undefined
}
