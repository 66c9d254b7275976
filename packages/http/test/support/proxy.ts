import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import { connect, type Socket } from 'node:net'
import { listen } from './raw-server.ts'

/** A forward proxy that records its requests. */
export interface Proxy {
  readonly url: string
  readonly host: string
  /** The targets of the requested tunnels. */
  readonly tunnels: string[]
  /** The requests in absolute form. */
  readonly forwarded: string[]
  /** The received credentials, in order. */
  readonly credentials: (string | undefined)[]
  /** How many connections to it are open. */
  open(): number
  close(): Promise<void>
}

/** How a proxy behaves: `refuse` is the status for every tunnel, `stall` never responds; with `tls` it is an https proxy. */
interface ProxyOptions {
  readonly refuse?: number
  readonly stall?: boolean
  readonly tls?: ServerOptions
}

/** Starts a proxy. */
export async function startProxy({ refuse, stall, tls }: ProxyOptions = {}): Promise<Proxy> {
  const tunnels: string[] = []
  const forwarded: string[] = []
  const credentials: (string | undefined)[] = []
  const sockets = new Set<Socket>()
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    forwarded.push(request.url ?? '')
    credentials.push(request.headersDistinct['proxy-authorization']?.join())
    forward(request, response)
  }
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
  })
  server.on('connect', (request, client, head) => {
    tunnels.push(request.url ?? '')
    credentials.push(request.headersDistinct['proxy-authorization']?.join())
    if (stall) {
      client.resume()
      client.on('end', () => client.end())
      return
    }
    if (refuse !== undefined) {
      client.end(`HTTP/1.1 ${refuse} Refused\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    const [host, port] = (request.url ?? '').split(':')
    const upstream = connect(Number(port), host === 'localhost' ? '127.0.0.1' : host, () => {
      client.write('HTTP/1.1 200 Connected\r\n\r\n')
      upstream.write(head)
      upstream.pipe(client).pipe(upstream)
    })
    sockets.add(upstream)
    upstream.on('close', () => {
      sockets.delete(upstream)
      client.destroy()
    })
    upstream.on('error', () => client.destroy())
    client.on('close', () => upstream.destroy())
  })
  const port = await listen(server)
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    tunnels,
    forwarded,
    credentials,
    open: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function forward(request: IncomingMessage, response: ServerResponse): void {
  const { 'proxy-authorization': _, ...headers } = request.headers
  const upstream = httpRequest(request.url ?? '', { method: request.method, headers, agent: false }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  upstream.on('error', () => response.destroy())
  request.pipe(upstream)
}
