/**
 * An HTTP proxy on plain sockets: requests for http URLs are passed on, CONNECT makes a tunnel for https.
 * `node examples/dist/web-proxy.js PORT`, then `curl --proxy http://127.0.0.1:PORT http://example.org/`
 */
import { attempt, run } from '@greenlit/core'
import { createConnection, OSError, type Socket, StreamServer } from '@greenlit/net'
import { relay } from './proxy/relay.ts'
import { type RequestHead, readRequestHead } from './proxy/request-head.ts'

/** The headers that concern the connection to the proxy only. */
const OWN_HEADERS = /^(?:connection|keep-alive|proxy-[^:]*):/i

function* serve(client: Socket) {
  client.settimeout(30_000)
  const head = yield* readRequestHead(client)
  if (head === undefined) return
  const isTunnel = head.method === 'CONNECT'
  const url = isTunnel ? `http://${head.target}` : head.target
  if (!URL.canParse(url) || !url.startsWith('http://')) return yield* refuse(client, '400 Bad Request')

  const { hostname, port } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '') // an IPv6 address stands in brackets
  const address = [host, Number(port || (isTunnel ? 443 : 80))] as const
  const connected = yield* attempt(createConnection(address, { timeout: 5_000 }))
  if (!connected.ok) {
    console.log(`${head.method} ${head.target} failed: ${connected.error.message}`)
    return yield* refuse(client, '502 Bad Gateway')
  }
  console.log(`${head.method} ${head.target}`)
  using upstream = connected.value
  for (const socket of [client, upstream]) socket.settimeout(undefined)
  if (isTunnel) yield* client.sendall('HTTP/1.1 200 Connection established\r\n\r\n')
  else yield* upstream.sendall(forwardedHead(head))
  yield* upstream.sendall(head.rest)
  yield* relay(client, upstream)
}

/** One request a connection: the server is told to close it after the answer. */
function forwardedHead({ method, target, headers }: RequestHead): Buffer {
  const { pathname, search } = new URL(target)
  const kept = headers.filter((header) => !OWN_HEADERS.test(header))
  return Buffer.from(
    [`${method} ${pathname}${search} HTTP/1.1`, ...kept, 'Connection: close', '', ''].join('\r\n'),
    'latin1',
  )
}

function* refuse(client: Socket, status: string) {
  yield* client.sendall(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
}

const server = new StreamServer(['127.0.0.1', Number(process.argv[2] ?? 8088)], function* (client) {
  try {
    yield* serve(client)
  } catch (error) {
    if (!(error instanceof OSError)) throw error
    console.log(`a connection failed: ${error.message}`)
  }
})

await run(function* () {
  yield* server.start()
  console.log(`listening on port ${server.serverPort}`)
  yield* server.serveForever()
})
