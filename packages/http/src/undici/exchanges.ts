import type { EngineRequest } from '../engine/engine.ts'
import type { HeaderPart } from '../engine/framing.ts'
import type { DispatchClient, DispatchController, DispatchHandler, DispatchOptions, PlainHandler } from './client.ts'
import { type ConnectionSource, UndiciExchange } from './undici-exchange.ts'

// The constructors are explicit: implicit ones, which exist where fields have initializers, pass their arguments on as an array.

/** An exchange driven by the controller callbacks of undici 8. */
export class ControlledExchange extends UndiciExchange implements DispatchHandler {
  private controller: DispatchController | undefined

  constructor(connections: ConnectionSource, request: EngineRequest) {
    super(connections, request)
    this.controller = undefined
  }

  protected dispatch(client: DispatchClient, options: DispatchOptions): void {
    client.dispatch(options, this)
  }

  pause(): void {
    this.controller?.pause()
  }

  resume(): void {
    this.controller?.resume()
  }

  onRequestStart(controller: DispatchController): void {
    this.controller = controller
    this.connected()
  }

  onResponseStart(controller: DispatchController, statusCode: number, _headers: object, reason = ''): void {
    this.began(statusCode, reason, (controller.rawHeaders ?? []) as readonly HeaderPart[])
  }

  onResponseData(_controller: DispatchController, bytes: Uint8Array): void {
    this.came(bytes)
  }

  onResponseEnd(): void {
    this.ended()
  }

  onResponseError(_controller: DispatchController, error: Error): void {
    this.broke(error)
  }
}

/** An exchange driven by the low-level callbacks of undici 7. */
export class PlainExchange extends UndiciExchange implements PlainHandler {
  private flows: boolean
  private flowOn: (() => void) | undefined

  constructor(connections: ConnectionSource, request: EngineRequest) {
    super(connections, request)
    this.flows = true
    this.flowOn = undefined
  }

  protected dispatch(client: DispatchClient, options: DispatchOptions): void {
    client.dispatch(options, this)
  }

  pause(): void {
    this.flows = false
  }

  resume(): void {
    if (this.flows) return
    this.flows = true
    this.flowOn!()
  }

  onConnect(): void {
    this.connected()
  }

  onHeaders(statusCode: number, rawHeaders: readonly Buffer[], resume: () => void, reason: string): boolean {
    this.flowOn = resume
    this.began(statusCode, reason, rawHeaders)
    return this.flows
  }

  onData(bytes: Uint8Array): boolean {
    this.came(bytes)
    return this.flows
  }

  onComplete(): void {
    this.ended()
  }

  onError(error: Error): void {
    this.broke(error)
  }
}
