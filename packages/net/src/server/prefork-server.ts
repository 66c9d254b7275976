import { availableParallelism } from 'node:os'
import {
  AsyncResult,
  type Coroutine,
  type Greenlet,
  getHub,
  isControlError,
  type Operation,
  sleep,
  spawn,
} from '@greenlit/core'
import { Call, checkOptions, checkTimeoutFromZero, checkWhole, Done } from '@greenlit/core/engine'
import { checkTarget, ProcessError, type Target, WorkerSet } from '@greenlit/process'
import type { Address } from '../address/address.ts'
import { SOCK_STREAM } from '../constants.ts'
import { osError } from '../errors/make.ts'
import { BlockingIOError } from '../errors/os-error.ts'
import { checkBacklog } from '../socket/listen.ts'
import type { Socket } from '../socket/socket.ts'
import { NetTransport } from '../stream/net-transport.ts'
import { AddressedServer } from './addressed-server.ts'
import { builtFile } from './built-file.ts'
import { openListener } from './open-listener.ts'
import { type ListenerAddress, parseListener } from './parse-listener.ts'
import type { WorkSettings } from './prefork/settings.ts'
import { Readable } from './readable.ts'

/** How a `PreforkServer` serves. */
export interface PreforkServerOptions {
  /** How many processes serve, from 1 up. Default: one for each core. */
  workers?: number
  /** How many connections each process serves at a time. Default without end. */
  spawn?: number
  /** How many connections the kernel keeps waiting. Default 256. */
  backlog?: number
  /** Whether each process has a listening socket of its own on the port, so that the kernel divides the connections. Default false:
   * all share one. */
  reusePort?: boolean
}

/**
 * A server whose connections are served by several processes on one port. The handler is an export of a module, and runs in a
 * greenlet for each connection, as with `StreamServer`. A process that crashes is started again, after a pause that doubles from
 * crash to crash; connections that come meanwhile go to the others.
 *
 * @example
 * const handler = { module: new URL('./echo.js', import.meta.url), export: 'echo' }
 * yield* new PreforkServer(['127.0.0.1', 8080], handler).serveForever()
 */
export class PreforkServer extends AddressedServer {
  /** The first pause after a crash, in milliseconds. Default 100. */
  minDelay: number = 100
  /** The longest pause, in milliseconds; a process that lived longer begins anew. Default 10 000. */
  maxDelay: number = 10_000
  /** How long `stop` and `restart` let connections go on by default, in milliseconds. Default 5000. */
  stopTimeout: number = 5_000
  private readonly where: ListenerAddress
  private readonly handler: Target
  private readonly count: number
  private readonly size: number | undefined
  private readonly backlog: number
  private readonly reusePort: boolean
  /** Those of the last start. */
  private set: WorkerSet | undefined
  private socket: Socket | undefined
  /** Says whether the last start has come to its end; who waits for one that failed tries again. */
  private begun: AsyncResult<boolean> = new AsyncResult()
  /** How long the last stop lets connections go on. */
  private allowed: number | undefined
  private forwarder: Greenlet<void> | undefined

  /**
   * @param listener `[host, port]`, a port, 'host:port' or a path
   * @param handler the module and the export that serves a connection: `*handle(socket, address)`
   * @param options see `PreforkServerOptions`
   * @throws {TypeError} or {RangeError} for another listener, handler or number; {FileNotFoundError} if there is no such module
   */
  constructor(listener: Address | number, handler: Target, options: PreforkServerOptions = {}) {
    const where = parseListener(listener)
    super(where.address)
    this.where = where
    this.handler = checkTarget(handler, 'handler')
    const given = checkOptions(options)
    this.count = checkWhole(given.workers ?? availableParallelism(), 'workers', 1)
    this.size = given.spawn === undefined ? undefined : checkWhole(given.spawn, 'spawn', 1)
    this.backlog = checkBacklog(given.backlog ?? 256)
    this.reusePort = given.reusePort ?? false
  }

  /** The numbers of the processes that take connections. */
  get workers(): readonly number[] {
    const ready = (this.set?.workers ?? []).filter(({ isReady }) => isReady)
    return ready.map(({ pid }) => pid).sort((one, other) => one - other)
  }

  /**
   * Binds, listens, and waits until all processes are ready; nothing happens if it serves already. If it fails, or is
   * killed, nothing is left.
   *
   * @throws {OSError} EADDRINUSE and its like; {Error} if a process ends before it is ready
   */
  start(): Operation<void> {
    return new Call<[], void>(() => this.begin(), [])
  }

  private *begin(): Coroutine<void> {
    while (this.started) if (yield* this.begun.get()) return
    const begun = new AsyncResult<boolean>()
    this.begun = begun
    let hasFailed = false
    this.stopped.clear()
    let set: WorkerSet | undefined
    try {
      const { reusePort } = this
      const socket = yield* openListener(this.where, SOCK_STREAM, this.backlog, { reusePort })
      if (!this.started) {
        socket.close()
        return
      }
      this.socket = socket
      this.address = socket.getsockname()
      set = this.makeWorkers()
      this.set = set
      const ready = set.start()
      if (!reusePort) set.share(socket.listenerOf()!.server)
      this.forwarder = spawn(() => this.forward(socket))
      yield* ready
    } catch (error) {
      // Stopped meanwhile, and perhaps started again.
      if (set !== undefined && (set !== this.set || !this.started) && error instanceof ProcessError) return
      hasFailed = true
      yield* this.stop({ timeout: 0 })
      throw error
    } finally {
      begun.set(!hasFailed)
    }
  }

  private makeWorkers(): WorkerSet {
    const { handler, size, address, backlog } = this
    const own = this.reusePort ? { ...this.where, address } : undefined
    const settings: WorkSettings = { handler, size, address, own, backlog }
    return new WorkerSet(
      { module: builtFile('server/prefork/work'), export: 'work' },
      {
        size: this.count,
        args: [settings],
        name: 'PreforkServer',
        backoff: this.minDelay,
        maxBackoff: this.maxDelay,
        minUptime: this.maxDelay,
        onDeath: (_worker, error) => getHub().handleError(this, error),
      },
    )
  }

  /** Gives away what this process has accepted, as it listens on the socket too. */
  private *forward(socket: Socket): Coroutine<void> {
    for (;;) {
      yield* new Readable(socket.openDescription(), undefined)
      if (socket.closed) return
      try {
        const [connection] = yield* socket.accept({ timeout: 0 })
        spawn(() => this.give(connection))
      } catch (error) {
        if (isControlError(error)) throw error
        if (error instanceof BlockingIOError) continue
        // As too many open files: connections that this process takes from the kernel must not stay with it.
        getHub().handleError(this, error)
        yield* sleep(this.minDelay)
      }
    }
  }

  private *give(connection: Socket): Coroutine<void> {
    const { transport } = connection.streamOf()
    try {
      if (transport instanceof NetTransport) yield* this.set!.give(transport.netSocket)
    } catch (error) {
      // Stopped before a worker was ready for it.
      if (!(error instanceof ProcessError)) throw error
    } finally {
      connection.close()
    }
  }

  /**
   * Replaces the processes one after the other, as after a change of the handler's module; connections that are being served go on
   * for `timeout`. No connection is refused meanwhile.
   *
   * @param options `timeout`: milliseconds from 0 up; default `stopTimeout`
   * @throws {OSError} EBADF if it is not started; {Error} if a new process ends before it is ready: the old one then stays
   */
  restart(options: { timeout?: number } = {}): Operation<void> {
    const timeout = checkTimeoutFromZero(checkOptions(options).timeout ?? this.stopTimeout) as number
    return new Call<[], void>(() => this.replaceAll(timeout), [])
  }

  private *replaceAll(timeout: number): Coroutine<void> {
    if (!this.started) throw osError('EBADF', 'The server is not started')
    yield* this.set!.restart({ timeout })
  }

  /**
   * Stops listening, at once. Connections that are being served may go on for `timeout`; then the processes are ended.
   *
   * @param options `timeout`: milliseconds from 0 up; default `stopTimeout`
   * @returns an operation that only waits until all processes have ended
   */
  override stop(options: { timeout?: number } = {}): Operation<void> {
    const timeout = checkTimeoutFromZero(checkOptions(options).timeout ?? this.stopTimeout) as number
    this.socket?.close()
    this.forwarder?.kill({ block: false })
    this.stopped.set()
    this.allowed = timeout
    return (this.set?.stop({ timeout }) ?? new Done()) as Operation<unknown> as Operation<void>
  }

  /**
   * Starts the server if need be and waits until it is stopped. A kill of the greenlet that waits stops the server.
   *
   * @param options `stopTimeout`: as `timeout` of `stop`
   * @throws {OSError} and {Error} as `start` does
   */
  serveForever(options: { stopTimeout?: number } = {}): Operation<void> {
    const timeout = checkTimeoutFromZero(checkOptions(options).stopTimeout, 'stopTimeout') as number | undefined
    return new Call<[], void>(() => this.serveUntilStopped(timeout), [])
  }

  private *serveUntilStopped(timeout: number | undefined): Coroutine<void> {
    try {
      yield* this.start()
      yield* this.stopped.wait()
    } finally {
      const allowed = this.started ? timeout : this.allowed
      yield* this.stop(allowed === undefined ? {} : { timeout: allowed })
    }
  }
}
