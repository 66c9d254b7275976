import type { Socket } from 'node:net'

/** The part of undici's `Client` that the engine uses; the same in versions 7 and 8. */
export interface DispatchClient {
  dispatch(options: DispatchOptions | null, handler: DispatchHandler | PlainHandler | PlainProbe): boolean
  destroy(error: Error | null): Promise<void>
  on(event: 'connect' | 'disconnect', callback: () => void): unknown
}

/** The constructor of a client for an origin. */
export type ClientClass = new (origin: URL, options: Partial<ClientOptions>) => DispatchClient

/** Makes a connection, and passes it to the callback once it is ready. */
export type Connect = (
  options: unknown,
  connected: (...args: [error: null, socket: Socket] | [error: Error, socket: null]) => void,
) => void

export interface ClientOptions {
  connect: Connect
  allowH2: boolean
  pipelining: number
  headersTimeout: number
  bodyTimeout: number
  keepAliveTimeout: number
  keepAliveMaxTimeout: number
  maxHeaderSize: number
}

export interface DispatchOptions {
  method: string
  path: string
  headers: readonly string[]
  body: Uint8Array | AsyncIterable<Uint8Array> | null
  reset: boolean
}

/** Controls the flow of a response. */
export interface DispatchController {
  /** Alternating names and values, as bytes or strings. */
  readonly rawHeaders?: unknown
  pause(): void
  resume(): void
}

/** The callbacks for a request in undici 7 and 8. */
export interface DispatchHandler {
  onRequestStart(controller: DispatchController): void
  onResponseStart(controller: DispatchController, statusCode: number, headers: object, statusMessage?: string): void
  onResponseData(controller: DispatchController, bytes: Uint8Array): void
  onResponseEnd(controller: DispatchController): void
  onResponseError(controller: DispatchController, error: Error): void
}

/**
 * The low-level callbacks of undici 7. It would wrap a `DispatchHandler` in one of these, and build an object of the headers of each
 * response. A callback that returns `false` pauses the response until `resume`.
 */
export interface PlainHandler {
  onConnect(abort: (error?: Error) => void): void
  onHeaders(statusCode: number, rawHeaders: readonly Buffer[], resume: () => void, statusMessage: string): boolean
  onData(bytes: Uint8Array): boolean
  onComplete(): void
  onError(error: Error): void
}

type PlainProbe = Pick<PlainHandler, 'onError'>

/** Whether a client takes a `PlainHandler`: if so, it reports invalid options to `onError`; if not, it throws at such a handler. */
export function takesPlainHandlers(Client: ClientClass): boolean {
  let isTold = false
  try {
    new Client(new URL('http://localhost'), {}).dispatch(null, { onError: () => (isTold = true) })
  } catch {
    // The handler was refused: `isTold` is still false.
  }
  return isTold
}
