import type { Socket as NetSocket } from 'node:net'
import { type Coroutine, type Greenlet, isControlError, type Operation, spawn } from '@greenlit/core'
import { Call, checkWhole, show } from '@greenlit/core/engine'
import { checkTarget, type SetWorker, type Target, WorkerSet } from '@greenlit/process'
import type { Address } from '../address/address.ts'
import { osError } from '../errors/make.ts'
import { builtFile } from '../server/built-file.ts'
import { isExit } from '../server/exits.ts'
import { type Overridable, settle } from '../server/overridable.ts'
import type { Socket } from '../socket/socket.ts'
import { StreamDescription } from '../socket/stream-description.ts'
import { NetTransport } from '../stream/net-transport.ts'
import type { ServerOptions } from './base-server.ts'
import type { Job, SendAnswer, SendRequest } from './forking/job.ts'
import { type ServerClass, serverClass } from './mix-in.ts'
import { BaseRequestHandler } from './request-handler.ts'
import { Room } from './room.ts'

/** What `ForkingMixIn` adds to a server. */
export interface Forking {
  /** How many requests are served at a time, from 1 up; further ones wait to be accepted. Default 40. */
  maxChildren: number
  /** Whether `serverClose` waits for running handlers. Default true. */
  blockOnClose: boolean
  /** The numbers of the child processes, also of those that wait for their next request. */
  readonly activeChildren: ReadonlySet<number>
  /** Ends the children that wait for a request; a `handleRequest` that times out does so too. */
  collectChildren(): void
}

/** A class of servers whose handlers are exports of a module. */
export type Forked<C extends ServerClass> = Omit<C, 'prototype'> & {
  readonly prototype: InstanceType<C> & Forking
  new (serverAddress: ConstructorParameters<C>[0], handler: Target, options?: ServerOptions): InstanceType<C> & Forking
}

/**
 * Makes servers serve each request in a child process (Python: socketserver.ForkingMixIn). Children are started when they are
 * needed and used again. Node cannot fork as Unix does: the handler is the export of a module that the child loads, its `server` has
 * only a `serverAddress`, and `handleError` is called in the parent. The children of a datagram server answer through the parent.
 *
 * @param Base the class of servers; the one that is given back takes `{ module, export }` for a handler
 * @throws {TypeError} if it is no class of servers, and for a handler that is no target
 * @example
 * class Server extends ForkingMixIn(TCPServer) {}
 * const handler = { module: new URL('./echo-handler.js', import.meta.url), export: 'EchoHandler' }
 * yield* new Server(['127.0.0.1', 8080], handler).serveForever()
 */
export function ForkingMixIn<C extends ServerClass>(Base: C): Forked<C> {
  class ForkingServer extends serverClass(Base) implements Forking {
    override timeout: number | undefined = 300_000
    maxChildren: number = 40
    blockOnClose: boolean = true
    private readonly room = new Room()
    private readonly children: WorkerSet
    private running = 0

    constructor(...args: unknown[]) {
      const [serverAddress, handler, ...rest] = args
      super(serverAddress, BaseRequestHandler, ...rest)
      const target = checkHandler(handler)
      this.RequestHandlerClass = handler as never
      this.children = new WorkerSet(
        { module: builtFile('socketserver/forking/work'), export: 'work' },
        {
          size: Infinity,
          min: 0,
          tasks: 1,
          args: [target],
          name: 'ForkingServer',
          daemon: true,
          // A request that a child dies over fails, which tells of it.
          onDeath: () => {},
          onMessage: (child, request) => void spawn(() => this.answerFrom(child, request as SendRequest)),
        },
      )
      this.children.start()
    }

    get activeChildren(): ReadonlySet<number> {
      return this.children.pids
    }

    private get isFull(): boolean {
      return this.running >= checkWhole(this.maxChildren, 'maxChildren', 1)
    }

    override *waitForRoom(): Coroutine<void> {
      yield* this.room.wait(() => this.isFull && !this.isStopping)
    }

    override shutdown(): Operation<void> {
      const stopping = super.shutdown()
      this.room.change()
      return stopping
    }

    override handleTimeout(): Overridable<unknown> {
      this.collectChildren()
      return super.handleTimeout()
    }

    collectChildren(): void {
      this.children.reap()
    }

    override processRequest(request: unknown, clientAddress: Address): Operation<void> | Coroutine<void> {
      return new Call<[], void>(() => this.giveToChild(request, clientAddress), [])
    }

    private *giveToChild(request: unknown, clientAddress: Address): Coroutine<void> {
      yield* this.room.wait(() => this.isFull)
      const data = Array.isArray(request) ? (request[0] as Buffer) : undefined
      const socket = data === undefined ? handOver(request) : undefined
      const { serverAddress } = this
      const job: Job = { kind: 'serve', clientAddress, serverAddress, data }
      this.running += 1
      spawn(() => this.serveInChild(request, socket, job))
    }

    private *serveInChild(request: unknown, socket: NetSocket | undefined, job: Job): Coroutine<void> {
      let isSent = false
      const onSent = () => {
        isSent = true
        spawn(() => settle(this.closeRequest(request)))
      }
      try {
        yield* this.children.ask(socket, job, { onSent })
      } catch (error) {
        if (isExit(error)) throw error
        yield* settle(this.handleError(request, job.clientAddress, error))
      } finally {
        this.running -= 1
        this.room.change()
        if (!isSent) yield* settle(this.shutdownRequest(request))
      }
    }

    private *answerFrom(child: SetWorker, { id, data, address }: SendRequest): Coroutine<void> {
      // What a kill leaves.
      let answer: SendAnswer = { kind: 'sent', id, size: 0, error: osError('ECANCELED') }
      try {
        const size = yield* this.socket.sendto(data, address)
        answer = { kind: 'sent', id, size, error: undefined }
      } catch (error) {
        if (isControlError(error)) throw error
        answer = { kind: 'sent', id, size: 0, error }
      } finally {
        child.say(answer)
      }
    }

    override serverClose(): Operation<void> | Coroutine<void> {
      const closing = super.serverClose()
      this.children.reap()
      const ending = spawn(() => this.endChildren())
      return new Call<[], void>(() => this.closeAndJoin(closing, ending), [])
    }

    /** Lets each child end once it has nothing to do. */
    private *endChildren(): Coroutine<void> {
      yield* this.room.wait(() => this.running > 0)
      yield* this.children.stop()
    }

    private *closeAndJoin(closing: Overridable<void>, ending: Greenlet<void>): Coroutine<void> {
      yield* settle(closing)
      if (this.blockOnClose) yield* ending.join()
    }
  }
  return ForkingServer as unknown as Forked<C>
}

/** Node's socket of a connection that can be sent away: what was read of it already would stay here. */
function handOver(request: unknown): NetSocket {
  const { description } = request as Partial<Socket>
  const transport = description instanceof StreamDescription ? description.transport : null
  // Sending a socket of TLS ends the whole process in Node.
  if (!(transport instanceof NetTransport) || 'encrypted' in transport.netSocket) {
    throw new TypeError(`Expected a plain connection for a child process, got ${show(request)}: do TLS in the handler`)
  }
  if (transport.netSocket.listenerCount('data') > 0 || transport.netSocket.bytesRead > 0) {
    throw new TypeError('Expected a connection of which nothing was read, for a child process: read it in the handler')
  }
  return transport.netSocket
}

function checkHandler(handler: unknown): Target {
  if (typeof handler !== 'object' || handler === null) {
    throw new TypeError(
      `Expected the handler of a forking server to be { module, export }, got ${show(handler)}: a child process loads it by itself`,
    )
  }
  return checkTarget(handler, 'handler')
}
