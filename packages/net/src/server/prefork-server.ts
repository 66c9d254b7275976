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
import { type AddressOf, type ListenerAddress, parseListener } from './parse-listener.ts'
import type { WorkSettings } from './prefork/settings.ts'
import { ReadableWait } from './readable-wait.ts'

/** Options of `PreforkServer`. */
export interface PreforkServerOptions {
  /** The number of worker processes, from 1 up. Default: one per core. */
  workers?: number | undefined
  /** The maximum number of concurrent connections per process, from 1 up. Default unlimited. */
  spawn?: number | undefined
  /** The length of the kernel's queue of pending connections. Default 256. */
  backlog?: number | undefined
  /**
   * Whether each process opens its own listening socket on the port (SO_REUSEPORT), so that the kernel distributes the connections.
   * Default false: all processes share one.
   */
  reusePort?: boolean | undefined
}

/**
 * A server whose connections are served by several worker processes on one port. The handler is an export of a module, and runs in
 * a greenlet for each connection, as with `StreamServer`. A process that crashes is restarted after a pause that doubles with each
 * crash; meanwhile the other processes serve new connections.
 *
 * @example
 * const handler = { module: new URL('./echo.js', import.meta.url), export: 'echo' }
 * yield* new PreforkServer(['127.0.0.1', 8080], handler).serveForever()
 */
export class PreforkServer<L extends Address | number = Address | number> extends AddressedServer<AddressOf<L>> {
  /** The first pause after a crash, in milliseconds. Default 100. */
  minDelay: number = 100
  /** The longest pause, in milliseconds; after a process that lived longer than this, the pause starts over. Default 10 000. */
  maxDelay: number = 10_000
  /** How long `stop` and `restart` let open connections continue unless told otherwise, in milliseconds. Default 5000. */
  stopTimeout: number = 5_000
  private readonly listenAddress: ListenerAddress
  private readonly handler: Target
  private readonly workerCount: number
  private readonly maxConnections: number | undefined
  private readonly backlog: number
  private readonly reusePort: boolean
  /** The workers of the last start. */
  private workerSet: WorkerSet | undefined
  private socket: Socket | undefined
  /** Set when the last start has ended: to `false` if it failed, in which case a caller that waited for it tries again. */
  private startOutcome: AsyncResult<boolean> = new AsyncResult()
  /** The timeout of the last `stop`. */
  private lastTimeout: number | undefined
  private forwarder: Greenlet<void> | undefined

  /**
   * @param listener `[host, port]`, a port, 'host:port' or a path
   * @param handler the module and the name of its export that serves a connection: `*handle(socket, address)`
   * @param options see `PreforkServerOptions`
   * @throws {TypeError} or {RangeError} for an invalid listener, handler or number; {FileNotFoundError} if the module does not exist
   */
  constructor(listener: L, handler: Target, options: PreforkServerOptions = {}) {
    const listenAddress = parseListener(listener)
    super(listenAddress.address as AddressOf<L>)
    this.listenAddress = listenAddress
    this.handler = checkTarget(handler, 'handler')
    const given = checkOptions(options)
    this.workerCount = checkWhole(given.workers ?? availableParallelism(), 'workers', 1)
    this.maxConnections = given.spawn === undefined ? undefined : checkWhole(given.spawn, 'spawn', 1)
    this.backlog = checkBacklog(given.backlog ?? 256)
    this.reusePort = given.reusePort ?? false
  }

  /** The process ids of the workers that are ready for connections, in ascending order. */
  get workers(): readonly number[] {
    const ready = (this.workerSet?.workers ?? []).filter(({ isReady }) => isReady)
    return ready.map(({ pid }) => pid).sort((one, other) => one - other)
  }

  /**
   * Binds, listens and waits until all processes are ready. Does nothing if the server is already running. If the start fails or is
   * killed, the socket is closed and the processes end.
   *
   * @throws {OSError} EADDRINUSE and the like; {Error} if a process ends before it is ready
   */
  start(): Operation<void> {
    return new Call<[], void>(() => this.begin(), [])
  }

  private *begin(): Coroutine<void> {
    while (this.started) if (yield* this.startOutcome.get()) return
    const startOutcome = new AsyncResult<boolean>()
    this.startOutcome = startOutcome
    let hasFailed = false
    this._stopped.clear()
    let set: WorkerSet | undefined
    try {
      const { reusePort } = this
      const socket = yield* openListener(this.listenAddress, SOCK_STREAM, this.backlog, { reusePort })
      if (!this.started) {
        socket.close()
        return
      }
      this.socket = socket
      this.address = socket.getsockname() as AddressOf<L>
      set = this.makeWorkers()
      this.workerSet = set
      const ready = set.start()
      if (!reusePort) set.share(socket.listenerOf()!.server)
      this.forwarder = spawn(() => this.forward(socket))
      yield* ready
    } catch (error) {
      // The server was stopped during the start, and perhaps started again.
      if (set !== undefined && (set !== this.workerSet || !this.started) && error instanceof ProcessError) return
      hasFailed = true
      yield* this.stop({ timeout: 0 })
      throw error
    } finally {
      startOutcome.set(!hasFailed)
    }
  }

  private makeWorkers(): WorkerSet {
    const { handler, maxConnections, address, backlog } = this
    const ownAddress = this.reusePort ? { ...this.listenAddress, address } : undefined
    const settings: WorkSettings = { handler, maxConnections, address, ownAddress, backlog }
    return new WorkerSet(
      { module: builtFile('server/prefork/work'), export: 'work' },
      {
        size: this.workerCount,
        args: [settings],
        name: 'PreforkServer',
        backoff: this.minDelay,
        maxBackoff: this.maxDelay,
        minUptime: this.maxDelay,
        onDeath: (_worker, error) => getHub().handleError(this, error),
      },
    )
  }

  /** Passes connections that this process accepts, as it shares the listening socket, on to the workers. */
  private *forward(socket: Socket): Coroutine<void> {
    for (;;) {
      yield* new ReadableWait(socket.openDescription(), undefined)
      if (socket.closed) return
      try {
        const [connection] = yield* socket.accept({ timeout: 0 })
        spawn(() => this.dispatch(connection))
      } catch (error) {
        if (isControlError(error)) throw error
        if (error instanceof BlockingIOError) continue
        // Such as too many open files. The loop must go on, or connections that this process accepts would never reach a worker.
        getHub().handleError(this, error)
        yield* sleep(this.minDelay)
      }
    }
  }

  private *dispatch(connection: Socket): Coroutine<void> {
    const { transport } = connection.streamOf()
    try {
      if (transport instanceof NetTransport) yield* this.workerSet!.give(transport.netSocket)
    } catch (error) {
      // The server was stopped before a worker was free.
      if (!(error instanceof ProcessError)) throw error
    } finally {
      connection.close()
    }
  }

  /**
   * Replaces the processes one by one, for example after a change to the handler's module. Open connections may continue for
   * `timeout`; no connection is refused in the meantime.
   *
   * @param options `timeout`: milliseconds from 0 up; default `stopTimeout`
   * @throws {OSError} EBADF if the server is not running; {Error} if a new process ends before it is ready: the old one then stays
   */
  restart(options: { timeout?: number | undefined } = {}): Operation<void> {
    const timeout = checkTimeoutFromZero(checkOptions(options).timeout ?? this.stopTimeout) as number
    return new Call<[], void>(() => this.replaceAll(timeout), [])
  }

  private *replaceAll(timeout: number): Coroutine<void> {
    if (!this.started) throw osError('EBADF', 'The server is not started')
    yield* this.workerSet!.restart({ timeout })
  }

  /**
   * Stops listening immediately. Open connections may continue for `timeout`; then the processes are terminated.
   *
   * @param options `timeout`: milliseconds from 0 up; default `stopTimeout`
   * @returns an operation that waits until all processes have ended
   */
  override stop(options: { timeout?: number | undefined } = {}): Operation<void> {
    const timeout = checkTimeoutFromZero(checkOptions(options).timeout ?? this.stopTimeout) as number
    this.socket?.close()
    this.forwarder?.kill({ block: false })
    this._stopped.set()
    this.lastTimeout = timeout
    return (this.workerSet?.stop({ timeout }) ?? new Done()) as Operation<unknown> as Operation<void>
  }

  /**
   * Starts the server if it is not running, and waits until it is stopped. A kill of the waiting greenlet stops the server.
   *
   * @param options `stopTimeout`: the `timeout` of `stop`
   * @throws {OSError} and {Error} the errors of `start`
   */
  serveForever(options: { stopTimeout?: number | undefined } = {}): Operation<void> {
    const timeout = checkTimeoutFromZero(checkOptions(options).stopTimeout, 'stopTimeout') as number | undefined
    return new Call<[], void>(() => this.serveUntilStopped(timeout), [])
  }

  private *serveUntilStopped(timeout: number | undefined): Coroutine<void> {
    try {
      yield* this.start()
      yield* this._stopped.wait()
    } finally {
      const chosen = this.started ? timeout : this.lastTimeout
      yield* this.stop(chosen === undefined ? {} : { timeout: chosen })
    }
  }
}
