import { type Coroutine, Event, type Greenlet, type Operation, type Pool, spawn } from '@greenlit/core'
import {
  Call,
  checkCallable,
  checkOptions,
  checkTimeoutFromZero,
  checkWhole,
  Done,
  type TimeLimit,
} from '@greenlit/core/engine'
import type { Address } from '../address/address.ts'
import { AF_INET } from '../constants.ts'
import { osError } from '../errors/make.ts'
import { OSError } from '../errors/os-error.ts'
import { Socket } from '../socket/socket.ts'
import { Acceptor } from './acceptor.ts'
import { AddressedServer } from './addressed-server.ts'
import { Handlers } from './handlers.ts'
import { type ListenerAddress, type ListenerOption, parseListener } from './parse-listener.ts'
import { parseSpawn, type SpawnOption } from './spawning.ts'

/** How a server runs its handlers. */
export interface GreenletServerOptions {
  /**
   * How handlers run: 'default', a greenlet each; a number or a `Pool`, at most so many at a time, and while it is full nothing is
   * accepted; 'raw', a raw greenlet each; a function that starts what it is given; 'inline' (or `undefined`, `null`), in the hub,
   * where nothing may block.
   */
  spawn?: SpawnOption
}

const FATAL = new Set(['EBADF', 'EINVAL', 'ENOTSOCK'])

/** What `StreamServer` and `DatagramServer` have in common (gevent: baseserver.BaseServer). */
export abstract class GreenletServer<T> extends AddressedServer {
  /** How long accepting pauses after a first error, in milliseconds; it doubles from error to error. Default 10. */
  minDelay: number = 10
  /** The longest pause, in milliseconds. Default 1000. */
  maxDelay: number = 1000
  /** How many are accepted before other greenlets get their turn, from 1 up. Default 100. */
  maxAccept: number = 100
  /** How long `stop` lets handlers in a pool go on by default, in milliseconds. Default 1000. */
  stopTimeout: number = 1000
  private readonly where: ListenerAddress | undefined
  private readonly givenFamily: number | undefined
  private readonly acceptor: Acceptor<T>
  private readonly handlers: Handlers<T>
  private starting: Event | null = null
  private closings = 0
  /** Lets the handlers of a pool end. */
  private draining: Greenlet<void> | undefined
  private ownSocket: Socket | undefined

  /**
   * @param listener see `ListenerOption`; port 0 is a free one
   * @param handle serves each; a subclass may override it as a method instead
   * @param options see `GreenletServerOptions`
   * @throws {TypeError} or {RangeError} for another listener, handler or `spawn`
   */
  constructor(
    listener: ListenerOption,
    handle: ((value: T, address: Address) => unknown) | undefined,
    options: GreenletServerOptions,
  ) {
    const where = listener instanceof Socket ? undefined : parseListener(listener)
    super(where?.address ?? (listener as Socket).getsockname())
    this.where = where
    if (listener instanceof Socket) {
      this.ownSocket = listener
      this.givenFamily = listener.family
    }
    this.handlers = new Handlers<T>(this, parseSpawn('spawn' in checkOptions(options) ? options.spawn : 'default'))
    this.acceptor = new Acceptor<T>(this, this.handlers)
    this.setHandle(handle)
  }

  /**
   * Sets the handler; it counts from the next connection or datagram on (gevent: set_handle).
   *
   * @param handle as for the constructor; `undefined` leaves the method that there is
   * @throws {TypeError} for what is no function, and if there is no handler then
   */
  setHandle(handle: ((value: T, address: Address) => unknown) | undefined): void {
    if (handle !== undefined) {
      checkCallable(handle, 'handle')
      this.handle = handle
    } else if (this.handle === GreenletServer.prototype.handle) {
      throw new TypeError("'handle' must be provided")
    }
  }

  /**
   * Sets how handlers run; it counts from the next one on (gevent: set_spawn).
   *
   * @param option see `GreenletServerOptions.spawn`
   * @throws {TypeError} or {RangeError} for anything else
   */
  setSpawn(option: SpawnOption): void {
    this.handlers.spawning = parseSpawn(option)
    // It may be waiting for room in the former pool.
    if (this.acceptor.stop()) this.startAccepting()
  }

  /** The pool that handlers run in, if there is one. */
  get pool(): Pool | undefined {
    return this.handlers.spawning.pool
  }

  /** AF_INET, AF_INET6 or AF_UNIX. */
  get family(): number {
    return this.where?.family ?? this.givenFamily ?? AF_INET
  }

  /** Serves one connection or datagram: a coroutine, plain or async. */
  handle(_value: T, _address: Address): unknown {
    return undefined
  }

  /** @internal Makes the socket that it listens on. */
  abstract open(where: ListenerAddress): Coroutine<Socket>

  /** @internal Makes a socket that was given listen. */
  abstract prepare(socket: Socket): Coroutine<void>

  /** @internal Takes what waits, without waiting itself; `undefined` if there is nothing. */
  abstract take(socket: Socket): Coroutine<[T, Address] | undefined>

  /** @internal Runs the handler. */
  serve(value: T, address: Address): unknown {
    return this.handle(value, address)
  }

  /** Closes what a handler got, once it is done. May be overridden. */
  doClose(_value: T, _address: Address): void {}

  /** The socket that it listens on, while it is open. */
  get socket(): Socket | undefined {
    return this.ownSocket
  }

  /** Whether it has no open socket: it was not started yet, or it was closed. */
  get closed(): boolean {
    return this.ownSocket === undefined
  }

  /** The number of the socket, for `select`; -1 without one. */
  fileno(): number {
    return this.ownSocket?.fileno() ?? -1
  }

  /** Whether nothing is accepted because the pool is full. May be overridden. */
  full(): boolean {
    return this.pool?.full() ?? false
  }

  /**
   * Binds, listens and begins to accept; nothing happens if it serves already. A server with an address may be started again after
   * `stop`, and after a kill of its start.
   *
   * @throws {OSError} EADDRINUSE and its like; EBADF if the socket that it was given is closed
   */
  start(): Operation<void> {
    return new Call<[], void>(() => this.startOnce(), [])
  }

  private *startOnce(): Coroutine<void> {
    while (this.starting !== null) yield* this.starting.wait()
    if (this.started) return
    checkWhole(this.maxAccept, 'maxAccept', 1)
    const starting = new Event()
    const { closings } = this
    this.starting = starting
    try {
      if (this.ownSocket === undefined) yield* this.openAt(closings)
      else yield* this.prepare(this.ownSocket)
      if (this.closings !== closings) return
      this.address = this.ownSocket!.getsockname()
      this.stopped.clear()
      this.startAccepting()
    } finally {
      this.starting = null
      starting.set()
    }
  }

  private *openAt(closings: number): Coroutine<void> {
    if (this.where === undefined) throw osError('EBADF')
    const socket = yield* this.open(this.where)
    if (this.closings === closings) this.ownSocket = socket
    else socket.close()
  }

  /** Begins to accept, or goes on with it after `stopAccepting`. */
  startAccepting(): void {
    if (this.ownSocket !== undefined) this.acceptor.start(this.ownSocket)
  }

  /** Accepts nothing further, for now: what comes waits. */
  stopAccepting(): void {
    this.acceptor.stop()
  }

  /** Whether an error of accepting closes the server: EBADF, EINVAL, ENOTSOCK. After others it goes on. May be overridden. */
  isFatalError(error: unknown): boolean {
    return error instanceof OSError && FATAL.has(error.code)
  }

  /**
   * Closes the socket and ends `serveForever`, at once. Handlers that run go on. Closing twice is fine.
   *
   * @returns an operation with nothing to wait for
   */
  close(): Operation<void> {
    this.closings += 1
    this.stopAccepting()
    const socket = this.ownSocket
    this.ownSocket = undefined
    socket?.close()
    this.stopped.set()
    return new Done() as Operation<undefined> as Operation<void>
  }

  /**
   * Closes the server, at once. Handlers in a pool may go on for `timeout` and are then killed; without a pool they are left alone.
   *
   * @param options `timeout`: milliseconds from 0 up, Infinity for no end; default `stopTimeout`
   * @returns an operation that only waits until the pool is empty
   */
  override stop(options: { timeout?: TimeLimit } = {}): Operation<void> {
    const timeout = checkTimeoutFromZero(checkOptions(options).timeout ?? this.stopTimeout)
    this.close()
    const { pool } = this
    if (pool === undefined || pool.size === 0) return new Done() as Operation<undefined> as Operation<void>
    this.draining = spawn(drain, pool, timeout)
    return this.draining.join() as Operation<undefined> as Operation<void>
  }

  /**
   * Starts the server if need be and waits until it is stopped. A kill of the greenlet that waits stops the server.
   *
   * @param options `stopTimeout`: as `timeout` of `stop`
   * @throws {OSError} as `start` does
   */
  serveForever(options: { stopTimeout?: TimeLimit } = {}): Operation<void> {
    const timeout = checkTimeoutFromZero(checkOptions(options).stopTimeout, 'stopTimeout')
    return new Call<[], void>(() => this.serveUntilStopped(timeout), [])
  }

  private *serveUntilStopped(timeout: TimeLimit): Coroutine<void> {
    try {
      yield* this.start()
      yield* this.stopped.wait()
    } finally {
      // Who has stopped it has said how long handlers may go on.
      if (this.draining?.ready() === false) yield* this.draining.join()
      else yield* this.stop({ timeout })
    }
  }
}

function* drain(pool: Pool, timeout: TimeLimit): Coroutine<void> {
  yield* pool.join({ timeout })
  yield* pool.kill({ timeout: 1000 })
}
