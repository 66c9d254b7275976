import type { Server } from 'node:net'
import { type Coroutine, fromCallback, type Green, green, type Operation } from '@greenlit/core'
import { Call } from '@greenlit/core/engine'
import { fromNode } from '../errors/make.ts'
import { type Overlay, overlay } from './overlay.ts'

/** What a server has in place of Node's callbacks. */
export interface BlockingServer {
  /**
   * Listens, with Node's arguments less the callback, and waits until it does.
   *
   * @throws {OSError} EADDRINUSE and its like
   */
  listen(...args: unknown[]): Operation<undefined>
  /** Stops listening, and waits until the last connection has ended. */
  close(): Operation<undefined>
}

/** A cooperative view of a server of Node's. */
export type ServerView<S extends Server> = Overlay<Green<S>, BlockingServer>

/** Shows a server whose calls wait. */
export function serverView<S extends Server>(server: S): ServerView<S> {
  return overlay(green(server) as Green<S> & object, {
    listen: (...args: unknown[]) => new Call(listen, [server as Server, args]),
    close: () => new Call(close, [server as Server]),
  }) as ServerView<S>
}

function* listen(server: Server, args: unknown[]): Coroutine<undefined> {
  yield* fromCallback((resume) => {
    const leave = (error?: Error) => {
      server.off('error', leave).off('listening', leave)
      resume(error === undefined ? undefined : fromNode(error))
    }
    server.on('error', leave).on('listening', leave)
    server.listen(...(args as []))
    return () => {
      server.off('error', leave).off('listening', leave)
      server.close()
    }
  })
  return undefined
}

function* close(server: Server): Coroutine<undefined> {
  if (server.listening) yield* fromCallback((resume) => void server.close((error) => resume(error)))
  return undefined
}
