import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { PAGES } from './pages.ts'

/** The site that is crawled when no URL is given. */
export interface Site {
  /** All of its URLs: the pages, one that never answers, one that trickles, a refused port, a name that does not resolve. */
  readonly urls: readonly string[]
  close(): void
}

/** Starts the site on a free port of the loopback interface. */
export async function startSite(): Promise<Site> {
  const server = createServer((request, response) => answer(request.url ?? '/', response))
  const port = await listen(server)
  const root = `http://127.0.0.1:${port}`
  const paths = [...[...PAGES.keys()].filter((path) => path !== '/redirected'), '/never-answers', '/trickles']
  return {
    urls: [
      ...paths.map((path) => root + path),
      `http://127.0.0.1:${await closedPort()}/`,
      'http://no-such-host.invalid/',
    ],
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function answer(path: string, response: ServerResponse): void {
  if (path === '/never-answers') return
  if (path === '/trickles') {
    trickle(response)
    return
  }
  const page = PAGES.get(path) ?? PAGES.get('/missing')!
  response.writeHead(page.status, { ...page.headers, 'content-length': page.body.length })
  response.end(page.body)
}

/** Sends a byte now and then, forever: no single read times out, only the request as a whole. */
function trickle(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/plain' })
  const timer = setInterval(() => response.write('.'), 100)
  response.on('close', () => clearInterval(timer))
}

async function listen(server: Server | TcpServer): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** A port that nothing listens on. */
async function closedPort(): Promise<number> {
  const server = createTcpServer()
  const port = await listen(server)
  server.close()
  await once(server, 'close')
  return port
}
