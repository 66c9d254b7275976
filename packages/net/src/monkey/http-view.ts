import http, { type IncomingMessage, type RequestOptions, type ServerResponse } from 'node:http'
import https from 'node:https'
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
import { Call, checkCallable, show } from '@greenlit/core/engine'
import { fromNode, osError } from '../errors/make.ts'
import { settle } from '../server/overridable.ts'
import { checkBytes } from '../socket/bytes.ts'
import { type Overlay, overlay } from './overlay.ts'
import { type ServerView, serverView } from './server-view.ts'

/** A request of the view: Node's options and the body. */
export interface BlockingRequestOptions extends Omit<https.RequestOptions, 'agent'> {
  /** The pool of connections, also as the view's `Agent` makes it. */
  agent?: https.RequestOptions['agent'] | Green<http.Agent>
  /** What to send. Default nothing. */
  body?: string | Uint8Array
  /** Milliseconds for which the connection may stand still, also while the body is read; then `OSError` ETIMEDOUT. Default without end. */
  timeout?: number
}

/** Answers a request: a coroutine, plain or async. */
export type HttpHandler = (request: Green<IncomingMessage>, response: Green<ServerResponse>) => unknown

/** What the views of `node:http` and `node:https` have in place of Node's own. */
export interface BlockingHttp<Options> {
  /** Sends a GET request and waits for the response's head; read its body with `read()` or `iterate()`. */
  get(url: string | URL, options?: BlockingRequestOptions): Operation<Green<IncomingMessage>>
  get(options: BlockingRequestOptions): Operation<Green<IncomingMessage>>
  /** Sends a request with a body and waits for the response's head. */
  request(url: string | URL, options?: BlockingRequestOptions): Operation<Green<IncomingMessage>>
  request(options: BlockingRequestOptions): Operation<Green<IncomingMessage>>
  /** Makes a server whose handler runs in a greenlet for each request. */
  createServer(handler: HttpHandler): ServerView<http.Server>
  createServer(options: Options, handler: HttpHandler): ServerView<http.Server>
}

/** `node:http` with calls that wait. */
export type HttpView = Overlay<Green<typeof http>, BlockingHttp<http.ServerOptions>>
/** `node:https` with calls that wait. */
export type HttpsView = Overlay<Green<typeof https>, BlockingHttp<https.ServerOptions>>

/** Makes the view of `node:http`. */
export function httpView(): HttpView {
  return overlay(green(http), blockingHttp<http.ServerOptions>(http))
}

/** Makes the view of `node:https`. */
export function httpsView(): HttpsView {
  return overlay(green(https), blockingHttp<https.ServerOptions>(https))
}

type Url = string | URL

interface HttpModule<Options> {
  request(url: Url, options: RequestOptions, callback: (response: IncomingMessage) => void): http.ClientRequest
  request(options: RequestOptions, callback: (response: IncomingMessage) => void): http.ClientRequest
  createServer(options: Options): http.Server
}

function blockingHttp<Options extends object>(module: HttpModule<Options>): BlockingHttp<Options> {
  const send = (given: Url | BlockingRequestOptions, options: BlockingRequestOptions = {}, method = {}) => {
    const [url, settings] = isUrl(given) ? [given, options] : [undefined, given]
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
  const settings: RequestOptions = agent === undefined ? options : { ...options, agent: original<http.Agent>(agent) }
  const response = yield* fromCallback<IncomingMessage>((resume) => {
    const onResponse = (head: IncomingMessage) => resume(undefined, head)
    const request = url === undefined ? module.request(settings, onResponse) : module.request(url, settings, onResponse)
    request.on('error', (error) => resume(fromNode(error)))
    request.on('timeout', () => request.destroy(osError('ETIMEDOUT')))
    // All that comes of another protocol that the server takes up, and nobody here speaks.
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
