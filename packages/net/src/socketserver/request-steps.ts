import type { Coroutine, Operation } from '@greenlit/core'
import { Call, checkCallable, Done } from '@greenlit/core/engine'
import type { Address } from '../address/address.ts'
import { type Overridable, settle } from '../server/overridable.ts'
import { printRequestError } from './print-request-error.ts'
import { type RequestHandlerClass, serveWith } from './request-handler.ts'

/** The steps in which a server processes a request. */
export abstract class RequestSteps<R> {
  /** Serves each request, or creates a handler that does. */
  RequestHandlerClass: RequestHandlerClass<R>

  constructor(RequestHandlerClass: RequestHandlerClass<R>) {
    checkCallable(RequestHandlerClass, 'RequestHandlerClass')
    this.RequestHandlerClass = RequestHandlerClass
  }

  /** Decides whether to serve a request; if not, it is shut down. May be overridden. */
  verifyRequest(_request: R, _clientAddress: Address): Overridable<boolean> {
    return true
  }

  /** Serves a verified request and shuts it down. The mix-ins override it. */
  processRequest(request: R, clientAddress: Address): Operation<void> | Coroutine<void> {
    return new Call<[], void>(() => this.finishAndShutDown(request, clientAddress), [])
  }

  private *finishAndShutDown(request: R, clientAddress: Address): Coroutine<void> {
    yield* settle(this.finishRequest(request, clientAddress))
    yield* settle(this.shutdownRequest(request))
  }

  /** Creates a handler from `RequestHandlerClass` and runs it. May be overridden. */
  finishRequest(request: R, clientAddress: Address): Operation<void> | Coroutine<void> {
    return new Call<[], void>(() => serveWith(this.RequestHandlerClass, request, clientAddress, this), [])
  }

  /** Shuts a request down and closes it. May be overridden. */
  shutdownRequest(request: R): Operation<void> | Coroutine<void> {
    return new Call<[], void>(() => this.closeAfterAll(request), [])
  }

  private *closeAfterAll(request: R): Coroutine<void> {
    yield* settle(this.closeRequest(request))
  }

  /** Closes a request. May be overridden. */
  closeRequest(_request: R): Overridable<unknown> {
    return new Done()
  }

  /**
   * Called with the error of a request; prints it to standard error as Python does. May be overridden.
   *
   * @param error the error thrown; never a control error or `FatalError`
   */
  handleError(_request: R, clientAddress: Address, error: unknown): Overridable<unknown> {
    printRequestError(clientAddress, error)
    return new Done()
  }
}
