import type { Socket as NetSocket } from 'node:net'
import { type Coroutine, type Greenlet, isControlError, type Operation, spawn } from '@greenlit/core'
import { Call, checkWhole, show } from '@greenlit/core/engine'
import { checkTarget, type SetWorker, type Target, WorkerSet } from '@greenlit/process'
import type { Address } from '../address/address.ts'
import { SOCK_DGRAM } from '../constants.ts'
import { osError } from '../errors/make.ts'
import { builtFile } from '../server/built-file.ts'
import { isExit } from '../server/exits.ts'
import { type Overridable, settle } from '../server/overridable.ts'
import type { Socket } from '../socket/socket.ts'
import { StreamDescription } from '../socket/stream-description.ts'
import { NetTransport } from '../stream/net-transport.ts'
import type { ServerOptions } from './base-server.ts'
import { Capacity } from './capacity.ts'
import type { Job, SendAnswer, SendRequest } from './forking/job.ts'
import { type ServerClass, serverClass } from './mix-in.ts'
import { BaseRequestHandler } from './request-handler.ts'

/** What `ForkingMixIn` adds to a server. */
export interface Forking {
  /** The maximum number of concurrent requests, from 1 up; further ones wait to be accepted. Default 40. */
  maxChildren: number
  /** Whether `serverClose` waits for running handlers. Default true. */
  blockOnClose: boolean
  /** The process ids of the child processes, including idle ones. */
  readonly activeChildren: ReadonlySet<number>
  /** Ends idle children, as does a `handleRequest` that times out. */
  collectChildren(): void
}

/** A server class whose handler is an export of a module. */
export type Forked<C extends ServerClass> = Omit<C, 'prototype'> & {
  readonly prototype: InstanceType<C> & Forking
  new (serverAddress: ConstructorParameters<C>[0], handler: Target, options?: ServerOptions): InstanceType<C> & Forking
}

/**
 * Makes servers serve each request in a child process (Python: socketserver.ForkingMixIn). Children are started on demand and reused.
 * As Node cannot fork, the handler is an export of a module that the child loads, its `server` has only a `serverAddress`, and
 * `handleError` is called in the parent. The children of a datagram server send their replies through the parent.
 *
 * @param Base the server class; the class returned takes `{ module, export }` as its handler
 * @throws {TypeError} if `Base` is not a server class; the servers' constructor, if the handler is not `{ module, export }`
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
    private readonly requestCapacity = new Capacity()
    private readonly children: WorkerSet
    private running = 0
    /** What running handlers send their datagrams from once the server is closed. */
    private repliesFrom: Socket | undefined

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
          // The request that the child was serving fails, which reports the death.
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

    override *waitForCapacity(): Coroutine<void> {
      yield* this.requestCapacity.waitWhile(() => this.isFull && !this.isStopping)
    }

    override shutdown(): Operation<void> {
      const stopping = super.shutdown()
      this.requestCapacity.changed()
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
      return new Call<[], void>(() => this.sendToChild(request, clientAddress), [])
    }

    private *sendToChild(request: unknown, clientAddress: Address): Coroutine<void> {
      yield* this.requestCapacity.waitWhile(() => this.isFull)
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
        this.requestCapacity.changed()
        if (!isSent) yield* settle(this.shutdownRequest(request))
      }
    }

    private *answerFrom(child: SetWorker, { id, data, address }: SendRequest): Coroutine<void> {
      // The answer if this greenlet is killed.
      let answer: SendAnswer = { kind: 'sent', id, size: 0, error: osError('ECANCELED') }
      try {
        const size = yield* (this.repliesFrom ?? this.socket).sendto(data, address)
        answer = { kind: 'sent', id, size, error: undefined }
      } catch (error) {
        if (isControlError(error)) throw error
        answer = { kind: 'sent', id, size: 0, error }
      } finally {
        child.say(answer)
      }
    }

    override serverClose(): Operation<void> | Coroutine<void> {
      if (this.running > 0 && this.socket.type === SOCK_DGRAM && this.fileno() !== -1) {
        this.repliesFrom = this.socket.dup()
      }
      const closing = super.serverClose()
      this.children.reap()
      const ending = spawn(() => this.endChildren())
      return new Call<[], void>(() => this.closeAndJoin(closing, ending), [])
    }

    /** Waits for the running requests, then ends the children. */
    private *endChildren(): Coroutine<void> {
      try {
        yield* this.requestCapacity.waitWhile(() => this.running > 0)
      } finally {
        this.repliesFrom?.close()
      }
      yield* this.children.stop()
    }

    private *closeAndJoin(closing: Overridable<void>, ending: Greenlet<void>): Coroutine<void> {
      yield* settle(closing)
      if (this.blockOnClose) yield* ending.join()
    }
  }
  return ForkingServer as unknown as Forked<C>
}

/** Returns the Node socket of a connection to be sent to a child. Bytes that were already read would stay behind in this process. */
function handOver(request: unknown): NetSocket {
  const { description } = request as Partial<Socket>
  const transport = description instanceof StreamDescription ? description.transport : null
  // Sending a TLS socket makes Node end the whole process.
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
