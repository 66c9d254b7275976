import { type Coroutine, Event, type Greenlet, type Group, type Operation, Pool, spawn } from '@greenlit/core'
import {
  Call,
  checkCallable,
  checkDuration,
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
import { atSamePort, type ListenerAddress, type ListenerOption, parseListener } from './parse-listener.ts'
import type { ServeFunction } from './serve-function.ts'
import { parseSpawn, type SpawnOption } from './spawning.ts'

/** How a server runs its handlers. */
export interface GreenletServerOptions {
  /**
   * How handlers run. 'default': each in its own greenlet. A number or a `Pool`: in a pool of that size; while it is full nothing is
   * accepted. A `Group`: in that group, without a limit. 'raw': each in its own raw greenlet. A function: called to start each handler.
   * 'inline' (or `undefined`, `null`): in the hub, where they must not block; there `send` and `sendall` of a stream work as on a
   * non-blocking socket.
   */
  spawn?: SpawnOption | undefined
}

/**
 * The base class of `StreamServer` and `DatagramServer` (gevent: baseserver.BaseServer).
 *
 * @example
 * function* restart(server: GreenletServer<Socket>) {
 *   yield* server.stop({ timeout: 5_000 })
 *   yield* server.start()
 * }
 */
export abstract class GreenletServer<T, A extends Address = Address> extends AddressedServer<A> {
  /** How long accepting pauses after an error, in milliseconds; doubles with each consecutive error. Default 10. */
  minDelay: number = 10
  /** The longest pause, in milliseconds. Default 1000. */
  maxDelay: number = 1000
  /** How many connections or datagrams to accept before yielding to other greenlets, from 1 up. Default 100. */
  maxAccept: number = 100
  /** How long `stop` waits, unless told otherwise, for handlers in a pool before it kills them, in milliseconds. Default 1000. */
  stopTimeout: number = 1000
  /** The codes of the errors that close the server when accepting fails with them. Default EBADF, EINVAL and ENOTSOCK. */
  fatalErrors: readonly string[] = ['EBADF', 'EINVAL', 'ENOTSOCK']
  private readonly listenAddress: ListenerAddress | undefined
  private readonly givenFamily: number | undefined
  private readonly _acceptor: Acceptor<T>
  private readonly _handlers: Handlers<T>
  private _starting: Event | null = null
  /** Lets a start notice that the server was closed in the meantime. */
  private closeCount = 0
  /** The greenlet that waits for a pool's handlers after `stop`. */
  private draining: Greenlet<void> | undefined
  private ownSocket: Socket | undefined

  /**
   * @param listener see `ListenerOption`; port 0 picks a free port
   * @param handle serves each connection or datagram; a subclass may override the method instead
   * @param options see `GreenletServerOptions`
   * @throws {TypeError} or {RangeError} for an invalid listener, handler or `spawn`
   */
  constructor(listener: ListenerOption, handle: ServeFunction<T> | undefined, options: GreenletServerOptions) {
    const listenAddress = listener instanceof Socket ? undefined : parseListener(listener)
    super((listenAddress?.address ?? (listener as Socket).getsockname()) as A)
    this.listenAddress = listenAddress
    if (listener instanceof Socket) {
      this.ownSocket = listener
      this.givenFamily = listener.family
    }
    this._handlers = new Handlers<T>(this, parseSpawn('spawn' in checkOptions(options) ? options.spawn : 'default'))
    this._acceptor = new Acceptor<T>(this, this._handlers)
    this.setHandle(handle)
  }

  /**
   * Sets the handler for all later connections or datagrams (gevent: set_handle).
   *
   * @param handle as for the constructor; `undefined` keeps the present one
   * @throws {TypeError} if it is not a function, or if `undefined` leaves the server without a handler
   */
  setHandle(handle: ServeFunction<T> | undefined): void {
    if (handle !== undefined) {
      checkCallable(handle, 'handle')
      if (isClass(handle)) {
        throw new TypeError(
          `Expected \`handle\` to be a function of a socket and an address, got the class ${handle.name}: that is for a TCPServer`,
        )
      }
      this.handle = handle
    } else if (this.handle === GreenletServer.prototype.handle) {
      throw new TypeError("'handle' must be provided")
    }
  }

  /**
   * Sets how later handlers run (gevent: set_spawn).
   *
   * @param option see `GreenletServerOptions.spawn`
   * @throws {TypeError} or {RangeError} for anything else
   */
  setSpawn(option: SpawnOption): void {
    this._handlers.spawning = parseSpawn(option)
    // The accept loop may be waiting for the previous pool.
    if (this._acceptor.stop()) this.startAccepting()
  }

  /** The pool that handlers run in, if any. */
  get pool(): Pool | undefined {
    const { group } = this._handlers.spawning
    return group instanceof Pool ? group : undefined
  }

  /** AF_INET, AF_INET6 or AF_UNIX. */
  get family(): number {
    return this.listenAddress?.family ?? this.givenFamily ?? AF_INET
  }

  /** Serves one connection or datagram. May be a coroutine, plain or async function. */
  handle(_value: T, _address: Address): unknown {
    return undefined
  }

  /** @internal Opens the listening socket. */
  abstract _open(listenAddress: ListenerAddress): Coroutine<Socket>

  /** @internal Checks a given socket, and makes it listen if need be. */
  abstract _prepare(socket: Socket): Coroutine<void>

  /** @internal Accepts a pending connection or datagram without waiting; `undefined` if there is none. */
  abstract _take(socket: Socket): Coroutine<[T, Address] | undefined>

  /** @internal Runs the handler. */
  _serve(value: T, address: Address): unknown {
    return this.handle(value, address)
  }

  /** Called when a handler has ended, to close its connection. May be overridden. */
  doClose(_value: T, _address: Address): void {}

  /** The listening socket, while it is open. */
  get socket(): Socket | undefined {
    return this.ownSocket
  }

  /** Whether the server has no open socket: it has not been started yet, or has been closed. */
  get closed(): boolean {
    return this.ownSocket === undefined
  }

  /** The descriptor number of the socket, for `select`; -1 without one. */
  fileno(): number {
    return this.ownSocket?.fileno() ?? -1
  }

  /** Whether to accept nothing for now; by default, whether the pool is full. May be overridden. */
  full(): boolean {
    return this.pool?.full() ?? false
  }

  /**
   * Binds, listens and starts accepting. Does nothing if the server is already running. A server that was given an address can be
   * started again after `stop`, at the same port, or after its start was killed.
   *
   * @throws {OSError} EADDRINUSE and the like; EBADF if the server was given a socket that has been closed; {TypeError} or {RangeError}
   *   if `maxAccept`, `minDelay`, `maxDelay` or `stopTimeout` is invalid
   */
  start(): Operation<void> {
    return new Call<[], void>(() => this.startOnce(), [])
  }

  private *startOnce(): Coroutine<void> {
    while (this._starting !== null) yield* this._starting.wait()
    if (this.started) return
    this.checkSettings()
    const starting = new Event()
    const { closeCount } = this
    this._starting = starting
    try {
      if (this.ownSocket === undefined) yield* this.openAt(closeCount)
      else yield* this._prepare(this.ownSocket)
      if (this.closeCount !== closeCount) return
      this.address = this.ownSocket!.getsockname() as A
      this._stopped.clear()
      this.startAccepting()
    } finally {
      this._starting = null
      starting.set()
    }
  }

  private checkSettings(): void {
    checkWhole(this.maxAccept, 'maxAccept', 1)
    checkDuration(this.minDelay, 'minDelay')
    checkDuration(this.maxDelay, 'maxDelay')
    checkTimeoutFromZero(this.stopTimeout, 'stopTimeout')
  }

  private *openAt(closeCount: number): Coroutine<void> {
    if (this.listenAddress === undefined) throw osError('EBADF')
    const socket = yield* this._open(atSamePort(this.listenAddress, this.address))
    if (this.closeCount === closeCount) this.ownSocket = socket
    else socket.close()
  }

  /** Starts accepting, or resumes after `stopAccepting`. */
  startAccepting(): void {
    if (this.ownSocket !== undefined) this._acceptor.start(this.ownSocket)
  }

  /** Pauses accepting: new connections and datagrams are queued until `startAccepting`. */
  stopAccepting(): void {
    this._acceptor.stop()
  }

  /** Whether an error while accepting closes the server: one of `fatalErrors`. It survives any other. May be overridden. */
  isFatalError(error: unknown): boolean {
    return error instanceof OSError && this.fatalErrors.includes(error.code)
  }

  /**
   * Closes the socket and ends `serveForever`, immediately. Running handlers continue. Closing twice has no effect.
   *
   * @returns an operation that completes immediately
   */
  close(): Operation<void> {
    this.closeCount += 1
    this.stopAccepting()
    const socket = this.ownSocket
    this.ownSocket = undefined
    socket?.close()
    this._stopped.set()
    return new Done() as Operation<undefined> as Operation<void>
  }

  /**
   * Closes the server immediately. Handlers in a pool or group may run for another `timeout` and are then killed; other handlers
   * are left alone.
   *
   * @param options `timeout`: milliseconds from 0 up, Infinity for no limit; default `stopTimeout`
   * @returns an operation that waits until the pool or group is empty
   */
  override stop(options: { timeout?: TimeLimit } = {}): Operation<void> {
    const timeout = checkTimeoutFromZero(checkOptions(options).timeout ?? this.stopTimeout)
    this.close()
    const { group } = this._handlers.spawning
    if (group === undefined || group.size === 0) return new Done() as Operation<undefined> as Operation<void>
    this.draining = spawn(drain, group, timeout)
    return this.draining.join() as Operation<undefined> as Operation<void>
  }

  /**
   * Starts the server if it is not running, and waits until it is stopped. A kill of the waiting greenlet stops the server.
   *
   * @param options `stopTimeout`: the `timeout` of `stop`
   * @throws {OSError} the errors of `start`
   */
  serveForever(options: { stopTimeout?: TimeLimit } = {}): Operation<void> {
    const timeout = checkTimeoutFromZero(checkOptions(options).stopTimeout, 'stopTimeout')
    return new Call<[], void>(() => this.serveUntilStopped(timeout), [])
  }

  private *serveUntilStopped(timeout: TimeLimit): Coroutine<void> {
    try {
      yield* this.start()
      yield* this._stopped.wait()
    } finally {
      // If `stop` has been called, its timeout applies rather than ours.
      if (this.draining?.ready() === false) yield* this.draining.join()
      else yield* this.stop({ timeout })
    }
  }
}

/** Whether a function is a class, which cannot be called without `new`. */
function isClass(fn: unknown): boolean {
  return Object.getOwnPropertyDescriptor(fn, 'prototype')?.writable === false
}

function* drain(group: Pool | Group, timeout: TimeLimit): Coroutine<void> {
  yield* group.join({ timeout })
  yield* group.kill({ timeout: 1000 })
}
