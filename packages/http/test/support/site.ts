import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { listen } from './raw-server.ts'

/** A request as received by the site. */
export interface Seen {
  readonly method: string
  /** The request target as received. */
  readonly target: string
  /** Alternating names and values, as received. */
  readonly rawHeaders: readonly string[]
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** The response of `/echo`. */
export interface Echo {
  readonly method: string
  readonly target: string
  readonly headers: Record<string, string>
  readonly rawHeaders: string[]
  readonly body: string
}

/** A site like httpbin, on loopback. */
export interface Site {
  readonly url: string
  readonly host: string
  readonly port: number
  /** The requests, in order. */
  readonly seen: Seen[]
  /** How many connections were made. */
  connections(): number
  /** How many are open. */
  open(): number
  /** The largest number of requests that were being answered at once. */
  mostAtOnce(): number
  close(): Promise<void>
}

type Handler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => unknown

/** Starts a site; `handlers`, by path, take precedence over its own pages. */
export async function startSite(handlers: Readonly<Record<string, Handler>> = {}, tls?: ServerOptions): Promise<Site> {
  const seen: Seen[] = []
  let made = 0
  let open = 0
  let atOnce = 0
  let mostAtOnce = 0
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    atOnce += 1
    mostAtOnce = Math.max(mostAtOnce, atOnce)
    response.once('close', () => (atOnce -= 1))
    const pieces: Buffer[] = []
    request.on('error', () => {})
    for await (const piece of request) pieces.push(piece as Buffer)
    const body = Buffer.concat(pieces)
    const { method = '', url = '', rawHeaders, headers } = request
    seen.push({ method, target: url, rawHeaders, headers, body })
    const path = new URL(url, 'http://site').pathname
    const own = handlers[path]
    if (own !== undefined) await own(request, response, body)
    else page(path, request, response, body)
  }
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch(() => response.destroy())
  }
  const server: Server =
    tls === undefined ? createServer(listener) : (createTlsServer(tls, listener) as unknown as Server)
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket) => {
    made += 1
    open += 1
    socket.once('close', () => (open -= 1))
  })
  server.on('tlsClientError', () => {})
  const port = await listen(server)
  const host = tls === undefined ? '127.0.0.1' : 'localhost'
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host}:${port}`,
    host: `${host}:${port}`,
    port,
    seen,
    connections: () => made,
    open: () => open,
    mostAtOnce: () => mostAtOnce,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const CODINGS: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: gzipSync,
  deflate: deflateSync,
  'deflate-raw': deflateRawSync,
  br: brotliCompressSync,
}

function page(path: string, request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const [, kind = '', first = '', second = ''] = path.split('/')
  const query = new URL(request.url ?? '/', 'http://site').searchParams
  switch (kind) {
    case '':
    case 'echo':
      return void json(response, {
        method: request.method,
        target: request.url,
        headers: request.headers,
        rawHeaders: request.rawHeaders,
        body: body.toString('utf8'),
      })
    case 'status':
      response.writeHead(Number(first))
      response.end()
      return
    case 'relative-redirect':
      return void redirect(response, Number(first) > 1 ? `/relative-redirect/${Number(first) - 1}` : '/echo')
    case 'redirect':
      return void redirect(
        response,
        Number(first) > 1 ? `http://${request.headers.host}/redirect/${Number(first) - 1}` : '/echo',
      )
    case 'redirect-to':
      return void redirect(response, query.get('url') ?? '/', Number(query.get('status') ?? 302))
    case 'cookies':
      if (first === 'set') {
        response.setHeader(
          'Set-Cookie',
          [...query].map(([name, value]) => `${name}=${value}; Path=/`),
        )
        return void redirect(response, '/cookies')
      }
      if (first === 'expire') {
        response.setHeader('Set-Cookie', `${second}=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT`)
        return void redirect(response, '/cookies')
      }
      return void json(response, { cookie: request.headers.cookie ?? '' })
    case 'coding': {
      const bytes = CODINGS[first]!(Buffer.from(JSON.stringify({ coding: first, text: 'x'.repeat(5000) })))
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': first.replace('-raw', '') })
      response.end(bytes)
      return
    }
    case 'bytes':
      response.writeHead(200, { 'Content-Type': 'application/octet-stream' })
      response.end(Buffer.alloc(Number(first), 'x'))
      return
    case 'basic': {
      const wanted = `Basic ${Buffer.from(`${decodeURIComponent(first)}:${decodeURIComponent(second)}`).toString('base64')}`
      if (request.headers.authorization === wanted) return void json(response, { authenticated: true })
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="site"' })
      response.end()
      return
    }
    case 'digest':
      return void digest(first, second, query.get('algorithm') ?? 'MD5', request, response)
    case 'never':
      return
    case 'trickle':
      return void trickle(response)
    default:
      response.writeHead(404, { 'Content-Type': 'text/plain' })
      response.end('Not here')
  }
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify(value))
}

function redirect(response: ServerResponse, location: string, status = 302): void {
  response.writeHead(status, { Location: location })
  response.end('Elsewhere')
}

function trickle(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/plain' })
  const timer = setInterval(() => response.write('.'), 20)
  response.once('close', () => clearInterval(timer))
}

const NAMES: Readonly<Record<string, string>> = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512': 'sha512' }

/** Digest authentication as checked by a server (RFC 7616 section 3.4.1); a nonce is valid until the server forgets it. */
function digest(
  user: string,
  password: string,
  algorithm: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const hash = (text: string): string => createHash(NAMES[algorithm]!).update(text).digest('hex')
  const given = Object.fromEntries(
    [...(request.headers.authorization ?? '').matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)].map(([, name, a, b]) => [
      name,
      a ?? b,
    ]),
  )
  const secret = hash(`${user}:site:${password}`)
  const message = hash(`${request.method}:${request.url}`)
  const wanted = hash(`${secret}:${given.nonce}:${given.nc}:${given.cnonce}:auth:${message}`)
  if (given.response === wanted && given.opaque === 'opaque' && given.uri === request.url) {
    return void json(response, { authenticated: true, nc: given.nc })
  }
  const nonce = randomBytes(8).toString('hex')
  response.writeHead(401, {
    'WWW-Authenticate': `Digest realm="site", qop="auth,auth-int", nonce="${nonce}", opaque="opaque", algorithm=${algorithm}`,
  })
  response.end('Who asks?')
}
