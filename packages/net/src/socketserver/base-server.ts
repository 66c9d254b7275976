import { type Coroutine, Event, GreenletExit, type Operation, spawn } from '@greenlit/core'
import { Call, checkOptions, checkTimeout, checkTimeoutFromZero, Done, now, wrongType } from '@greenlit/core/engine'
import type { Address } from '../address/address.ts'
import { SOCK_STREAM } from '../constants.ts'
import { osError } from '../errors/make.ts'
import { type Overridable, settle } from '../server/overridable.ts'
import { ReadableWait } from '../server/readable-wait.ts'
import type { Socket } from '../socket/socket.ts'
import type { RequestHandlerClass } from './request-handler.ts'
import { RequestSteps } from './request-steps.ts'
import { checkServerAddress } from './server-address.ts'
import { takeRequest } from './take-request.ts'

const EXPECTED_TIMEOUT = 'a number of milliseconds or undefined'

/** A request and the address of its client. */
export type Request<R> = [request: R, clientAddress: Address]

/** Options of the servers' constructors. */
export interface ServerOptions {
  /** Whether `handleRequest` and `serveForever` call `activate` themselves. Default true. */
  bindAndActivate?: boolean | undefined
}

/**
 * The base class of all servers: the serving loop, and the order in which it calls the methods that subclasses override (Python:
 * socketserver.BaseServer). For each request:
 *
 *     getRequest, verifyRequest, processRequest, finishRequest (the handler), shutdownRequest, closeRequest
 *
 * An error in any step is passed to `handleError` and the request is shut down; the server continues. Overridden methods may be
 * coroutines, plain or async functions.
 *
 * @example
 * class Quiet extends TCPServer {
 *   override handleError() {} // by default an error is printed
 * }
 */
export abstract class BaseServer<R = Socket, A extends Address = Address> extends RequestSteps<R> {
  /** The address it listens on: as given, and once bound the actual one. */
  serverAddress: A
  /** How long `handleRequest` waits for a request, in milliseconds. Default: indefinitely. */
  timeout: number | undefined = undefined
  private readonly activatesItself: boolean
  private _activating: Event | null = null
  private closed = false
  private _serving = false
  private _stopRequested = false
  private readonly _shutDown = new Event()
  private _waiting: ReadableWait | null = null
  private _wasReleased = false

  /**
   * @param serverAddress `[host, port]`, or a path for a unix server
   * @param RequestHandlerClass serves each request: a handler class or a function
   * @param options see `ServerOptions`
   * @throws {TypeError} or {RangeError} for an invalid address; {TypeError} if the handler is neither a class nor a function
   */
  constructor(serverAddress: A, RequestHandlerClass: RequestHandlerClass<R>, options: ServerOptions = {}) {
    super(RequestHandlerClass)
    this.serverAddress = checkServerAddress(serverAddress) as A
    this.activatesItself = checkOptions(options).bindAndActivate ?? true
  }

  /** The listening socket. */
  abstract get socket(): Socket

  /** The socket's descriptor number, for `select`; -1 once closed. */
  fileno(): number {
    return this.socket.fileno()
  }

  /**
   * Binds and listens, unless already done; `serverAddress` then has the actual port. If this fails or is killed, the server is
   * closed.
   *
   * @throws {OSError} EADDRINUSE and the like, EBADF once closed
   * @example
   * const server = yield* new TCPServer(['127.0.0.1', 0], Handler).activate()
   */
  activate(): Operation<this> {
    return new Call<[this], this>(activate, [this])
  }

  /** @internal */
  *activateOnce(): Coroutine<void> {
    while (this._activating !== null) yield* this._activating.wait()
    if (this.isActive) return
    this._activating = new Event()
    try {
      if (this.socket.openDescription().localName === undefined) yield* settle(this.serverBind())
      yield* settle(this.serverActivate())
    } catch (error) {
      yield* settle(this.serverClose())
      throw error
    } finally {
      this._activating.set()
      this._activating = null
    }
  }

  /** Whether the socket can receive requests: it listens or, for datagrams, is bound. */
  private get isActive(): boolean {
    const description = this.socket.openDescription()
    return description.type === SOCK_STREAM ? description.isListening : description.localName !== undefined
  }

  /** Binds the socket to `serverAddress`, and sets `serverAddress` to the actual address. May be overridden. */
  abstract serverBind(): Operation<void> | Coroutine<void>

  /** Makes the socket listen. May be overridden. */
  abstract serverActivate(): Operation<void> | Coroutine<void>

  /**
   * Serves requests one at a time until `shutdown` (Python: serve_forever). It may be called again afterwards. Closing the server also
   * ends it.
   *
   * @param options `pollInterval`: the longest time between calls of `serviceActions`, in milliseconds from 0 up. Default 500
   * @throws {OSError} the errors of `activate`; a control error of a handler that runs in the loop
   */
  serveForever(options: { pollInterval?: number | undefined } = {}): Operation<void> {
    const pollInterval = checkTimeoutFromZero(checkOptions(options).pollInterval ?? 500, 'pollInterval') as
      | number
      | undefined
    return new Call<[], void>(() => this.serve(pollInterval), [])
  }

  private *serve(pollInterval: number | undefined): Coroutine<void> {
    this._shutDown.clear()
    this._serving = true
    try {
      yield* this.ready()
      while (!this._stopRequested) {
        yield* settle(this.waitForCapacity())
        if (this._stopRequested || this.closed) break
        const ready = yield* this.readable(pollInterval)
        if (this._stopRequested || this.closed) break
        if (ready) yield* takeRequest(this)
        yield* settle(this.serviceActions())
      }
    } catch (error) {
      if (error instanceof GreenletExit) this.release()
      throw error
    } finally {
      this._serving = false
      this._stopRequested = false
      this._shutDown.set()
    }
  }

  private *ready(): Coroutine<void> {
    if (this.activatesItself) yield* this.activate()
    else if (!this.isActive) {
      throw osError('EINVAL', 'Invalid argument: call serverBind() and serverActivate(), or activate(), before serving')
    }
    if (this._wasReleased) this.socket.ref = true
    this._wasReleased = false
  }

  /** When a signal ends the program, every greenlet is killed: a socket that nobody serves must not keep it alive. */
  private release(): void {
    if (this.socket.fileno() === -1 || !this.socket.ref) return
    this.socket.ref = false
    this._wasReleased = true
  }

  private readable(timeout: number | undefined): Operation<boolean> {
    this._waiting = new ReadableWait(this.socket.openDescription(), timeout)
    return this._waiting
  }

  /** @internal Waits, before the next request is accepted, until the server has capacity for it. */
  waitForCapacity(): Overridable<unknown> {
    return undefined
  }

  /** @internal Whether the loop is about to end. */
  get isStopping(): boolean {
    return this._stopRequested
  }

  /**
   * Ends `serveForever` immediately: no further request is accepted. The operation waits until the loop has ended, so a handler that
   * runs in the loop must not wait for it. A `serveForever` that has been spawned but has not yet run ends too.
   */
  shutdown(): Operation<void> {
    if (this.closed && !this._serving) return new Done() as Operation<void>
    this._stopRequested = true
    this._waiting?.stop()
    return new Call<[Event], void>(untilSet, [this._shutDown])
  }

  /** Called in each iteration of the loop. May be overridden. */
  serviceActions(): Overridable<unknown> {
    return undefined
  }

  /**
   * Serves one request (Python: handle_request). If none arrives within `timeout` or the socket's timeout, calls `handleTimeout`.
   *
   * @throws {OSError} the errors of `activate`, EBADF once closed; {TypeError} if `timeout` is not a number; a control error of the
   *   handler
   */
  handleRequest(): Operation<void> {
    return new Call<[], void>(() => this.handleOne(), [])
  }

  private *handleOne(): Coroutine<void> {
    const timeout = this.timeout ?? Infinity
    if (typeof timeout !== 'number' || Number.isNaN(timeout)) throw wrongType('timeout', EXPECTED_TIMEOUT, timeout)
    yield* this.ready()
    const limit = Math.min(this.socket.gettimeout() ?? Infinity, timeout)
    const deadline = now() + limit
    let remaining = limit
    while (yield* new ReadableWait(this.socket.openDescription(), checkTimeout(remaining))) {
      // Another greenlet may take the request first.
      if (yield* takeRequest(this)) return
      remaining = deadline - now()
    }
    yield* settle(this.handleTimeout())
  }

  /** Called when `handleRequest` times out. May be overridden. */
  handleTimeout(): Overridable<unknown> {
    return undefined
  }

  /** Waits for the next request. May be overridden. */
  abstract getRequest(): Operation<Request<R>> | Coroutine<Request<R>>

  /**
   * Closes the listening socket immediately. May be overridden.
   *
   * @returns an operation that completes immediately, except for servers that wait for their handlers
   */
  serverClose(): Operation<void> | Coroutine<void> {
    this.closed = true
    this.socket.close()
    return new Done() as Operation<void>
  }

  /** Calls `serverClose`. */
  [Symbol.dispose](): void {
    const closing: Overridable<void> = this.serverClose()
    // If it is overridden as a coroutine function, nothing happens until the coroutine runs.
    if (typeof (closing as Partial<Coroutine<void>> | undefined)?.return === 'function') spawn(settle, closing)
  }

  /** Calls `serverClose` and waits. */
  async [Symbol.asyncDispose](): Promise<void> {
    await spawn(settle, this.serverClose())
  }
}

function* activate<S extends { activateOnce(): Coroutine<void> }>(server: S): Coroutine<S> {
  yield* server.activateOnce()
  return server
}

function* untilSet(event: Event): Coroutine<void> {
  yield* event.wait()
}
