import { type Coroutine, type Greenlet, getcurrent, joinall, type Operation, spawn } from '@greenlit/core'
import { Call } from '@greenlit/core/engine'
import type { Address } from '../address/address.ts'
import { isExit } from '../server/exits.ts'
import { type Overridable, settle } from '../server/overridable.ts'
import { type Mixed, type ServerClass, serverClass } from './mix-in.ts'

/** What `ThreadingMixIn` adds to a server. */
export interface Threading {
  /** Whether `serverClose` lets running handlers continue without waiting for them. Default false. */
  daemonThreads: boolean
  /** Whether `serverClose` waits for running handlers. Default true. */
  blockOnClose: boolean
  /** The running greenlets that `serverClose` waits for. */
  readonly threads: readonly Greenlet<void>[]
  /** The number of running handlers. */
  readonly runningThreads: number
  /** Serves a request; called in the request's own greenlet. May be overridden. */
  processRequestThread(request: unknown, clientAddress: Address): Overridable<unknown>
  /** Called in the hub after a request's greenlet has ended; must not block. May be overridden. */
  threadEnded(): void
}

/**
 * Makes servers serve each request in its own greenlet, where Python uses a thread (socketserver.ThreadingMixIn).
 *
 * @param Base the server class
 * @returns a class to use or extend
 * @throws {TypeError} if `Base` is not a server class
 * @example
 * class ChatServer extends ThreadingMixIn(TCPServer) {
 *   override daemonThreads = true
 * }
 */
export function ThreadingMixIn<C extends ServerClass>(Base: C): Mixed<C, Threading> {
  class ThreadingServer extends serverClass(Base) implements Threading {
    daemonThreads: boolean = false
    blockOnClose: boolean = true
    /** The running greenlets, each with whether `serverClose` waits for it. */
    private readonly running = new Map<Greenlet<void>, boolean>()

    get threads(): readonly Greenlet<void>[] {
      return [...this.running].filter(([, joined]) => joined).map(([thread]) => thread)
    }

    get runningThreads(): number {
      return this.running.size
    }

    override processRequest(request: unknown, clientAddress: Address): Operation<void> | Coroutine<void> {
      return new Call<[], void>(() => this.startThread(request, clientAddress), [])
    }

    private *startThread(request: unknown, clientAddress: Address): Coroutine<void> {
      let hasStarted = false
      const run = () => {
        hasStarted = true
        return settle<unknown>(this.processRequestThread(request, clientAddress)) as Coroutine<void>
      }
      const thread = spawn(run)
      this.running.set(thread, this.blockOnClose && !this.daemonThreads)
      thread.rawlink(() => {
        this.running.delete(thread)
        this.threadEnded()
        // A greenlet killed before it first ran could not shut down the request itself.
        if (!hasStarted) spawn(() => settle(this.shutdownRequest(request)))
      })
    }

    threadEnded(): void {}

    processRequestThread(request: unknown, clientAddress: Address): Overridable<unknown> {
      return this.serveThread(request, clientAddress)
    }

    private *serveThread(request: unknown, clientAddress: Address): Coroutine<void> {
      try {
        yield* settle(this.finishRequest(request, clientAddress))
      } catch (error) {
        if (isExit(error)) throw error
        yield* settle(this.handleError(request, clientAddress, error))
      } finally {
        yield* settle(this.shutdownRequest(request))
      }
    }

    override serverClose(): Operation<void> | Coroutine<void> {
      const closing = super.serverClose()
      return new Call<[], void>(() => this.closeAndJoin(closing), [])
    }

    private *closeAndJoin(closing: Overridable<void>): Coroutine<void> {
      yield* settle(closing)
      const current = getcurrent()
      // A handler that closes the server must not wait for its own end.
      yield* joinall(this.threads.filter((thread) => thread !== current))
    }
  }
  return ThreadingServer as unknown as Mixed<C, Threading>
}
