import type {
  Agent,
  ClientRequest,
  IncomingMessage,
  RequestOptions,
  Server,
  ServerOptions,
  ServerResponse,
} from 'node:http'
import type { RequestOptions as SecureRequestOptions, ServerOptions as SecureServerOptions } from 'node:https'
import {
  type Coroutine,
  fromCallback,
  type Green,
  green,
  isControlError,
  type Operation,
  original,
  spawn,
} from '@greenlit/core'
import { Call, checkCallable, checkOptions, show } from '@greenlit/core/engine'
import { checkBytes } from '../bytes.ts'
import { fromNode, osError } from '../errors/make.ts'
import { settle } from '../server/overridable.ts'
import { http, https } from './node-http.ts'
import { type Overlay, overlay } from './overlay.ts'
import { type ServerView, serverView } from './server-view.ts'

/** Options of a request: Node's options and the body. */
export interface BlockingRequestOptions extends Omit<SecureRequestOptions, 'agent'> {
  /** The connection pool; may be an instance of the view's `Agent`. */
  agent?: SecureRequestOptions['agent'] | Green<Agent>
  /** The body to send. Default none. */
  body?: string | Uint8Array | undefined
  /**
   * How long the connection may be idle, in milliseconds, also while the body is read; then `OSError` ETIMEDOUT is thrown. Default
   * unlimited.
   */
  timeout?: number | undefined
}

/** Answers a request: a coroutine, plain or async function. */
export type HttpHandler = (request: Green<IncomingMessage>, response: Green<ServerResponse>) => unknown

/** The members that the views of `node:http` and `node:https` replace. */
export interface BlockingHttp<Options> {
  /** Sends a GET request and waits for the response headers; read the body with `read()` or `iterate()`. */
  get(url: string | URL, options?: BlockingRequestOptions): Operation<Green<IncomingMessage>>
  get(options: BlockingRequestOptions): Operation<Green<IncomingMessage>>
  /** Sends a request with a body and waits for the response headers. */
  request(url: string | URL, options?: BlockingRequestOptions): Operation<Green<IncomingMessage>>
  request(options: BlockingRequestOptions): Operation<Green<IncomingMessage>>
  /** Creates a server that runs the handler in a greenlet for each request. */
  createServer(handler: HttpHandler): ServerView<Server>
  createServer(options: Options, handler: HttpHandler): ServerView<Server>
}

/** `node:http` with calls that block the greenlet. */
export type HttpView = Overlay<Green<typeof http>, BlockingHttp<ServerOptions>>
/** `node:https` with calls that block the greenlet. */
export type HttpsView = Overlay<Green<typeof https>, BlockingHttp<SecureServerOptions>>

/** Creates the view of `node:http`. */
export function httpView(): HttpView {
  return overlay(green(http), blockingHttp<ServerOptions>(http))
}

/** Creates the view of `node:https`. */
export function httpsView(): HttpsView {
  return overlay(green(https), blockingHttp<SecureServerOptions>(https))
}

type Url = string | URL

interface HttpModule<Options> {
  request(url: Url, options: RequestOptions, callback: (response: IncomingMessage) => void): ClientRequest
  request(options: RequestOptions, callback: (response: IncomingMessage) => void): ClientRequest
  createServer(options: Options): Server
}

function blockingHttp<Options extends object>(module: HttpModule<Options>): BlockingHttp<Options> {
  const send = (given: Url | BlockingRequestOptions, options: BlockingRequestOptions = {}, method = {}) => {
    const [url, settings] = isUrl(given) ? [given, checkOptions(options)] : [undefined, given]
    return new Call<[], Green<IncomingMessage>>(() => exchange(module, url, { ...settings, ...method }), [])
  }
  return {
    get: (url: Url | BlockingRequestOptions, options?: BlockingRequestOptions) => send(url, options, { method: 'GET' }),
    request: (url: Url | BlockingRequestOptions, options?: BlockingRequestOptions) => send(url, options),
    createServer(options: Options | HttpHandler, handler?: HttpHandler) {
      const [settings, handle] = typeof options === 'function' ? [{} as Options, options] : [options, handler]
      checkCallable(handle, 'handler')
      const server = module.createServer(settings)
      server.on('request', (request, response) => void spawn(answer, handle!, request, response))
      return serverView(server)
    },
  }
}

function isUrl(given: unknown): given is Url {
  if (typeof given === 'string' || given instanceof URL) return true
  if (typeof given === 'object' && given !== null) return false
  throw new TypeError(`Expected \`url\` to be a string, a URL or options, got ${show(given)}`)
}

function* exchange<Options>(
  module: HttpModule<Options>,
  url: Url | undefined,
  { body, agent, ...options }: BlockingRequestOptions,
): Coroutine<Green<IncomingMessage>> {
  const bytes = body === undefined ? undefined : checkBytes(body, 'body')
  const settings: RequestOptions = agent === undefined ? options : { ...options, agent: original<Agent>(agent) }
  const response = yield* fromCallback<IncomingMessage>((resume) => {
    let response: IncomingMessage | undefined
    const onResponse = (head: IncomingMessage) => {
      response = head
      resume(undefined, head)
    }
    const request = url === undefined ? module.request(settings, onResponse) : module.request(url, settings, onResponse)
    request.on('error', (error) => resume(fromNode(error)))
    request.on('timeout', () => {
      // Once there is a response, it does not tell its reader the error that its request is destroyed with.
      if (response === undefined) request.destroy(osError('ETIMEDOUT'))
      else if (!response.complete) response.destroy(osError('ETIMEDOUT'))
    })
    // The only event if the server switches to another protocol, which nothing here handles.
    request.on('close', () => resume(osError('ECONNRESET')))
    request.end(bytes)
    return () => request.destroy()
  })
  return green(response)
}

function* answer(handler: HttpHandler, request: IncomingMessage, response: ServerResponse): Coroutine<void> {
  try {
    yield* settle(handler(green(request), green(response)))
  } catch (error) {
    if (isControlError(error) || response.headersSent) response.destroy()
    else response.writeHead(500).end()
    throw error
  }
}
