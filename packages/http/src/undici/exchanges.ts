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
    this.headReceived(statusCode, reason, (controller.rawHeaders ?? []) as readonly HeaderPart[])
  }

  onResponseData(_controller: DispatchController, bytes: Uint8Array): void {
    this.dataReceived(bytes)
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
  private isFlowing: boolean
  private resumeResponse: (() => void) | undefined

  constructor(connections: ConnectionSource, request: EngineRequest) {
    super(connections, request)
    this.isFlowing = true
    this.resumeResponse = undefined
  }

  protected dispatch(client: DispatchClient, options: DispatchOptions): void {
    client.dispatch(options, this)
  }

  pause(): void {
    this.isFlowing = false
  }

  resume(): void {
    if (this.isFlowing) return
    this.isFlowing = true
    this.resumeResponse!()
  }

  onConnect(): void {
    this.connected()
  }

  onHeaders(statusCode: number, rawHeaders: readonly Buffer[], resume: () => void, reason: string): boolean {
    this.resumeResponse = resume
    this.headReceived(statusCode, reason, rawHeaders)
    return this.isFlowing
  }

  onData(bytes: Uint8Array): boolean {
    this.dataReceived(bytes)
    return this.isFlowing
  }

  onComplete(): void {
    this.ended()
  }

  onError(error: Error): void {
    this.broke(error)
  }
}
