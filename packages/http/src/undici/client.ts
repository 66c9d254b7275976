import type { Socket } from 'node:net'

/** What the engine needs of undici's `Client`; the same in its versions 7 and 8. */
export interface DispatchClient {
  dispatch(options: DispatchOptions | null, handler: DispatchHandler | PlainHandler | PlainProbe): boolean
  destroy(error: Error | null): Promise<void>
  on(event: 'connect' | 'disconnect', callback: () => void): unknown
}

/** Makes a client for an origin. */
export type ClientClass = new (origin: URL, options: Partial<ClientOptions>) => DispatchClient

/** Makes a connection, and hands it over once it is ready. */
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

/** How a request is told to wait, and read from. */
export interface DispatchController {
  /** Names and values in turn, as bytes or text. */
  readonly rawHeaders?: unknown
  pause(): void
  resume(): void
}

/** What happens to a request, as undici 7 and 8 tell it. */
export interface DispatchHandler {
  onRequestStart(controller: DispatchController): void
  onResponseStart(controller: DispatchController, statusCode: number, headers: object, statusMessage?: string): void
  onResponseData(controller: DispatchController, bytes: Uint8Array): void
  onResponseEnd(controller: DispatchController): void
  onResponseError(controller: DispatchController, error: Error): void
}

/**
 * The same as undici 7 tells it where nothing is in between: it would wrap a `DispatchHandler` in one of these, and make an object of
 * the headers of each response. What returns `false` makes the server wait until `resume`.
 */
export interface PlainHandler {
  onConnect(abort: (error?: Error) => void): void
  onHeaders(statusCode: number, rawHeaders: readonly Buffer[], resume: () => void, statusMessage: string): boolean
  onData(bytes: Uint8Array): boolean
  onComplete(): void
  onError(error: Error): void
}

type PlainProbe = Pick<PlainHandler, 'onError'>

/** Whether clients of a class take a `PlainHandler`: such a one is told of a mistake, and any other handler refused. */
export function takesPlainHandlers(Client: ClientClass): boolean {
  let isTold = false
  try {
    new Client(new URL('http://localhost'), {}).dispatch(null, { onError: () => (isTold = true) })
  } catch {
    // It is not told: that is the answer.
  }
  return isTold
}
